import * as path from "node:path";
import * as vscode from "vscode";
import type { WorkspaceSituation } from "./core/chat/fittingCommands.ts";
import type { SlashCommand } from "./core/chat/slashCommand.ts";
import type { CheckpointEntry } from "./core/checkpoints/checkpointListing.ts";
import type { AgentStanding } from "./core/knowledge/triggers/mergeRankings.ts";
import type { Run } from "./core/training/runRecord.ts";
import { hasEnded } from "./core/training/runState.ts";
import type { AgentEditingDeps } from "./editor/agents/agentEditingDeps.ts";
import { type AgentFiles, watchAgentFiles } from "./editor/agents/agentFiles.ts";
import type { AgentsViewDeps } from "./editor/agents/agentsView.ts";
import { reportError } from "./editor/base/reportError.ts";
import type { ChatRegistration } from "./editor/chat/registerChat.ts";
import { CheckpointMonitor } from "./editor/checkpoints/checkpointMonitor.ts";
import { foldersOfRuns, WatchedFolders } from "./editor/checkpoints/watchedFolders.ts";
import type { CurvesPanels } from "./editor/dashboard/curvesPanel.ts";
import type { RunsViewSource } from "./editor/dashboard/runsView.ts";
import { FlowChecks } from "./editor/metaflow/flowCheck.ts";
import { FlowPresence } from "./editor/metaflow/flowPresence.ts";
import { FlowReports } from "./editor/metaflow/flowReports.ts";
import type { LoadHandoffs } from "./editor/training/handOffRun.ts";
import type { ResumeDeps } from "./editor/training/resumeTraining.ts";
import { RunMonitor } from "./editor/training/runMonitor.ts";
import type { FollowerProgram } from "./editor/training/runTasks.ts";
import { WorkflowDesk } from "./editor/workflow/workflowDesk.ts";
import type { WorkflowSpelling } from "./editor/workflow/workflowDiagnostics.ts";
import { workflowSources } from "./workflowWiring.ts";

/*
 * Where the slices of a window meet. Each function gives one slice what it needs of the others; whatever
 * is heavy comes through `import()` inside of a function, so that it loads with its first use.
 */

export type WindowParts = {
  extensionFolder: string;
  program: FollowerProgram;
  runs: RunMonitor;
  runSource: { onDidChange: vscode.Event<unknown>; runs(): readonly Run[] };
  checkpoints: CheckpointMonitor;
  watched: WatchedFolders;
  agents: AgentFiles;
  flowChecks: FlowChecks;
  flowReports: FlowReports;
  workflows: WorkflowDesk;
  flows: FlowPresence;
};

/** The part of package.json that is read, so that names are written once. */
export type Manifest = {
  contributes: {
    commands: readonly { command: string; title: string }[];
    languageModelTools: readonly { name: string; toolReferenceName: string }[];
  };
};

export function openWindow(options: {
  extensionFolder: string;
  state: vscode.Memento;
  program: FollowerProgram;
  onError: (error: unknown) => void;
}): WindowParts {
  const runs = new RunMonitor(options.onError);
  return {
    extensionFolder: options.extensionFolder,
    program: options.program,
    runs,
    runSource: { onDidChange: runs.onDidChange, runs: () => runs.known.runs },
    checkpoints: new CheckpointMonitor(options.onError),
    watched: new WatchedFolders(options.state),
    agents: watchAgentFiles(path.join(options.extensionFolder, "agents")),
    flowChecks: new FlowChecks(),
    flowReports: new FlowReports(),
    workflows: new WorkflowDesk(workflowSources(options.extensionFolder)),
    flows: new FlowPresence(options.onError),
  };
}

/** What the workflow files of a window are checked against. */
export function workflowSpelling({ workflows, agents }: WindowParts): WorkflowSpelling {
  return {
    readFiles: () => workflows.files(),
    agentNames: async () => (await agents.load()).agents.map(({ definition }) => definition.name),
    onDidChangeAgents: agents.onDidSettle,
  };
}

/** An agent's handoffs that reach somebody: participants and agents that are installed. */
export function reachableHandoffs({ agents }: WindowParts): LoadHandoffs {
  return async (name) => {
    const { findAgent } = await import("./core/agents/agentCatalog.ts");
    const catalog = await agents.load();
    const handoffs = findAgent(catalog, name)?.definition.handoffs ?? [];
    return handoffs.filter(({ agent }) => findAgent(catalog, agent) !== undefined);
  };
}

export function runsViewSource({ runs, checkpoints, watched }: WindowParts): RunsViewSource {
  return {
    onDidChange: (listener) => {
      const parts = [runs.onDidChange, checkpoints.onDidChange, watched.onDidChange].map((event) =>
        event(() => listener(undefined)),
      );
      return { dispose: () => parts.forEach((part) => part.dispose()) };
    },
    runs: () => runs.known.runs,
    unreadableRuns: () => runs.known.unreadable,
    watchedFolders: () => watched.named(),
    contentsOf: (folder) => checkpoints.contentsOf(folder),
  };
}

let panels: Promise<CurvesPanels> | undefined;

/** The panel of curves with what it reads from; loaded when it is first opened or restored. */
export function curvesPanels(window: WindowParts): Promise<CurvesPanels> {
  panels ??= import("./editor/dashboard/curvesPanel.ts").then(
    ({ CurvesPanels }) =>
      new CurvesPanels({
        source: runsViewSource(window),
        refresh: () => window.runs.refresh(),
        extensionFolder: window.extensionFolder,
        onError: (error) => void reportError(error, "Drawing curves"),
      }),
  );
  return panels;
}

/** Beside what the person does, who did not ask for it. */
export async function showFirstCurves(window: WindowParts, runId: string): Promise<void> {
  await (await curvesPanels(window)).show(runId, { preserveFocus: true });
}

export function chatRegistration(window: WindowParts, { contributes }: Manifest): ChatRegistration {
  return {
    loadCatalog: () => window.agents.load(),
    loadCommands: () => loadSlashCommands(window),
    loadToolNames: () =>
      Promise.resolve(
        contributes.languageModelTools.map(({ name, toolReferenceName }) => ({
          name,
          referenceName: toolReferenceName,
        })),
      ),
    readFacts: readFactsOrReason,
    fillPlaceholders: (instructions, signal) => fillFromFacts(instructions, signal),
    rankAgents: (signal) => rankWindowAgents(window, signal),
    readSituation: (participant) => readSituation(window, participant),
    async readRunNames() {
      await window.runs.refresh();
      return [...new Set(window.runs.known.runs.map(({ record }) => record.plan.title))];
    },
    readMemory: async (agent) => (await import("./editor/agents/memoryAccess.ts")).readMemoryForPrompt(agent),
    async noteCall(call) {
      const { noteFreeCall } = await import("./editor/workflow/workflowAccess.ts");
      // A call that is refused stays refused, also where no line can be left of it.
      await noteFreeCall(window.workflows, call).catch((error: unknown) => reportError(error, "Noting a refused call"));
    },
    packets: packetsOfWorkspace,
    currentFacts: async (runId) => {
      const { collectHandoffFacts } = await import("./editor/training/handoffFacts.ts");
      return collectHandoffFacts(window.runs, runId);
    },
    // Replies quote the workspace, whose text must not become a link that does something. Buttons do not need this.
  };
}

async function readSituation(
  { runs, flows, workflows }: WindowParts,
  participant: string,
): Promise<WorkspaceSituation> {
  await runs.refresh();
  return {
    hasRuns: runs.known.runs.length > 0,
    isTraining: runs.known.runs.some(({ state }) => !hasEnded(state)),
    hasFlows: flows.hasFlows,
    hasWorkflow: (await workflows.unfinished(participant)).length > 0,
  };
}

async function readFactsOrReason(signal: AbortSignal): Promise<string> {
  try {
    const { collectFacts } = await import("./editor/knowledge/workspaceFacts.ts");
    return (await collectFacts(signal)).reply.markdown;
  } catch (error) {
    const report = reportError(error, "Reading facts of the workspace");
    return report.kind === "cancelled" ? "" : `The workspace could not be read: ${report.message}`;
  }
}

async function fillFromFacts(instructions: string, signal: AbortSignal): Promise<string> {
  const { asksForFacts, fillPlaceholders } = await import("./core/chat/fillPlaceholders.ts");
  if (!asksForFacts(instructions)) {
    return instructions;
  }
  const { factsOfWindow } = await loadAgentFacts();
  return fillPlaceholders(instructions, await factsOfWindow(signal));
}

async function rankWindowAgents({ agents }: WindowParts, signal: AbortSignal): Promise<readonly AgentStanding[]> {
  const { rankAgentsHere } = await loadAgentFacts();
  const catalog = await agents.load();
  return rankAgentsHere(
    catalog.agents.map(({ definition }) => ({ name: definition.name, triggers: definition.triggers })),
    signal,
  );
}

/** Agents that something in the workspace speaks for, best first. */
export async function fittingAgentNames(window: WindowParts): Promise<string[]> {
  const standings = await rankWindowAgents(window, new AbortController().signal);
  return standings.filter(({ evidence }) => evidence.length > 0).map(({ name }) => name);
}

export function agentsView(window: WindowParts, state: vscode.Memento): AgentsViewDeps {
  return {
    files: window.agents,
    rank: (signal) => rankWindowAgents(window, signal),
    state,
    async ask({ name, kind }) {
      const { openChat } = await import("./editor/chat/chatWindow.ts");
      const place = kind === "participant" ? { query: `@${name} ` } : { query: "", mode: name };
      await openChat({ ...place, isPartialQuery: true });
    },
  };
}

const loadAgentFacts = () => import("./editor/knowledge/agentFacts.ts");

/** What the editor of agent files needs of the facts. */
export function agentEditing({ agents }: WindowParts): AgentEditingDeps {
  return {
    files: agents,
    async readPlaceholders() {
      const { placeholderValues } = await import("./core/chat/fillPlaceholders.ts");
      return placeholderValues(await (await loadAgentFacts()).factsOfWindow(new AbortController().signal));
    },
    explainTrigger: async (wording) => (await loadAgentFacts()).explainTrigger(wording),
  };
}

export function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}

/** Packets lie beside the code they speak of, in the first folder of the workspace. */
function packetsOfWorkspace(): ReturnType<ChatRegistration["packets"]> {
  const [folder] = workspaceFolders();
  if (folder === undefined) {
    return undefined;
  }
  const store = async () => {
    const { createPacketStore } = await import("./node/chat/packetStore.ts");
    return createPacketStore(path.join(folder, ".trainyard", "handoffs"));
  };
  return {
    async write(content, facts) {
      const { prepareTrainyardFolder } = await import("./node/training/runLedger.ts");
      await prepareTrainyardFolder(folder);
      return (await store()).write(content, facts);
    },
    read: async (id) => (await store()).read(id),
  };
}

export async function loadSlashCommands(window: WindowParts): Promise<SlashCommand[]> {
  const { trainingSlashCommands } = await import("./editor/training/trainingReplies.ts");
  const { resumeSlashCommand } = await import("./editor/training/resumeTraining.ts");
  const { checkpointsSlashCommand } = await import("./editor/checkpoints/checkpointsReply.ts");
  const { flowSlashCommands } = await import("./editor/metaflow/flowReplies.ts");
  const { flowRunSlashCommands } = await import("./editor/metaflow/flowRunReplies.ts");
  const { sweepSlashCommand } = await import("./editor/training/sweepReplies.ts");
  const { specialistSlashCommands } = await import("./editor/training/specialistReplies.ts");
  const { flowSpecialistCommands } = await import("./editor/metaflow/flowSpecialists.ts");
  const { factsSlashCommand } = await import("./editor/knowledge/workspaceFacts.ts");
  const { monitorSlashCommand } = await import("./editor/dashboard/monitorReply.ts");
  const { memorySlashCommands } = await import("./editor/agents/memoryReplies.ts");
  const { mcpSlashCommand } = await import("./editor/agents/mcpPlan.ts");
  const { agentsCommand } = await import("./editor/chat/agentCommands.ts");
  const { shareStop, workflowSlashCommands } = await import("./editor/workflow/workflowReplies.ts");
  const isRunLive = async () => {
    await window.runs.refresh();
    return window.runs.known.runs.some(({ state }) => !hasEnded(state));
  };
  return [
    ...trainingSlashCommands(window.runs).map((command) =>
      command.name === "stop" ? shareStop(command, window.workflows, isRunLive) : command,
    ),
    sweepSlashCommand(window.runs),
    ...workflowSlashCommands(window.workflows),
    checkpointsSlashCommand(checkpointDeps(window)),
    resumeSlashCommand(resumeDeps(window)),
    ...flowSlashCommands(window.extensionFolder, window.flowChecks),
    ...flowRunSlashCommands,
    ...specialistSlashCommands(window.runs),
    ...flowSpecialistCommands((flow) => finishedRunOf(window, flow)),
    factsSlashCommand,
    monitorSlashCommand(await curvesPanels(window)),
    agentsCommand(() => window.agents.load()),
    ...memorySlashCommands,
    mcpSlashCommand(() => window.agents.load()),
  ];
}

/** The newest recorded run of a flow file that came to its end. */
export async function finishedRunOf(
  { runs }: WindowParts,
  flow: string,
): Promise<{ id: string; createdAt: string } | undefined> {
  await runs.refresh();
  return runs.known.runs.find(({ record, state }) => record.plan.script === flow && state === "finished")?.record;
}

export function resumeDeps(window: WindowParts): ResumeDeps {
  return {
    monitor: window.runs,
    program: window.program,
    readSeries: async (run) => (await curvesPanels(window)).readSeries(run),
  };
}

export function checkpointDeps(window: WindowParts) {
  const { watched, runs } = window;
  return {
    watched,
    async runFolders() {
      await runs.refresh();
      return foldersOfRuns(runs.known.runs);
    },
    async foundFolders() {
      const { checkpointFoldersOfWindow } = await loadAgentFacts();
      return checkpointFoldersOfWindow(new AbortController().signal);
    },
    async readWriters(entries: readonly CheckpointEntry[]) {
      const { readCheckpointWriters } = await import("./core/training/checkpointWriters.ts");
      await runs.refresh();
      return readCheckpointWriters(runs.known.runs, entries, async (run) =>
        (await curvesPanels(window)).readSeries(run),
      );
    },
  };
}
