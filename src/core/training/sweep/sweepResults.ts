import { escapeMarkdown, inlineCode } from "../../base/markdown.ts";
import { textColumns } from "../../base/textColumns.ts";
import { compareMetricNames, inferMetricDirection } from "../../checkpoints/metricNames.ts";
import { describeRunEnd, formatMetric } from "../describeRun.ts";
import { formatDuration } from "../duration.ts";
import type { Run, RunState } from "../runRecord.ts";
import { hasEnded } from "../runState.ts";
import { pointLabel } from "./sweepGrid.ts";

/** The runs of one sweep that are there, in the order of the grid. */
export type Sweep = { id: string; title: string; size: number; runs: readonly Run[]; isLive: boolean };

/** A terminal and a chat show so many metrics beside the arguments. */
const MAX_METRICS = 3;

/** The sweeps among some runs, in the order of the runs. */
export function sweepsOf(runs: readonly Run[]): Sweep[] {
  const members = runs.filter(({ record }) => record.sweep !== undefined);
  const ids = new Set(members.map(({ record }) => record.sweep?.id ?? ""));
  return [...ids].map((id) => {
    const found = members.filter(({ record }) => record.sweep?.id === id);
    const sorted = found.toSorted((a, b) => indexOf(a) - indexOf(b));
    const { title = id, size = sorted.length } = sorted[0]?.record.sweep ?? {};
    return { id, title, size, runs: sorted, isLive: sorted.some(({ state }) => !hasEnded(state)) };
  });
}

/** The sweep with this id, with an id that starts so, or with this title where it is the only one. */
export function findSweep(runs: readonly Run[], name: string): Sweep | undefined {
  const sweeps = sweepsOf(runs);
  const similar = sweeps.filter(({ id, title }) => id.startsWith(name) || title === name);
  return sweeps.find(({ id }) => id === name) ?? (similar.length === 1 ? similar[0] : undefined);
}

/** `2 of 4 finished · 1 running · 1 waiting`. */
export function describeSweep({ runs, size }: Sweep): string {
  const count = (wanted: RunState) => runs.filter(({ state }) => state === wanted).length;
  const others = new Set(runs.map(({ state }) => state).filter((state) => state !== "finished"));
  return [`${count("finished")} of ${size} finished`, ...[...others].map((state) => `${count(state)} ${state}`)].join(
    " · ",
  );
}

/** What a run of a sweep is called: its values. */
export function memberLabel({ record }: Run): string {
  return record.sweep === undefined ? record.plan.title : pointLabel(record.sweep.values);
}

type Best = {
  run: Run;
  metric: string;
  value: number;
  /** Others that reached the very same value. */
  ties: readonly Run[];
};

/** The run with the best value of the metric that decides, and that metric; undefined where no run that counts printed one. */
export function bestOf(
  sweep: Pick<Sweep, "runs">,
  counts: (run: Run) => boolean = ({ state }) => state === "finished",
): Best | undefined {
  const [metric] = metricsOf(sweep);
  const direction = metric === undefined ? undefined : inferMetricDirection(metric);
  if (metric === undefined || direction === undefined) {
    return undefined;
  }
  const measured = sweep.runs.flatMap((run) => {
    const value = metricOf(run, metric);
    return value === undefined || !Number.isFinite(value) || !counts(run) ? [] : [{ run, metric, value }];
  });
  const sign = direction === "min" ? 1 : -1;
  const [best, ...others] = measured.toSorted((a, b) => sign * (a.value - b.value));
  return best && { ...best, ties: others.filter(({ value }) => value === best.value).map(({ run }) => run) };
}

/** One sentence at the end: "Sweep digits has ended: 4 of 4 finished. Best val_acc 0.98 with lr=1e-3." */
export function describeSweepEnd(sweep: Sweep): string {
  const best = bestOf(sweep);
  const claim = `Sweep ${sweep.title} has ended: ${describeSweep(sweep)}.`;
  return best === undefined
    ? claim
    : `${claim} Best ${best.metric} ${formatMetric(best.value)} with ${[best.run, ...best.ties].map(memberLabel).join(", and the same with ")}.`;
}

/** Why each run that failed did so, one line each with the id that `diagnose` and `logs` take. */
export function describeMemberFailures({ runs }: Sweep): string[] {
  const failed = runs.filter(({ state }) => state === "failed" || state === "lost");
  return failed.map((run) => `${memberLabel(run)} (${run.record.id}): ${describeRunEnd(run)}`);
}

/** One row for each run, the best one marked: arguments, the last value of each metric, how it ended, how long it took. */
export function renderSweepTable(sweep: Sweep): string {
  const [head = [], ...rows] = tableOf(sweep).map((cells) => cells.map((cell) => escapeMarkdown(cell)));
  return [
    `**${escapeMarkdown(sweep.title)}** · ${escapeMarkdown(describeSweep(sweep))} · ${inlineCode(sweep.id)}`,
    "",
    ...[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

/** The same for a terminal, in columns. */
export function renderSweepColumns(sweep: Sweep): string {
  return textColumns(tableOf(sweep));
}

function tableOf(sweep: Sweep): string[][] {
  const best = bestOf(sweep);
  const bests = best === undefined ? [] : [best.run, ...best.ties];
  const names = Object.keys(sweep.runs[0]?.record.sweep?.values ?? {});
  const metrics = metricsOf(sweep);
  const rows = sweep.runs.map((run) => [
    bests.includes(run) ? "best" : "",
    ...names.map((name) => run.record.sweep?.values[name] ?? ""),
    ...metrics.map((metric) => {
      const value = metricOf(run, metric);
      return value === undefined ? "" : formatMetric(value);
    }),
    run.state,
    durationOf(run),
  ]);
  return [["", ...names, ...metrics, "state", "took"], ...rows];
}

/** Those that say how good a run is, the one that decides first. */
function metricsOf({ runs }: Pick<Sweep, "runs">): string[] {
  const names = new Set(runs.flatMap(({ status }) => Object.keys(status.progress?.metrics ?? {})));
  const telling = [...names].filter((name) => inferMetricDirection(name) !== undefined);
  return telling.toSorted(compareMetricNames).slice(0, MAX_METRICS);
}

function metricOf({ status }: Run, metric: string): number | undefined {
  return status.progress?.metrics[metric];
}

function durationOf({ status: { startedAt, endedAt } }: Run): string {
  return startedAt === undefined || endedAt === undefined
    ? ""
    : formatDuration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
}

function indexOf({ record }: Run): number {
  return record.sweep?.index ?? 0;
}
