import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import type { AgentWrite, WorkflowPorts } from "../../core/tools/workflow.ts";
import { renderStatus } from "../../core/workflow/renderDocuments.ts";
import { refuseWrite } from "../../core/workflow/transition.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { excludedFiles } from "./excludedFiles.ts";
import { askToReplace } from "./replaceQuestion.ts";
import { now, type OpenWorkflow, type WorkflowDesk } from "./workflowDesk.ts";

const MAX_LISTED = 300;
const MAX_READ_BYTES = 400_000;
const NOT_LISTED = excludedFiles(".trainyard/runs");

/** What the tool `trainyard_workflow` does in this window. */
export function workflowAccess(desk: WorkflowDesk): WorkflowPorts {
  return {
    async describeWorkflows() {
      const { workflows } = await desk.contents();
      const texts = workflows.map(({ state }) => `${state.id}: ${state.task}\n${renderStatus(state)}`);
      return texts.length === 0 ? "There are no guided workflows in this workspace." : texts.join("\n\n");
    },

    async noteOtherAction({ action, agent = "a model in the chat" }) {
      const [workflow] = await desk.unfinished();
      if (workflow !== undefined) {
        const attempt = `call trainyard_workflow ${oneLine(action, 100)} by ${oneLine(agent, 60)}`;
        const reason = "Only the person moves a workflow.";
        await desk.note(workflow, { attempt, reason }, { kind: "agent", name: oneLine(agent, 60) });
      }
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
      const { planAgentWrite } = await import("../../node/workflow/agentWrite.ts");
      return planAgentWrite(workflow.folder.uri.fsPath, write.path, workflow.state.files);
    },

    async askToReplace(write, earlier) {
      const workflow = await workflowOf(desk, write);
      if (await askToReplace(workflow.folder, write, earlier)) {
        return true;
      }
      await desk.note(workflow, {
        attempt: `replace ${write.path} by agent ${write.agent}`,
        reason: "The person did not let it.",
      });
      return false;
    },

    async write(write, shown) {
      const { store, state, folder } = await workflowOf(desk, write);
      const { writeForAgent } = await import("../../node/workflow/agentWrite.ts");
      return writeForAgent({ store, id: state.id, workspaceFolder: folder.uri.fsPath, at: now() }, write, shown);
    },
  };
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
