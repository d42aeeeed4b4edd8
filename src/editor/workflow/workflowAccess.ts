import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { AgentWrite, WorkflowPorts } from "../../core/tools/workflow.ts";
import { renderStatus } from "../../core/workflow/renderDocuments.ts";
import { refuseWrite } from "../../core/workflow/transition.ts";
import type { WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { now, type OpenWorkflow, type WorkflowDesk } from "./workflowDesk.ts";

const MAX_LISTED = 300;
const MAX_READ_BYTES = 400_000;
const NOT_LISTED = "{**/node_modules/**,**/.venv/**,**/venv/**,**/.git/**,**/.trainyard/runs/**,**/__pycache__/**}";

/** What the tool `trainyard_workflow` does in this window. */
export function workflowAccess(desk: WorkflowDesk): WorkflowPorts {
  return {
    async describeWorkflows() {
      const { workflows } = await desk.contents();
      const texts = workflows.map(({ state }) => `${state.id}: ${state.task}\n${renderStatus(state)}`);
      return texts.length === 0 ? "There are no guided workflows in this workspace." : texts.join("\n\n");
    },

    async listFiles(pattern) {
      const folder = await chooseWorkspaceFolder();
      const uris = await vscode.workspace.findFiles(
        new vscode.RelativePattern(folder, pattern),
        NOT_LISTED,
        MAX_LISTED,
      );
      return uris.map((uri) => vscode.workspace.asRelativePath(uri, false)).toSorted();
    },

    readFile: readProjectFile,

    async planWrite(write) {
      const workflow = await workflowOf(desk, write);
      const refusal = refuseWrite(workflow.state, write.agent);
      if (refusal !== undefined) {
        return { refusal };
      }
      const located = await locate(workflow, write);
      return typeof located === "string" ? { refusal: located } : { earlier: await textOf(located.file) };
    },

    write: (write) => writeForAgent(desk, write),
  };
}

/** Noted in the journal first, where the phase and the agent are checked, and only then written. */
async function writeForAgent(desk: WorkflowDesk, write: AgentWrite): Promise<{ path: string }> {
  const workflow = await workflowOf(desk, write);
  const located = await locate(workflow, write);
  const { hashText } = await import("../../node/workflow/workflowSeal.ts");
  const note = async (event: WorkflowEvent) =>
    workflow.store.apply(workflow.state.id, { event, by: { kind: "agent", name: write.agent }, at: now() });
  if (typeof located === "string") {
    await note({ kind: "refused", attempt: `write ${write.path} by agent ${write.agent}`, reason: located });
    throw new UserError(located);
  }
  const hash = hashText(write.content);
  const { refusal } = await note({ kind: "file-written", agent: write.agent, path: located.path, hash });
  if (refusal !== undefined) {
    throw new UserError(refusal);
  }
  const { writeAgentFile } = await import("../../node/workflow/workflowDocuments.ts");
  await writeAgentFile(located.file, write.content);
  return { path: located.path };
}

/** The workflow in which this agent may write, else the one at work, in whose journal the refusal belongs. */
async function workflowOf(desk: WorkflowDesk, { agent }: AgentWrite): Promise<OpenWorkflow> {
  const open = await desk.unfinished();
  const workflow = open.find(({ state }) => refuseWrite(state, agent) === undefined) ?? open[0];
  if (workflow === undefined) {
    throw new UserError("No guided workflow is under way, so its tool writes nothing.");
  }
  return workflow;
}

/** Where the file lies, or why an agent does not write there. */
async function locate(workflow: OpenWorkflow, { path }: AgentWrite): Promise<{ path: string; file: string } | string> {
  const { locateAgentFile } = await import("../../node/workflow/workflowDocuments.ts");
  try {
    return await locateAgentFile(workflow.folder.uri.fsPath, path);
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  const { readDocument } = await import("../../node/workflow/workflowDocuments.ts");
  return readDocument("/", file);
}

async function readProjectFile(path: string): Promise<string> {
  const folder = await chooseWorkspaceFolder();
  const { resolveInsideWorkspace } = await import("../../node/base/workspacePath.ts");
  const uri = vscode.Uri.file(await resolveInsideWorkspace(folder.uri.fsPath, path));
  let size: number;
  try {
    ({ size } = await vscode.workspace.fs.stat(uri));
  } catch (cause) {
    throw new UserError(`There is no file ${path} in this workspace.`, { cause });
  }
  if (size > MAX_READ_BYTES) {
    throw new UserError(`${path} has ${size} bytes, which is too long to be read here. Read a smaller file.`);
  }
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  if (text.includes("\0")) {
    throw new UserError(`${path} is no text file.`);
  }
  return text;
}
