import type { CommandTable } from "./editor/base/commands.ts";
import {
  checkpointDeps,
  curvesPanels,
  finishedRunOf,
  fittingAgentNames,
  loadSlashCommands,
  resumeDeps,
  type WindowParts,
} from "./wiring.ts";
import { workflowCommandTable } from "./workflowWiring.ts";

/** Every command but those of the chat, which register themselves beside what they belong to. */
export function commandTable(window: WindowParts): CommandTable {
  return {
    ...runCommandTable(window),
    ...flowCommandTable(window),
    ...agentCommandTable(window),
    ...workflowCommandTable(window.workflows),
  };
}

function runCommandTable(window: WindowParts): CommandTable {
  const { runs, program } = window;
  const training = lazyTable(async () => {
    const { runCommands, startCommands } = await import("./editor/training/trainingCommands.ts");
    const deps = { monitor: runs, program };
    return { ...startCommands(deps), ...runCommands(deps) };
  });
  const sweeps = lazyTable(async () => {
    const { sweepCommands } = await import("./editor/training/sweepCommands.ts");
    return sweepCommands(runs, program);
  });
  const receipts = lazyTable(async () => {
    const { receiptCommands } = await import("./editor/training/receiptCommands.ts");
    return receiptCommands({ monitor: runs, program });
  });
  const checkpoints = lazyTable(async () => {
    const { checkpointCommands } = await import("./editor/checkpoints/checkpointCommands.ts");
    return checkpointCommands(checkpointDeps(window));
  });
  return {
    ...training(
      "train",
      "trainAfter",
      "planRun",
      "startShownPlan",
      "editShownPlan",
      "savePreset",
      "refreshRuns",
      "stopRun",
      "showRunOutput",
    ),
    ...training("openRunLog", "diagnoseRun", "repairRun", "showReceipt", "showGpus", "handOffRun", "showReport"),
    ...sweeps("startSweep", "startShownSweep", "stopSweep", "showSweep"),
    ...receipts("compareReceipts", "reproduceRun", "exportTask"),
    ...checkpoints("watchCheckpoints", "unwatchCheckpoints", "inspectCheckpoints", "compareCheckpoints"),
    ...checkpoints("revealInFolder", "pruneCheckpoints"),
    resumeTraining: async (target) =>
      (await import("./editor/training/resumeTraining.ts")).resumeTraining(target, resumeDeps(window)),
    documentRun: async (target) => (await import("./editor/training/runCardFile.ts")).documentRun(runs, target),
    showCurves: async (target) => (await curvesPanels(window)).show(target),
    showFolderCurves: async (target) => (await curvesPanels(window)).showFolder(target),
    async openTensorBoard(target) {
      const { openTensorBoard } = await import("./editor/dashboard/openTensorBoard.ts");
      await openTensorBoard(target, await (await curvesPanels(window)).findRun(target));
    },
  };
}

function flowCommandTable(window: WindowParts): CommandTable {
  const { extensionFolder, flowChecks, flowReports } = window;
  const flows = lazyTable(async () => {
    const { flowCommands } = await import("./editor/metaflow/flowCommands.ts");
    return flowCommands(extensionFolder, flowChecks, flowReports);
  });
  const deployments = lazyTable(async () => {
    const { deployCommands } = await import("./editor/metaflow/deployCommands.ts");
    return deployCommands((flow) => finishedRunOf(window, flow));
  });
  return {
    ...deployments("deployFlow", "showArgoManifest"),
    ...flows("newFlow", "compareFlow", "newTrainingScript", "checkFlow", "showFlowGraph", "nextStep", "previousStep"),
    ...flows("runFlow", "resumeFlow", "spinStep", "showFlowRuns", "addToFlow"),
    ...flows("compareFlowRuns", "openFlowLog", "openFlowCard"),
    writeFlowTest: async (target) => (await import("./editor/metaflow/flowSpecialists.ts")).writeFlowTest(target),
  };
}

function agentCommandTable(window: WindowParts): CommandTable {
  const load = () => window.agents.load();
  const memory = lazyTable(async () => {
    const { memoryCommands } = await import("./editor/agents/memoryCommands.ts");
    return memoryCommands(load);
  });
  const specialists = lazyTable(() => specialistCommands(window));
  return {
    ...memory("remember", "showMemory", "forget", "undoForget"),
    ...specialists("evaluateRun", "optimizeTraining", "checkData", "checkDeployment"),
    checkChange: async () => (await import("./editor/agents/changeCheck.ts")).showChangeCheck(),
    writeMcpConfig: async () =>
      (await import("./editor/agents/writeMcpConfig.ts")).writeMcpConfig(load, () => fittingAgentNames(window)),
    newAgent: async (request) => (await import("./editor/agents/newAgent.ts")).newAgent(request, load),
    exportAgents: async () => (await import("./editor/agents/exportAgents.ts")).exportAgents(load),
    showFacts: async () => (await import("./editor/knowledge/workspaceFacts.ts")).showFacts(),
    showAgents: async () =>
      (await import("./editor/agents/agentGraphPanel.ts")).showAgentGraph(window.agents, window.extensionFolder),
  };
}

/** The palette's twins of the specialists' slash commands that only answer. */
async function specialistCommands(window: WindowParts): Promise<CommandTable> {
  const { answerInPalette } = await import("./editor/base/answerInPalette.ts");
  const { fileOf } = await import("./editor/base/commandTarget.ts");
  const commands = await loadSlashCommands(window);
  const twin = (name: string, participant: string, title: string) => async (target?: unknown) => {
    const command = commands.find((each) => each.name === name && each.participant === participant);
    if (command) {
      await answerInPalette(title, command, fileOf(target)?.fsPath ?? (typeof target === "string" ? target : ""));
    }
  };
  return {
    async evaluateRun(target) {
      const { pickRun } = await import("./editor/training/pickRun.ts");
      const run = await pickRun(window.runs, target, {
        title: "Evaluate which run?",
        none: "There are no runs in this workspace yet. Start one with Trainyard: Train.",
      });
      await (run && twin("evaluate", "ml-trainer", "Evaluation")(run.record.id));
    },
    optimizeTraining: twin("optimize", "ml-trainer", "Training Speed"),
    checkData: twin("data", "ml-trainer", "Training Data"),
    checkDeployment: twin("deploy", "mlops-engineer", "Deployment"),
  };
}

/** Handlers that load their table when the first of them is called. */
function lazyTable(load: () => Promise<CommandTable>): (...names: string[]) => CommandTable {
  return (...names) =>
    Object.fromEntries(
      names.map((name) => [name, async (...targets: unknown[]) => (await load())[name]?.(...targets)]),
    );
}
