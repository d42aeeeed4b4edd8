import { UserError } from "../../core/base/errors.ts";
import { NotedRefusal } from "../../core/tools/notedRefusal.ts";
import type { AgentWrite, PlannedWrite, ShownFile } from "../../core/tools/workflow.ts";
import type { Actor } from "../../core/workflow/workflowEvent.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";
import { locateAgentFile, readAgentFile, writeAgentFile } from "./agentFiles.ts";
import { hashText } from "./workflowSeal.ts";
import type { WorkflowStore } from "./workflowStore.ts";

type Place = { store: WorkflowStore; id: string; workspaceFolder: string; at: string };

/**
 * Writes a file of the project for an agent: noted in the journal first, where the phase and the agent are checked, and only
 * then written. Throws a UserError where the agent may not write, the path is closed to it, the file is not any more what the
 * person was shown, or the file system refuses; a NotedRefusal where the journal has its line already.
 */
export async function writeForAgent(place: Place, write: AgentWrite, shown: ShownFile): Promise<{ path: string }> {
  const { store, id, workspaceFolder, at } = place;
  const by: Actor = { kind: "agent", name: write.agent };
  const found = await lookAt(workspaceFolder, write.path);
  if ("refusal" in found) {
    const attempt = `write ${write.path} by agent ${write.agent}`;
    await store.apply(id, { event: { kind: "refused", attempt, reason: found.refusal }, by, at });
    throw new NotedRefusal(found.refusal);
  }
  const { path, file } = found;
  const event = { kind: "file-written" as const, agent: write.agent, path, hash: hashText(write.content) };
  const { refusal } = await store.apply(id, { event, by, at }, () => refuseChanged(workspaceFolder, write, shown));
  if (refusal !== undefined) {
    throw new NotedRefusal(refusal);
  }
  await writeAgentFile(file, write.content);
  return { path };
}

/** Looks once more where the file lies: a folder of its path may have become a link since the person was asked. */
async function refuseChanged(workspaceFolder: string, { path }: AgentWrite, shown: ShownFile) {
  const now = await lookAt(workspaceFolder, path);
  if ("refusal" in now) {
    return now.refusal;
  }
  return now.earlier === shown.earlier
    ? undefined
    : `${now.path} has changed since the person was asked, so nothing was written. Read it again, and write what fits it now.`;
}

/**
 * What a write would replace, or why an agent does not write there. `written`: the files that agents of the workflow have
 * written, with their hashes; one that a person has changed since is the person's again.
 */
export async function planAgentWrite(
  workspaceFolder: string,
  path: string,
  written: WorkflowState["files"],
): Promise<PlannedWrite | { refusal: string }> {
  const found = await lookAt(workspaceFolder, path);
  if ("refusal" in found) {
    return found;
  }
  const { earlier } = found;
  return { earlier, isOfPerson: earlier !== undefined && written[found.path] !== hashText(earlier) };
}

type Found = { path: string; file: string; earlier: string | undefined };

/** A place that an agent may write to and what it holds, or why nothing is written there. */
async function lookAt(workspaceFolder: string, given: string): Promise<Found | { refusal: string }> {
  try {
    const { path, file } = await locateAgentFile(workspaceFolder, given);
    return { path, file, earlier: await readAgentFile(file, path) };
  } catch (error) {
    if (error instanceof UserError) {
      return { refusal: error.message };
    }
    throw error;
  }
}
