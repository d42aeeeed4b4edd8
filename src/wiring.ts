import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "./core/base/errors.ts";
import type { SlashCommand } from "./core/chat/slashCommand.ts";
import type { ToolPorts } from "./core/tools/toolCatalog.ts";
import type { Run } from "./core/training/runRecord.ts";
import { type AgentFiles, watchAgentFiles } from "./editor/agents/agentFiles.ts";
import type { CommandTable } from "./editor/base/commands.ts";
import { reportError } from "./editor/base/reportError.ts";
import { chooseWorkspaceFolder } from "./editor/base/workspace.ts";
import type { ChatRegistration } from "./editor/chat/registerChat.ts";
import { CheckpointMonitor } from "./editor/checkpoints/checkpointMonitor.ts";
import { foldersOfRuns, WatchedFolders } from "./editor/checkpoints/watchedFolders.ts";
import type { Curves } from "./editor/dashboard/curves.ts";
import type { RunsViewSource } from "./editor/dashboard/runsView.ts";
import { FlowChecks } from "./editor/metaflow/flowCheck.ts";
import { FlowReports } from "./editor/metaflow/flowReports.ts";
import type { ToolDeps } from "./editor/tools/registerTools.ts";
import type { LoadHandoffs } from "./editor/training/handOffRun.ts";
import { RunMonitor } from "./editor/training/runMonitor.ts";
import type { FollowerProgram } from "./editor/training/runTasks.ts";

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
  curves: { opened: Curves | undefined } & vscode.Disposable;
  onError: (error: unknown) => void;
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
  const curves = { opened: undefined as Curves | undefined, dispose: () => curves.opened?.dispose() };
  return {
    curves,
    onError: options.onError,
    extensionFolder: options.extensionFolder,
    program: options.program,
    runs,
    runSource: { onDidChange: runs.onDidChange, runs: () => runs.known.runs },
    checkpoints: new CheckpointMonitor(options.onError),
    watched: new WatchedFolders(options.state),
    agents: watchAgentFiles(path.join(options.extensionFolder, "agents")),
    flowChecks: new FlowChecks(),
    flowReports: new FlowReports(),
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
    readMemory: async (agent) => (await import("./editor/agents/memoryAccess.ts")).readMemoryForPrompt(agent),
    packets: packetsOfWorkspace,
    currentFacts: async (runId) => {
      const { collectHandoffFacts } = await import("./editor/training/handoffFacts.ts");
      return collectHandoffFacts(window.runs, runId);
    },
    // Replies quote the workspace, whose text must not become a link that does something. Buttons do not need this.
    trustedCommands: [],
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

function workspaceFolders(): string[] {
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

async function loadSlashCommands(window: WindowParts): Promise<SlashCommand[]> {
  const { trainingSlashCommands } = await import("./editor/training/trainingReplies.ts");
  const { checkpointsSlashCommand } = await import("./editor/checkpoints/checkpointCommands.ts");
  const { flowSlashCommands } = await import("./editor/metaflow/flowReplies.ts");
  const { factsSlashCommand } = await import("./editor/knowledge/workspaceFacts.ts");
  const { memorySlashCommands } = await import("./editor/agents/memoryReplies.ts");
  const { mcpSlashCommand } = await import("./editor/agents/mcp.ts");
  const { monitorSlashCommand } = await import("./editor/dashboard/curveCommands.ts");
  const { agentsCommand } = await import("./editor/chat/agentCommands.ts");
  return [
    ...trainingSlashCommands(window.runs),
    checkpointsSlashCommand(checkpointDeps(window)),
    monitorSlashCommand(() => openCurves(window)),
    ...flowSlashCommands(window.extensionFolder, window.flowChecks),
    factsSlashCommand,
    agentsCommand(() => window.agents.load()),
    ...memorySlashCommands,
    mcpSlashCommand(() => window.agents.load()),
  ];
}

/** The curves of this window; their reader stays, with what it has read. */
export async function openCurves(window: WindowParts): Promise<Curves> {
  const { Curves: Opened } = await import("./editor/dashboard/curves.ts");
  return (window.curves.opened ??= new Opened({
    extensionFolder: window.extensionFolder,
    source: runsViewSource(window),
    workspaceFolders,
    refreshRuns: () => window.runs.refresh(),
    onError: window.onError,
  }));
}

function checkpointDeps({ watched, runs }: WindowParts) {
  return {
    watched,
    async runFolders() {
      await runs.refresh();
      return foldersOfRuns(runs.known.runs);
    },
  };
}

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
    async collectFacts(signal) {
      const { collectFacts } = await import("./editor/knowledge/workspaceFacts.ts");
      const { reply, facts } = await collectFacts(signal);
      return { text: reply.markdown, data: facts };
    },
    metrics: { readMetrics: async () => (await openCurves(window)).readSummaries() },
    change: {
      async checkChange(scope, signal) {
        return (await import("./editor/agents/changeCheck.ts")).checkUncommitted(scope, signal);
      },
    },
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

function launchPorts({ program, runs }: WindowParts): ToolPorts["launch"] {
  return {
    async plan(request, signal) {
      const folder = await chooseWorkspaceFolder();
      await requireInWorkspace(request.script);
      const { plan } = await (await loadStart()).planTraining(request, folder, signal);
      return { plan, workspaceFolder: folder.uri.fsPath };
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

/** Every command but those of the chat, which register themselves beside what they belong to. */
export function commandTable(window: WindowParts): CommandTable {
  const { runs, program, extensionFolder, flowChecks, flowReports } = window;
  const training = lazyTable(async () => {
    const { runCommands, startCommands } = await import("./editor/training/trainingCommands.ts");
    const deps = { monitor: runs, program };
    return { ...startCommands(deps), ...runCommands(deps) };
  });
  const checkpoints = lazyTable(async () => {
    const { checkpointCommands } = await import("./editor/checkpoints/checkpointCommands.ts");
    return checkpointCommands(checkpointDeps(window));
  });
  const flows = lazyTable(async () => {
    const { flowCommands } = await import("./editor/metaflow/flowCommands.ts");
    return flowCommands(extensionFolder, flowChecks, flowReports);
  });
  const memory = lazyTable(async () => {
    const { memoryCommands } = await import("./editor/agents/memoryCommands.ts");
    return memoryCommands(() => window.agents.load());
  });
  return {
    ...memory("remember", "showMemory", "forget", "undoForget"),
    ...training("train", "runFlow", "startShownPlan", "editShownPlan", "refreshRuns", "stopRun", "showRunOutput"),
    ...training("openRunLog", "showReceipt", "showGpus", "handOffRun", "showReport"),
    ...checkpoints("watchCheckpoints", "unwatchCheckpoints", "inspectCheckpoints", "revealInFolder"),
    ...flows("newFlow", "compareFlow", "newTrainingScript", "checkFlow", "showFlowGraph", "nextStep", "previousStep"),
    showCurves: async () => (await openCurves(window)).show(),
    checkChange: async () => (await import("./editor/agents/changeCheck.ts")).showChangeCheck(),
    writeMcpConfig: async () => (await import("./editor/agents/mcp.ts")).writeMcpConfig(() => window.agents.load()),
    showFacts: async () => (await import("./editor/knowledge/workspaceFacts.ts")).showFacts(),
    showAgents: async () => (await import("./editor/chat/agentCommands.ts")).showAgents(() => window.agents.load()),
  };
}

/** Handlers that load their table when the first of them is called. */
function lazyTable(load: () => Promise<CommandTable>): (...names: string[]) => CommandTable {
  return (...names) =>
    Object.fromEntries(names.map((name) => [name, async (target?: unknown) => (await load())[name]?.(target)]));
}
