import { UserError } from "../base/errors.ts";
import { plainText } from "../base/markdown.ts";
import { renderBytes } from "../base/renderBytes.ts";
import type { FlowArtifact, FlowRun, FlowTask } from "../metaflow/runs/flowRun.ts";
import { STATE_WORDS } from "../metaflow/runs/flowRun.ts";
import { type FlowRunContents, renderFlowRun, renderFlowRunList } from "../training/renderFlowRuns.ts";
import type { ToolResult } from "./tool.ts";

const MAX_LISTED_RUNS = 10;
/** A foreach may have thousands of tasks. */
const MAX_SHOWN_TASKS = 5;
/** Enough for a traceback. */
const LOG_TAIL_LINES = 30;
const MAX_LINE_CHARACTERS = 500;

/** What Metaflow's local datastore holds. Contract: nothing in it is executed to be read. */
export type FlowRunStore = {
  /** Newest first. */
  runs: readonly FlowRun[];
  /** What a run was given and what it left. */
  readContents(run: FlowRun): Promise<FlowRunContents>;
  readTask(run: FlowRun, task: FlowTask): Promise<{ artifacts: readonly FlowArtifact[]; log: string }>;
};

/** Metaflow numbers its runs, Trainyard begins with a date and goes on with a dash. */
export function isFlowRunId(runId: string): boolean {
  return /^\d+$/.test(runId);
}

export function listFlowRuns({ runs }: FlowRunStore): string {
  return runs.length === 0
    ? ""
    : `Runs of Metaflow:\n${plainText(renderFlowRunList(runs.slice(0, MAX_LISTED_RUNS), new Date()))}`;
}

/** How a run of Metaflow stands, with the output of tasks that failed; or the tasks of one of its steps, with artifacts and output. */
export async function describeFlowRunStatus(
  store: FlowRunStore,
  { runId, task }: { runId: string; task?: string | undefined },
): Promise<ToolResult> {
  const run = store.runs.find(({ id }) => id === runId);
  if (!run) {
    const known = store.runs.slice(0, MAX_LISTED_RUNS).map(({ id }) => id);
    throw new UserError(
      `The local datastore of Metaflow has no run ${runId} among its newest. ${known.length === 0 ? "It is empty." : `Newest first: ${known.join(", ")}.`}`,
    );
  }
  if (task !== undefined) {
    return describeTasks(store, run, tasksNamed(run, task));
  }
  const contents = await store.readContents(run);
  const failed = run.tasks.filter(({ state }) => state === "failed").slice(0, MAX_SHOWN_TASKS);
  const outputs = await Promise.all(
    failed.map(async (each) => outputText(run, each, (await store.readTask(run, each)).log)),
  );
  const summary = plainText(renderFlowRun(run, { ...contents, now: new Date() }));
  return {
    text: [summary, ...outputs].join("\n\n"),
    data: { state: run.state, parameters: contents.parameters, results: contents.results },
  };
}

/** The tasks of `fit`, or the one of `fit/3`. */
function tasksNamed(run: FlowRun, named: string): readonly FlowTask[] {
  const [step, id] = named.split("/");
  const tasks = run.tasks.filter((task) => task.step === step && (id === undefined || task.id === id));
  if (tasks.length === 0) {
    const steps = [...new Set(run.tasks.map((task) => task.step))].join(", ");
    throw new UserError(`Run ${run.id} has no task ${named}. Its steps so far: ${steps === "" ? "none" : steps}.`);
  }
  return tasks;
}

async function describeTasks(store: FlowRunStore, run: FlowRun, tasks: readonly FlowTask[]): Promise<ToolResult> {
  // Those that went wrong are what somebody asks about.
  const shown = tasks.toSorted((a, b) => Number(isWrong(b)) - Number(isWrong(a))).slice(0, MAX_SHOWN_TASKS);
  const described = await Promise.all(
    shown.map(async (task) => {
      const { artifacts, log } = await store.readTask(run, task);
      return { task, artifacts, text: [headingOf(run, task), artifactLines(artifacts), outputText(run, task, log)] };
    }),
  );
  const left = tasks.length - shown.length;
  return {
    text: [
      ...described.map(({ text }) => text.join("\n")),
      ...(left > 0 ? [`${left} more ${left === 1 ? "task" : "tasks"}; name one as <step>/<task>.`] : []),
    ].join("\n\n"),
    data: described.map(({ task: { step, id, state }, artifacts }) => ({ step, id, state, artifacts })),
  };
}

function isWrong({ state }: FlowTask): boolean {
  return state === "failed" || state === "gone";
}

function headingOf({ id }: FlowRun, task: FlowTask): string {
  return `${id}/${task.step}/${task.id}: ${STATE_WORDS[task.state]}${task.isCloned ? ", taken over from the run that was resumed" : ""}`;
}

function artifactLines(artifacts: readonly FlowArtifact[]): string {
  const lines = artifacts.map(
    ({ name, type, sizeBytes, text }) =>
      `  ${name}: ${type}${text === undefined ? "" : ` = ${text}`}, ${renderBytes(sizeBytes)}`,
  );
  return lines.length === 0 ? "It left no artifacts." : `Artifacts:\n${lines.join("\n")}`;
}

function outputText({ id }: FlowRun, task: FlowTask, log: string): string {
  const lines = log.split("\n").slice(-LOG_TAIL_LINES);
  const cut = lines.map((line) =>
    line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS)}…` : line,
  );
  return log === ""
    ? `${id}/${task.step}/${task.id} ${task.state === "running" ? "still runs; Metaflow writes its output when it has ended" : "left no output"}.`
    : `Last output of ${id}/${task.step}/${task.id}:\n${cut.join("\n")}`;
}
