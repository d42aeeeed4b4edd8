import { UserError } from "../../core/base/errors.ts";
import type { AgentWrite, PlannedWrite, ShownFile } from "../../core/tools/workflow.ts";
import type { Actor } from "../../core/workflow/workflowEvent.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";
import { locateAgentFile, readAgentFile, writeAgentFile } from "./workflowDocuments.ts";
import { hashText } from "./workflowSeal.ts";
import type { WorkflowStore } from "./workflowStore.ts";

type Place = { store: WorkflowStore; id: string; workspaceFolder: string; at: string };

/**
 * Writes a file of the project for an agent: noted in the journal first, where the phase and the agent are checked, and only
 * then written. Throws a UserError, with a line in the journal, where the agent may not write, the path is closed to it, or the
 * file is not any more what the person was shown.
 */
export async function writeForAgent(place: Place, write: AgentWrite, shown: ShownFile): Promise<{ path: string }> {
  const { store, id, workspaceFolder, at } = place;
  const by: Actor = { kind: "agent", name: write.agent };
  const located = await locate(workspaceFolder, write.path);
  if (typeof located === "string") {
    const attempt = `write ${write.path} by agent ${write.agent}`;
    await store.apply(id, { event: { kind: "refused", attempt, reason: located }, by, at });
    throw new UserError(located);
  }
  const event = {
    kind: "file-written" as const,
    agent: write.agent,
    path: located.path,
    hash: hashText(write.content),
  };
  const { refusal } = await store.apply(id, { event, by, at }, () => refuseChanged(workspaceFolder, write, shown));
  if (refusal !== undefined) {
    throw new UserError(refusal);
  }
  await writeAgentFile(located.file, write.content);
  return { path: located.path };
}

/** Looks once more where the file lies: a folder of its path may have become a link since the person was asked. */
async function refuseChanged(workspaceFolder: string, { path }: AgentWrite, shown: ShownFile) {
  const located = await locate(workspaceFolder, path);
  if (typeof located === "string") {
    return located;
  }
  return (await readAgentFile(located.file)) === shown.earlier
    ? undefined
    : `${located.path} has changed since the person was asked, so nothing was written. Read it again, and write what fits it now.`;
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
  const located = await locate(workspaceFolder, path);
  if (typeof located === "string") {
    return { refusal: located };
  }
  const earlier = await readAgentFile(located.file);
  return { earlier, isOfPerson: earlier !== undefined && written[located.path] !== hashText(earlier) };
}

async function locate(workspaceFolder: string, path: string): Promise<{ path: string; file: string } | string> {
  try {
    return await locateAgentFile(workspaceFolder, path);
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
}
