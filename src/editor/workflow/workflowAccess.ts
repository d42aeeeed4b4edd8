import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import { describeCall } from "../../core/tools/describeCall.ts";
import type { AgentWrite, WorkflowPorts } from "../../core/tools/workflow.ts";
import { renderStatus } from "../../core/workflow/renderDocuments.ts";
import { refuseWrite } from "../../core/workflow/transition.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { holderOf } from "./agentPasses.ts";
import { excludedFiles } from "./projectFiles.ts";
import { askToReplace } from "./replaceQuestion.ts";
import { now, type OpenWorkflow, type WorkflowDesk } from "./workflowDesk.ts";

const MAX_LISTED = 300;
const NOT_LISTED = excludedFiles(".trainyard/runs");

const WORKFLOW_TOOL = "trainyard_workflow";

/** A call in the chat outside of a workflow: refused before any tool heard of it, or declined by the person. */
export type FreeCall = { agent: string; tool: string; input: object; outcome: "refused" | "declined" };

/** What the tool `trainyard_workflow` does in this window. */
export function workflowAccess(desk: WorkflowDesk): WorkflowPorts {
  return {
    async describeWorkflows() {
      const { workflows } = await desk.contents();
      const texts = workflows.map(({ state }) => `${state.id}: ${state.task}\n${renderStatus(state)}`);
      return texts.length === 0 ? "There are no guided workflows in this workspace." : texts.join("\n\n");
    },

    async noteRefusal({ agent = "a model in the chat", pass, attempt, reason }) {
      const workflow = await concernedWorkflow(desk, pass);
      if (workflow !== undefined) {
        await desk.note(workflow, { attempt, reason }, { kind: "agent", name: oneLine(agent, 60) });
      }
    },

    async listFiles(pattern, pass) {
      const folder = await folderOf(desk, pass);
      const uris = await vscode.workspace.findFiles(
        new vscode.RelativePattern(folder, pattern),
        NOT_LISTED,
        MAX_LISTED,
      );
      return uris.map((uri) => vscode.workspace.asRelativePath(uri, false)).toSorted();
    },

    async readFile(path, pass) {
      const { readProjectFile } = await import("../../node/workflow/readProjectFile.ts");
      return readProjectFile((await folderOf(desk, pass)).uri.fsPath, path);
    },

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

/** Leaves a line of a call that a model in the free chat made, or would have made, and that came to nothing. */
export async function noteFreeCall(desk: WorkflowDesk, { agent, tool, input, outcome }: FreeCall): Promise<void> {
  const [workflow] = await desk.unfinished();
  if (workflow === undefined || (outcome === "declined" && tool !== WORKFLOW_TOOL)) {
    return;
  }
  const attempt = describeCall(tool, input, `@${oneLine(agent, 60)} in the free chat`);
  await (outcome === "declined"
    ? desk.note(workflow, { attempt, reason: "The person declined it." })
    : desk.note(workflow, { attempt, reason: `@${agent} does not have this tool.` }, { kind: "agent", name: agent }));
}

/** The workflow whose agent holds the pass; else the one that changed last of those under way. */
async function concernedWorkflow(desk: WorkflowDesk, pass: string | undefined): Promise<OpenWorkflow | undefined> {
  const atWork = holderOf(pass);
  return atWork === undefined ? (await desk.unfinished())[0] : desk.find(atWork.workflow);
}

/** The workflow that an agent writes for: the one that has put this very agent to work. Refuses everybody else. */
async function workflowOf(desk: WorkflowDesk, { agent, pass }: AgentWrite): Promise<OpenWorkflow> {
  const workflow = await concernedWorkflow(desk, pass);
  if (workflow === undefined) {
    throw new UserError("No guided workflow is under way, so its tool writes nothing.");
  }
  if (holderOf(pass)?.agent !== agent) {
    throw new UserError(
      refuseWrite(workflow.state, agent) ??
        `${agent} writes only while the workflow has it at work, and this call is not from there. Tell the person what you would have written.`,
    );
  }
  return workflow;
}

/** A model is not asked which folder it means, nor the person, where a workflow says it. */
async function folderOf(desk: WorkflowDesk, pass: string | undefined): Promise<vscode.WorkspaceFolder> {
  const isOne = (vscode.workspace.workspaceFolders ?? []).length <= 1;
  const workflow = isOne ? undefined : await concernedWorkflow(desk, pass);
  return workflow?.folder ?? chooseWorkspaceFolder();
}
