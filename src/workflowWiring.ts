import { join } from "node:path";
import type { CommandTable } from "./editor/base/commands.ts";
import type { WorkflowDesk, WorkflowSources } from "./editor/workflow/workflowDesk.ts";

/** What the workflows need of other slices. */
export function workflowSources(extensionFolder: string): WorkflowSources {
  return {
    extensionFolder,
    collectFacts: collectKnown,
    async checkCode({ uri }, signal) {
      const { checkWorkspace } = await import("./node/training/checkWorkspace.ts");
      return checkWorkspace(uri.fsPath, signal);
    },
    evidenceOf: (folder) => ({
      workspaceFolder: folder.uri.fsPath,
      async python() {
        const { findInterpreter } = await import("./node/training/interpreters.ts");
        const { activePython, configuredPython } = await import("./editor/base/pythonSettings.ts");
        return findInterpreter({
          workspaceFolder: folder.uri.fsPath,
          scriptFolder: folder.uri.fsPath,
          environment: process.env,
          configured: configuredPython(folder),
          active: activePython(folder),
        }).path;
      },
      async readMetric(file, metric) {
        const { readNamedMetric } = await import("./node/metrics/namedMetric.ts");
        return readNamedMetric(file, metric);
      },
      async judgeCheckpoint(file) {
        const { judgeCheckpoint } = await import("./node/checkpoints/judgeCheckpoint.ts");
        return judgeCheckpoint(file);
      },
    }),
    async prepareFolder(folder) {
      const { prepareTrainyardFolder } = await import("./node/training/runLedger.ts");
      const { orWriteFailure } = await import("./node/base/writeNewFile.ts");
      await orWriteFailure(join(folder, ".trainyard", ".gitignore"), prepareTrainyardFolder(folder));
    },
  };
}

/** What the documents are filled in from where no language model is at work. */
const collectKnown: WorkflowSources["collectFacts"] = async (folder, signal) => {
  const { factsOfFolder } = await import("./editor/knowledge/folderFacts.ts");
  const { formatSource } = await import("./core/knowledge/fact.ts");
  const { profileTables } = await import("./node/training/profileTables.ts");
  const { facts } = (await factsOfFolder(folder, signal)).facts;
  const { readScriptStatements } = await import("./node/training/readScriptStatements.ts");
  const tables = await profileTables(folder.uri.fsPath, signal);
  const scripts = facts.flatMap(({ key, value }) => (key === "training_script" ? [value] : []));
  return [
    ...facts.map(({ key, value, source }) => ({
      topic: key,
      text: value,
      where: source === undefined ? "" : formatSource(source),
    })),
    ...(await readScriptStatements(folder.uri.fsPath, scripts, signal)),
    ...tables.map(({ topic, text, path }) => ({ topic, text, where: path })),
  ];
};

const COMMANDS = [
  "startWorkflow",
  "beginWorkflowAnew",
  "continueWorkflow",
  "answerWorkflow",
  "approvePhase",
  "revisePhase",
  "skipPhase",
  "goBackPhase",
  "stopWorkflow",
  "resumeWorkflow",
  "confirmWorkflow",
  "recordTask",
  "runWorkflowTests",
  "measureAgain",
  "retryTasks",
  "markCriterion",
  "showWorkflow",
  "openWorkflowDocument",
  "compareWorkflowDocument",
  "exportDossier",
];

/** The commands of the workflows, which load with the first of them. */
export function workflowCommandTable(desk: WorkflowDesk): CommandTable {
  const run = async (name: string, target: unknown) => {
    const { workflowCommands } = await import("./editor/workflow/workflowCommands.ts");
    return workflowCommands(desk)[name]?.(target);
  };
  return Object.fromEntries(COMMANDS.map((name) => [name, (target?: unknown) => run(name, target)]));
}
