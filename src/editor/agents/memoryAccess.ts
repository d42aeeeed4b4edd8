import * as vscode from "vscode";
import type { MemoryTopic, RememberedNote } from "../../core/agents/agentMemory.ts";
import type { FiledNote } from "../../core/agents/memoryFile.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";

export type NewNote = { topic: MemoryTopic; what: string; where?: string };

/** Memory lies beside the code it speaks of, in the folder at hand. The store loads with its first use. */
export async function openMemory() {
  const folder = (await chooseWorkspaceFolder()).uri.fsPath;
  const store = await import("../../node/agents/memoryStore.ts");
  return {
    path: (agent: string) => store.memoryPath(folder, agent),
    read: (agent: string) => store.readMemory(folder, agent),
    lookAt: (agent: string) => store.lookAtMemory(folder, agent),
    async write(agent: string, note: NewNote): Promise<RememberedNote & { path: string }> {
      requireTrust("writing into the memory of an agent", "changes what the agents are told here");
      const { prepareTrainyardFolder } = await import("../../node/training/runLedger.ts");
      await prepareTrainyardFolder(folder);
      const written = await store.writeNote(folder, agent, { ...note, date: localDay(new Date()) });
      return { ...written, path: store.memoryPath(folder, agent) };
    },
    forget: (agent: string, note: FiledNote) => store.forgetNote(folder, agent, note),
    restore: (agent: string, note: FiledNote) => store.restoreNote(folder, agent, note),
  };
}

/**
 * The memory for an agent's prompt from every open folder; empty without any, and in Restricted Mode, where a
 * workspace has no say in what a model is told. A file that cannot be read is named in it and ends no answer.
 */
export async function readMemoryForPrompt(agent: string): Promise<string> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (!vscode.workspace.isTrusted || folders.length === 0) {
    return "";
  }
  const { lookAtMemory } = await import("../../node/agents/memoryStore.ts");
  const { MAX_MEMORY_CHARACTERS } = await import("../../core/agents/agentMemory.ts");
  const { memoryForPrompt } = await import("../../core/agents/memoryFile.ts");
  const readings = await Promise.all(folders.map(({ uri }) => lookAtMemory(uri.fsPath, agent)));
  return readings
    .map((reading) =>
      reading.kind === "read"
        ? memoryForPrompt(agent, reading.memory, MAX_MEMORY_CHARACTERS)
        : `What you remember could not be read, so tell the person: ${reading.reason}`,
    )
    .filter((text) => text !== "")
    .join("\n");
}

/** A day as the person's calendar has it, `YYYY-MM-DD`. */
function localDay(date: Date): string {
  const parts = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return [date.getFullYear(), ...parts].join("-");
}
