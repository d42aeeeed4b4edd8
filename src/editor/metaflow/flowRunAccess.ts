import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { END_STEP, type FlowRun, type FlowTask } from "../../core/metaflow/runs/flowRun.ts";
import type { FlowRunStore } from "../../core/tools/flowRunStatus.ts";
import type { FlowRunContents } from "../../core/training/renderFlowRuns.ts";
import { chooseWorkspaceFolder, displayPath } from "../base/workspace.ts";

const NO_RUNS =
  "No flow has run here yet: there is no local datastore (`.metaflow`) in this folder or above it. Start one with Trainyard: Run Metaflow Flow.";

export type LocalRuns = {
  runs: readonly FlowRun[];
  /** The datastore that they were read from. */
  root: string;
};

/** The newest runs of one flow or of all, or the one run that is named. */
type WantedRuns = { flow?: string; count: number } | { flow: string; id: string };

/** Runs of the datastore that a flow in this folder uses; none where nothing has run. */
async function readLocalRuns(folder: string, wanted: WantedRuns): Promise<LocalRuns | undefined> {
  const { findDatastore, listRunNames, readRuns } = await import("../../node/metaflow/runs/localDatastore.ts");
  const root = await findDatastore({ folder, environment: process.env });
  if (root === undefined) {
    return undefined;
  }
  const names = "id" in wanted ? [wanted] : await listRunNames(root, wanted);
  return { runs: await readRuns(root, names), root };
}

/** The same. Looks beside `file`, else in the workspace folder, else beside the flows of the workspace. */
export async function findLocalRuns(
  file: vscode.Uri | undefined,
  options: { flow?: string; count: number },
): Promise<LocalRuns | undefined> {
  const folder = file ? path.dirname(file.fsPath) : (await chooseWorkspaceFolder()).uri.fsPath;
  return (await readLocalRuns(folder, options)) ?? (await readBesideFlows(file, options));
}

/** The same, refused where nothing has run. */
export async function requireLocalRuns(
  file: vscode.Uri | undefined,
  options: { flow?: string; count: number },
): Promise<LocalRuns> {
  const found = await findLocalRuns(file, options);
  if (!found || found.runs.length === 0) {
    throw new UserError(
      options.flow === undefined || !found
        ? NO_RUNS
        : `${options.flow} has no runs in ${displayPath(found.root)} yet. Run it first.`,
    );
  }
  return found;
}

/**
 * The flow whose runs a text asks for; one that has no run too, so that no other one is shown in its place. None where it
 * names none; refuses where it names several, or one that is not there.
 */
export async function askedFlow(text: string, runs: readonly FlowRun[]): Promise<string | undefined> {
  if (text.trim() === "") {
    return undefined;
  }
  const { FLOW_NAME, findSpokenFlows } = await import("./namedFlow.ts");
  const { noSuchFlow, workspaceFlows } = await import("./inspectedFlow.ts");
  const inFiles = await workspaceFlows(await chooseWorkspaceFolder(), new AbortController().signal);
  const ran = runs.filter(({ flow }) => !inFiles.some((each) => each.flow === flow)).map(({ flow }) => ({ flow }));
  const known = [...inFiles, ...ran];
  const spoken = findSpokenFlows(text, known);
  if (spoken.kind === "named" && spoken.flows.length > 1) {
    const names = spoken.flows.map(({ flow }) => `\`${flow}\``);
    throw new UserError(`One flow at a time: ${names.join(", ")}. Name one of them.`);
  }
  if (spoken.kind === "unknown" && !FLOW_NAME.test(spoken.name) && known.length > 1) {
    throw new UserError(noSuchFlow(spoken.name, known));
  }
  return spoken.kind === "named" ? spoken.flows[0]?.flow : spoken.kind === "unknown" ? spoken.name : undefined;
}

/** A flow in a folder of its own keeps its runs there where the workspace folder has no datastore. */
async function readBesideFlows(
  file: vscode.Uri | undefined,
  options: { flow?: string; count: number },
): Promise<LocalRuns | undefined> {
  const { findFlows } = await import("./findFlows.ts");
  const flows = await findFlows(await chooseWorkspaceFolder(file), new AbortController().signal);
  for (const folder of new Set(flows.map((flow) => path.dirname(flow)))) {
    const found = await readLocalRuns(folder, options);
    if (found && found.runs.length > 0) {
      return found;
    }
  }
  return undefined;
}

/** How many of the newest runs a language model can ask about. */
const STORED_RUNS = 50;

/** What the local datastores of the workspace hold, for who asks without a place in mind. */
export async function openFlowRuns(folders: readonly string[]): Promise<FlowRunStore> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const options = { count: STORED_RUNS };
      return (await readLocalRuns(folder, options)) ?? (await readBesideFlows(vscode.Uri.file(folder), options));
    }),
  );
  // Folders below the same datastore share its runs.
  const stores = new Map(found.flatMap((each) => (each ? [[each.root, each.runs] as const] : [])));
  const roots = new Map([...stores].flatMap(([root, runs]) => runs.map((run) => [run, root] as const)));
  const rootOf = (run: FlowRun) => {
    const root = roots.get(run);
    if (root === undefined) {
      throw new Error(`${run.flow}/${run.id} is no run of this store.`);
    }
    return root;
  };
  return {
    runs: [...roots.keys()].toSorted((a, b) => b.createdAt - a.createdAt),
    readContents: async (run) => readContents(run, rootOf(run)),
    async readTask(run, task) {
      const { readArtifacts } = await import("../../node/metaflow/runs/readArtifacts.ts");
      const { readTaskLog } = await import("../../node/metaflow/runs/taskLog.ts");
      const root = rootOf(run);
      const [artifacts, log] = await Promise.all([readArtifacts(root, run, task), readTaskLog(root, run, task)]);
      return { artifacts, log };
    },
  };
}

/** The runs of a flow beside its file; an empty list where nothing has run. */
export async function readRunsBeside(file: vscode.Uri, wanted: WantedRuns): Promise<{ runs: readonly FlowRun[] }> {
  return (await readLocalRuns(path.dirname(file.fsPath), wanted)) ?? { runs: [] };
}

/** Of more a person reads the first. */
const MAX_READ_FAILURES = 5;

/** What a run was given and what it left: its parameters, the artifacts of its last finished task, and what ended tasks. */
export async function readContents(run: FlowRun, root: string): Promise<FlowRunContents> {
  const { readArtifacts } = await import("../../node/metaflow/runs/readArtifacts.ts");
  const parameters = await readArtifacts(root, run, { step: "_parameters", id: "0", attempt: 0 });
  const names = new Set(parameters.map(({ name }) => name));
  const last =
    run.tasks.findLast(({ state, step }) => state === "done" && step === (run.endStep ?? END_STEP)) ??
    run.tasks.findLast(({ state }) => state === "done");
  const results = last ? await readArtifacts(root, run, last) : [];
  const failures = await readFailures(run, root);
  return { parameters, results: results.filter(({ name }) => !names.has(name)), failures };
}

async function readFailures(run: FlowRun, root: string): Promise<Map<FlowTask, string>> {
  const { readException } = await import("../../node/metaflow/runs/taskLog.ts");
  const failed = run.tasks.filter(({ state }) => state === "failed").slice(0, MAX_READ_FAILURES);
  const read = await Promise.all(failed.map(async (task) => [task, await readException(root, run, task)] as const));
  return new Map(read.flatMap(([task, exception]) => (exception === undefined ? [] : [[task, exception]])));
}
