import * as vscode from "vscode";
import { maskSecretValue } from "../../core/base/secretWords.ts";
import type { AlarmMark, CurvesRun } from "../../core/dashboard/curvesMessage.ts";
import type { CurveDetail } from "../../core/dashboard/growingCurve.ts";
import { describeRunInList } from "../../core/training/describeRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { describeAlarm, describeAlarmBriefly } from "../../core/training/watchdog/alarm.ts";
import { logsOfRun } from "../../node/metrics/logsOfRun.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import type { MetricsReply } from "../../node/metrics/metricsProtocol.ts";
import { contentsOfRun, type RunsViewSource } from "./runsView.ts";

/** Of a curve: as many as the widest chart on a fine screen can show. */
export const MAX_POINTS = 8_000;
const MAX_MARKS = 200;

/** What of the runs is wanted. */
export type CurvesWanted = CurveDetail & {
  /** The points of these metrics only; without it those of all. */
  tags?: readonly string[];
  /** Runs of which no points are wanted. */
  hidden?: readonly string[];
};

/** What the thread reads of each run, in their order. */
export async function askCurves(
  runs: readonly Run[],
  client: MetricsClient,
  { tags, hidden = [], ...detail }: CurvesWanted,
): Promise<MetricsReply["runs"]> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const asked = runs.map((run) => {
    const wanted = hidden.includes(run.record.id) ? [] : tags;
    return { key: run.folder, ...logsOfRun(run), ...(wanted === undefined ? {} : { tags: wanted }) };
  });
  return (await client.ask({ root, runs: asked, ...detail })).runs;
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
      parameters: parametersOf(run),
      isWhole: true,
      series: answered[index]?.series ?? [],
      checkpoints: marksOf(run, source),
      alarms: alarmsOf(run),
    };
  });
}

/** Folders and the like are planned by Trainyard and differ between any two runs, so they are no parameters. */
function parametersOf({ record }: Run): Record<string, string> {
  const told = record.plan.arguments.filter(({ source }) => source !== "planned");
  return Object.fromEntries(
    told.flatMap(({ flag, value, default: usual, source }) => {
      const shown = value ?? (source === "given" ? "on" : usual);
      return shown === undefined ? [] : [[flag.replace(/^-+/, ""), maskSecretValue(flag, shown)]];
    }),
  );
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
