import * as vscode from "vscode";
import { maskSecretValue } from "../../core/base/secretWords.ts";
import type { AlarmMark, CurvesRun } from "../../core/dashboard/curvesMessage.ts";
import { describeRunInList } from "../../core/training/describeRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { describeAlarm, describeAlarmBriefly } from "../../core/training/watchdog/alarm.ts";
import { logsOfRun } from "../../node/metrics/logsOfRun.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import type { RunCurvesReply } from "../../node/metrics/metricsProtocol.ts";
import { contentsOfRun, type RunsViewSource } from "./runsView.ts";
import type { CurvesWanted } from "./shownCurves.ts";

const MAX_MARKS = 200;

/** What the thread reads of each run, in their order. */
export async function askCurves(
  runs: readonly Run[],
  client: MetricsClient,
  { tags, hidden = [], ...detail }: CurvesWanted,
): Promise<readonly RunCurvesReply[]> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const asked = runs.map((run) => {
    const wanted = hidden.includes(run.record.id) ? [] : tags;
    return { key: run.folder, ...logsOfRun(run), ...(wanted === undefined ? {} : { tags: wanted }) };
  });
  return client.readRuns({ root, runs: asked, ...detail });
}

/** The curves of the runs as they are now, with what happened on their way. */
export async function readCurves(
  runs: readonly Run[],
  source: RunsViewSource,
  client: MetricsClient,
  wanted: CurvesWanted,
): Promise<CurvesRun[]> {
  const answered = await askCurves(runs, client, wanted);
  return runs.map((run, index): CurvesRun => {
    const { record, status } = run;
    return {
      id: record.id,
      title: record.plan.title,
      state: run.state,
      description: describeRunInList(run),
      startedMs: Date.parse(status.startedAt ?? record.createdAt),
      ...(status.endedAt === undefined ? {} : { endedMs: Date.parse(status.endedAt) }),
      source: answered[index]?.source ?? "",
      parameters: parametersOf(run, answered[index]?.parameters ?? {}),
      isWhole: true,
      series: answered[index]?.series ?? [],
      checkpoints: marksOf(run, source),
      alarms: alarmsOf(run),
      hasOutput: true,
    };
  });
}

/**
 * What the training was started with, and what it logged besides. Folders and the like are planned by Trainyard and differ
 * between any two runs, so they are no parameters.
 */
function parametersOf({ record }: Run, logged: Readonly<Record<string, string>>): Record<string, string> {
  const told = record.plan.arguments.filter(({ source }) => source !== "planned");
  const given = told.flatMap(({ flag, value, default: usual, source }): [string, string][] => {
    const shown = value ?? (source === "given" ? "on" : usual);
    return shown === undefined ? [] : [[flag.replace(/^-+/, ""), maskSecretValue(flag, shown)]];
  });
  // Scripts log their arguments, where `--learning-rate` is `learning_rate`.
  const known = new Set(record.plan.arguments.map(({ flag }) => plainName(flag)));
  const others = Object.entries(logged)
    .filter(([name]) => !known.has(plainName(name)))
    .map(([name, value]): [string, string] => [name, maskSecretValue(name, value)]);
  return Object.fromEntries([...given, ...others]);
}

function plainName(name: string): string {
  return name.replace(/^-+/, "").replaceAll("-", "_");
}

function marksOf(run: Run, source: RunsViewSource): CurvesRun["checkpoints"] {
  if (run.record.plan.checkpointFolder === undefined) {
    return [];
  }
  return contentsOfRun(run, source)
    .entries.slice(0, MAX_MARKS)
    .flatMap(({ path: file, summary }) =>
      summary.step === undefined
        ? []
        : [{ step: summary.step, name: summary.name, path: file, isWhole: summary.completeness.state === "whole" }],
    );
}

function alarmsOf({ status: { alarms = [] } }: Run): AlarmMark[] {
  return alarms.map((alarm) => ({
    raisedMs: Date.parse(alarm.raisedAt),
    title: describeAlarmBriefly(alarm),
    // The panel shows the line of the log itself; a value in a metric file it can only name.
    text: alarm.evidence === undefined ? describeAlarm(alarm) : `${alarm.message} ${alarm.advice}`,
    ...(alarm.evidence === undefined ? {} : { line: alarm.evidence.line }),
  }));
}
