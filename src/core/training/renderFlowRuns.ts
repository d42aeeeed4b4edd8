import { formatLocalTime } from "../base/localTime.ts";
import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { renderBytes } from "../base/renderBytes.ts";
import {
  type FlowArtifact,
  type FlowRun,
  type FlowTask,
  STATE_SIGNS,
  STATE_WORDS,
  statusByStep,
} from "../metaflow/runs/flowRun.ts";
import { formatDuration } from "./duration.ts";

/** A foreach of many tasks is a line in the table of steps; only few tasks are listed one by one. */
const MAX_LISTED_TASKS = 30;
const MAX_EXCEPTION_CHARACTERS = 300;

/** What a run was given, what it left, and the exceptions that ended its tasks, where they are known. */
export type FlowRunContents = {
  parameters: readonly FlowArtifact[];
  results: readonly FlowArtifact[];
  failures?: ReadonlyMap<FlowTask, string>;
};

/** `✓ done in 12 s` */
export function describeFlowRun(run: FlowRun, now: number): string {
  const seconds = ((run.endedAt ?? now) - run.createdAt) / 1000;
  const time = run.state === "running" ? `for ${formatDuration(seconds)}` : `after ${formatDuration(seconds)}`;
  return `${STATE_SIGNS[run.state]} ${STATE_WORDS[run.state]} ${time}`;
}

/** Runs of Metaflow, newest first, two short lines for each. */
export function renderFlowRunList(runs: readonly FlowRun[], now: Date): string {
  return runs
    .map((run) => {
      const started = formatLocalTime(new Date(run.createdAt).toISOString(), now);
      const origin = run.originRunId === undefined ? "" : ` · resumed from ${inlineCode(run.originRunId)}`;
      const failed = run.tasks.find(({ state }) => state === "failed" || state === "gone");
      const where = failed && run.state !== "done" ? ` in ${inlineCode(failed.step)}` : "";
      return `- **${escapeMarkdown(run.flow)}** · ${describeFlowRun(run, now.getTime())}${where}  \n  started ${started} · ${inlineCode(run.id)}${origin}`;
    })
    .join("\n");
}

/** One run: its steps with states and times, tasks that need a look, parameters and results. */
export function renderFlowRun(
  run: FlowRun,
  { parameters, results, failures, now }: FlowRunContents & { now: Date },
): string {
  const steps = [...statusByStep(run, now.getTime())].map(
    ([step, { state, tasks, finished, seconds }]) =>
      `| ${inlineCode(step)} | ${STATE_SIGNS[state]} ${STATE_WORDS[state]} | ${finished} of ${tasks}${describeUnread(run, step)} | ${formatDuration(seconds)} |`,
  );
  const bad = run.tasks.filter(({ state }) => state === "failed" || state === "gone").slice(0, MAX_LISTED_TASKS);
  return [
    renderFlowRunList([run], now),
    steps.length === 0 ? "" : ["| step | state | tasks | time |", "| --- | --- | --- | --- |", ...steps].join("\n"),
    bad.map((task) => `- ${describeTask(run, task)}${describeException(failures?.get(task))}`).join("\n"),
    artifactTable("Parameters", parameters),
    artifactTable("Artifacts", results),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function describeUnread({ unread }: FlowRun, step: string): string {
  const count = unread?.[step] ?? 0;
  return count === 0 ? "" : `, ${count} more not read`;
}

function describeTask({ id }: FlowRun, task: FlowTask): string {
  const what = task.state === "failed" ? "failed" : "was running when the run was killed";
  const attempt = task.attempt > 0 ? ` in attempt ${task.attempt + 1}` : "";
  return `${inlineCode(`${id}/${task.step}/${task.id}`)} ${what}${attempt}`;
}

function describeException(exception: string | undefined): string {
  return exception === undefined ? "" : `: ${inlineCode(exception, MAX_EXCEPTION_CHARACTERS)}`;
}

function artifactTable(title: string, artifacts: readonly FlowArtifact[]): string {
  if (artifacts.length === 0) {
    return "";
  }
  const rows = artifacts.map(
    ({ name, type, sizeBytes, text }) =>
      `| ${inlineCode(name)} | ${text === undefined ? renderBytes(sizeBytes) : inlineCode(text.replaceAll("|", "¦"), 120)} | ${inlineCode(type)} |`,
  );
  return [`${title}:`, "", "| name | value or size | type |", "| --- | --- | --- |", ...rows].join("\n");
}
