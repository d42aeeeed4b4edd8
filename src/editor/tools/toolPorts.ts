import * as path from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { LocatedPath } from "../../core/tools/inspectCheckpoints.ts";
import type { Tool } from "../../core/tools/tool.ts";
import type { ToolPorts } from "../../core/tools/toolCatalog.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";

/** What other slices do for the tools. */
export type ToolSources = {
  extensionFolder: string;
  workspaceFolders: () => string[];
  listRuns: () => Promise<readonly Run[]>;
  launch: ToolPorts["launch"];
  flows: ToolPorts["flows"];
  openFlowRuns: ToolPorts["runs"]["openFlowRuns"];
  collectFacts: ToolPorts["facts"]["collectFacts"];
  readSummaries: ToolPorts["metrics"]["readSummaries"];
  readLogs: ToolPorts["metrics"]["readFolder"];
  change: ToolPorts["change"];
  diagnoseRun: ToolPorts["diagnose"]["diagnoseRun"];
  memory: ToolPorts["memory"];
  workflow: ToolPorts["workflow"];
};

/** Loads every tool with its ports. */
export async function loadTools(sources: ToolSources): Promise<readonly Tool<unknown>[]> {
  const { createTools } = await import("../../core/tools/toolCatalog.ts");
  return createTools({
    facts: { collectFacts: sources.collectFacts },
    scaffold: await openScaffolder(sources.extensionFolder),
    launch: sources.launch,
    flows: sources.flows,
    runs: {
      listRuns: sources.listRuns,
      async readLogTail(run, lines) {
        const { readLogLines } = await import("../../node/training/readLogLines.ts");
        return readLogLines(run.folder, lines);
      },
      openFlowRuns: sources.openFlowRuns,
    },
    metrics: {
      listRuns: sources.listRuns,
      readSummaries: sources.readSummaries,
      locate: (named) => locateIn(sources, named, "logs"),
      readFolder: sources.readLogs,
    },
    stop: {
      listRuns: sources.listRuns,
      async requestStop(run) {
        const { requestStop } = await import("../../node/training/stopRequest.ts");
        await requestStop(run, "graceful");
      },
    },
    diagnose: { listRuns: sources.listRuns, diagnoseRun: sources.diagnoseRun },
    change: sources.change,
    memory: sources.memory,
    workflow: sources.workflow,
    checkpoints: await openCheckpointPorts(sources),
  });
}

async function openScaffolder(extensionFolder: string): Promise<ToolPorts["scaffold"]> {
  const { createFlowScaffolder } = await import("../../node/metaflow/writeFlow.ts");
  const scaffolder = async () =>
    createFlowScaffolder({
      workspaceFolder: (await chooseWorkspaceFolder()).uri.fsPath,
      templatesFolder: path.join(extensionFolder, "templates"),
    });
  return {
    plan: async (request) => (await scaffolder()).plan(request),
    write: async (flow) => (await scaffolder()).write(flow),
  };
}

async function openCheckpointPorts(sources: ToolSources): Promise<ToolPorts["checkpoints"]> {
  const { openCheckpointReader } = await import("../../node/checkpoints/checkpointReader.ts");
  return {
    reader: openCheckpointReader(),
    places: {
      locate: (named) => locateIn(sources, named, "checkpoints"),
      async knownFolders() {
        const folders = (await sources.listRuns()).map(({ record }) => record.plan.checkpointFolder?.path);
        return [...new Set(folders.filter((folder) => folder !== undefined))];
      },
    },
  };
}

async function locateIn(sources: ToolSources, named: string, wanted: string): Promise<LocatedPath> {
  const folders = sources.workspaceFolders();
  if (folders.length === 0) {
    throw new UserError(`No folder is open. Open the folder with the ${wanted}, then try again.`);
  }
  const { locatePath } = await import("../../node/checkpoints/locatePath.ts");
  return locatePath(named, folders);
}
