import * as path from "node:path";
import type * as vscode from "vscode";
import { commandTable } from "./commandWiring.ts";
import { registerAgentsView } from "./editor/agents/agentsView.ts";
import { registerMcpServers } from "./editor/agents/mcp.ts";
import { registerAgentEditing } from "./editor/agents/registerAgentEditing.ts";
import { registerCommands } from "./editor/base/commands.ts";
import { disposeLog, log } from "./editor/base/log.ts";
import { reportError, showError } from "./editor/base/reportError.ts";
import { registerShownTexts } from "./editor/base/shownText.ts";
import { registerChat } from "./editor/chat/registerChat.ts";
import { registerCheckpointBadges } from "./editor/checkpoints/checkpointBadges.ts";
import { registerCheckpointEditor } from "./editor/checkpoints/checkpointEditor.ts";
import { registerCheckpointWatching } from "./editor/checkpoints/registerCheckpointWatching.ts";
import { registerCurvesRestoring } from "./editor/dashboard/curvesRestoring.ts";
import { registerFirstCurves } from "./editor/dashboard/firstCurves.ts";
import { registerRunsView } from "./editor/dashboard/runsView.ts";
import { registerFlowRunTree } from "./editor/metaflow/flowRunTree.ts";
import { registerFlowEditing } from "./editor/metaflow/registerFlowEditing.ts";
import { registerTools } from "./editor/tools/registerTools.ts";
import { registerAlarmNotices } from "./editor/training/alarmNotices.ts";
import { registerEndOfRun } from "./editor/training/endOfRun.ts";
import { registerMlChecks } from "./editor/training/mlChecks.ts";
import { registerOrphanAdoption } from "./editor/training/orphanAdoption.ts";
import { registerRunContext } from "./editor/training/runContext.ts";
import { registerRunTasks } from "./editor/training/runTasks.ts";
import { registerRunStatusBar } from "./editor/training/statusBar.ts";
import { registerWorkflowContext } from "./editor/workflow/workflowContext.ts";
import { registerWorkflowDiagnostics } from "./editor/workflow/workflowDiagnostics.ts";
import { registerWorkflowView } from "./editor/workflow/workflowView.ts";
import { toolDependencies } from "./toolWiring.ts";
import {
  agentEditing,
  agentsView,
  chatRegistration,
  curvesPanels,
  openWindow,
  reachableHandoffs,
  runsViewSource,
  showFirstCurves,
  workflowSpelling,
} from "./wiring.ts";

const onError = (error: unknown) => void reportError(error, "Watching runs and checkpoints");

const onFlowError = (error: unknown) => void reportError(error, "Reading a flow");

const onCheckError = (error: unknown) => void reportError(error, "Checking machine-learning code");

const onWorkflowError = (error: unknown) => void reportError(error, "Reading the workflows");

/** The table of contents of the extension. Nothing here reads a file or loads a parser; that comes with first use. */
export function activate(context: vscode.ExtensionContext): void {
  const { packageJSON } = context.extension;
  const program = {
    supervisorPath: path.join(context.extensionPath, "dist", "supervisor.js"),
    version: packageJSON.version,
  };
  const window = openWindow({
    extensionFolder: context.extensionPath,
    state: context.workspaceState,
    program,
    onError,
  });
  const handoffs = reachableHandoffs(window);
  context.subscriptions.push(
    window.runs,
    window.checkpoints,
    window.agents,
    registerAgentEditing(agentEditing(window)),
    window.flowChecks,
    window.flowReports,
    window.workflows,
    window.flows,
    registerRunContext(window.runSource),
    registerWorkflowContext(window.workflows, onWorkflowError),
    registerFlowEditing(window.flowReports, onFlowError),
    registerMlChecks(context.extensionPath, onCheckError),
    registerRunTasks(program, (runId, exitCode) => {
      log().info(`The terminal of run ${runId} ended with exit code ${exitCode ?? "unknown"}.`);
      window.runs.refresh().catch(onError);
    }),
    registerRunStatusBar(window.runs, onError),
    registerOrphanAdoption(window.runs, program, onError),
    registerRunsView(runsViewSource(window)),
    registerFlowRunTree(window.runs.onDidChange, onFlowError),
    registerWorkflowView(window.workflows, onWorkflowError),
    registerWorkflowDiagnostics(workflowSpelling(window), onWorkflowError),
    registerCurvesRestoring(() => curvesPanels(window)),
    registerFirstCurves(window.runSource, context.workspaceState, (runId) => showFirstCurves(window, runId), onError),
    registerAgentsView(agentsView(window, context.workspaceState)),
    registerCheckpointWatching(window.checkpoints, window.watched, window.runSource, onError),
    registerCheckpointEditor(context.extensionPath),
    registerCheckpointBadges(onError),
    registerEndOfRun(window.runs, handoffs, onError),
    registerAlarmNotices(window.runs, onError),
    registerChat(chatRegistration(window, packageJSON)),
    registerTools(toolDependencies(window, packageJSON)),
    registerCommands(commandTable(window), packageJSON),
    registerMcpServers(window.agents),
    registerShownTexts(),
    { dispose: disposeLog },
  );
  window.runs.refresh().catch((error: unknown) => showError(error, "Finding the runs of this workspace"));
}
