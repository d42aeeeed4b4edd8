import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type MemoryTopic, type RememberedNote, remember, restore, without } from "../../core/agents/agentMemory.ts";
import { agentFileStem } from "../../core/agents/agentName.ts";
import { type AgentMemory, type FiledNote, parseMemory, renderMemory } from "../../core/agents/memoryFile.ts";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileLock } from "../base/fileLock.ts";
import { describeWriteFailure } from "../base/writeNewFile.ts";

/** A person may write more than an agent keeps; beyond this it is some other file. */
const MAX_FILE_BYTES = 1_000_000;

/** The file that an agent's memory lies in, whatever it is called. */
export function memoryPath(workspaceFolder: string, agent: string): string {
  return join(workspaceFolder, ".trainyard", "memory", `${agentFileStem(agent)}.md`);
}

/** What an agent remembers, nothing when it has no file yet; or a sentence that says why its file cannot be read. */
export type MemoryReading = { kind: "read"; memory: AgentMemory } | { kind: "unreadable"; reason: string };

export async function lookAtMemory(workspaceFolder: string, agent: string): Promise<MemoryReading> {
  const path = memoryPath(workspaceFolder, agent);
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) {
      const reason = `${path} is larger than ${MAX_FILE_BYTES / 1_000_000} MB. Shorten it, then try again.`;
      return { kind: "unreadable", reason };
    }
    return { kind: "read", memory: parseMemory(await readFile(path, "utf8")) };
  } catch (error) {
    return errorCode(error) === "ENOENT"
      ? { kind: "read", memory: parseMemory("") }
      : { kind: "unreadable", reason: `${path} cannot be read: ${messageOf(error)}.` };
  }
}

/** The same; throws a UserError when the file cannot be read. */
export async function readMemory(workspaceFolder: string, agent: string): Promise<AgentMemory> {
  const reading = await lookAtMemory(workspaceFolder, agent);
  if (reading.kind === "unreadable") {
    throw new UserError(reading.reason);
  }
  return reading.memory;
}

/** Writes one note; see `remember` for what it refuses and what leaves. Two windows can write at once. */
export async function writeNote(
  workspaceFolder: string,
  agent: string,
  note: { topic: MemoryTopic; what: string; where?: string; date: string },
): Promise<RememberedNote> {
  return changeMemory(workspaceFolder, agent, (memory) => remember(memory, agent, note));
}

/** Removes one note; a note that is gone already is no error. */
export async function forgetNote(workspaceFolder: string, agent: string, note: FiledNote): Promise<void> {
  await changeMemory(workspaceFolder, agent, (memory) => ({ memory: without(memory, [note]) }));
}

/** Undoes `forgetNote`. */
export async function restoreNote(workspaceFolder: string, agent: string, note: FiledNote): Promise<void> {
  await changeMemory(workspaceFolder, agent, (memory) => ({ memory: restore(memory, agent, note) }));
}

async function changeMemory<Change extends { memory: AgentMemory }>(
  workspaceFolder: string,
  agent: string,
  change: (memory: AgentMemory) => Change,
): Promise<Change> {
  const path = memoryPath(workspaceFolder, agent);
  try {
    return await withFileLock(path, async () => {
      const memory = await readMemory(workspaceFolder, agent);
      const changed = change(memory);
      if (changed.memory !== memory) {
        await writeFileAtomically(path, renderMemory(changed.memory));
      }
      return changed;
    });
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(describeWriteFailure(error, path), { cause: error });
  }
}
