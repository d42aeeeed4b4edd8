import * as vscode from "vscode";
import { UserError } from "./core/base/errors.ts";
import type { ToolPorts } from "./core/tools/toolCatalog.ts";
import { reportError } from "./editor/base/reportError.ts";
import { chooseWorkspaceFolder } from "./editor/base/workspace.ts";
import type { ToolDeps } from "./editor/tools/registerTools.ts";
import { curvesPanels, type Manifest, type WindowParts, workspaceFolders } from "./wiring.ts";

/** What the tools of language models do in this window. */
export function toolDependencies(window: WindowParts, { contributes }: Manifest): ToolDeps {
  // One set of tools for the life of the window: a tool remembers between its question and its run what was agreed to.
  let tools: ReturnType<ToolDeps["load"]> | undefined;
  return {
    names: contributes.languageModelTools.map(({ name }) => name),
    load: () => (tools ??= loadWindowTools(window)),
    reportBug: (error) => void reportError(error, "A tool"),
  };
}

async function loadWindowTools(window: WindowParts): ReturnType<ToolDeps["load"]> {
  const { loadTools } = await import("./editor/tools/toolPorts.ts");
  return loadTools({
    extensionFolder: window.extensionFolder,
    workspaceFolders,
    async listRuns() {
      await window.runs.refresh();
      return window.runs.known.runs;
    },
    launch: launchPorts(window),
    flows: {
      async outline(file) {
        await requireInWorkspace(file);
        const { outlineOfNamed } = await import("./editor/metaflow/flowPlace.ts");
        return outlineOfNamed(file);
      },
      async countGpus(signal) {
        const { usableGpus } = await import("./editor/metaflow/usableGpus.ts");
        return (await usableGpus(signal)).length;
      },
    },
    async openFlowRuns() {
      return (await import("./editor/metaflow/flowRunAccess.ts")).openFlowRuns(workspaceFolders());
    },
    async collectFacts(signal) {
      const { collectFacts } = await import("./editor/knowledge/workspaceFacts.ts");
      const { reply, facts } = await collectFacts(signal);
      return { text: reply.markdown, data: facts };
    },
    readSummaries: async (run) => (await curvesPanels(window)).readSummaries(run),
    readLogs: async (folder) => (await curvesPanels(window)).readFolder(folder),
    diagnoseRun: async (run) => (await import("./editor/training/diagnosis.ts")).diagnose(run),
    change: {
      async checkChange(scope, signal) {
        return (await import("./editor/agents/changeCheck.ts")).checkUncommitted(scope, signal);
      },
    },
    workflow: (await import("./editor/workflow/workflowAccess.ts")).workflowAccess(window.workflows),
    memory: {
      async writeNote(agent, note) {
        const { openMemory } = await import("./editor/agents/memoryAccess.ts");
        return (await openMemory()).write(agent, note);
      },
    },
  });
}

/** A model may start what is in the workspace; anything else is for the person to start. */
async function requireInWorkspace(script: string | undefined): Promise<void> {
  const { locatePath } = await import("./node/checkpoints/locatePath.ts");
  if (script !== undefined && !(await locatePath(script, workspaceFolders())).isInWorkspace) {
    throw new UserError(
      `${script} is outside of the workspace. Only scripts of the workspace can be started by a tool.`,
    );
  }
}

const loadStart = () => import("./editor/training/startTraining.ts");

function launchPorts({ program, runs, agents }: WindowParts): ToolPorts["launch"] {
  return {
    async plan(request, signal) {
      const folder = await chooseWorkspaceFolder();
      await requireInWorkspace(request.script);
      const { plan } = await (await loadStart()).planTraining(request, folder, signal);
      return { plan, workspaceFolder: folder.uri.fsPath };
    },
    async judge(plan, workspaceFolder, signal) {
      const { judgePlan } = await import("./editor/training/judgeLaunch.ts");
      return await judgePlan(plan, workspaceFolder, { loadCatalog: () => agents.load(), signal });
    },
    async launch(plan, workspaceFolder) {
      const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(workspaceFolder));
      if (!folder) {
        throw new UserError(`${workspaceFolder} is not open any more. Nothing was started.`);
      }
      const runId = await (await loadStart()).launchPlan({ plan, request: {}, folder }, program);
      await runs.refresh();
      return runId;
    },
  };
}
