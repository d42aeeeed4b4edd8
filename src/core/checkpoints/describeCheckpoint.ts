import { escapeMarkdown, oneLine } from "../base/markdown.ts";
import { renderBytes } from "../base/renderBytes.ts";
import { withNoun } from "../base/withNoun.ts";
import {
  asLoadable,
  type BestCheckpoint,
  bestBy,
  type CheckpointEntry,
  type CheckpointListing,
  chooseMetric,
  describeFurther,
  entryName,
  furtherThan,
  newestFirst,
  newestWhole,
  OF_LOADABLE,
} from "./checkpointListing.ts";
import type { CheckpointSummary, Completeness } from "./checkpointSummary.ts";
import { forecastDisk, ownsItsBytes, roughDuration } from "./diskForecast.ts";
import { describeTrust } from "./importedName.ts";
import { describeLeftOut } from "./leftOutFolders.ts";
import { compareMetricNames } from "./metricNames.ts";
import { newestToResume } from "./newestCheckpoint.ts";
import { plainValueText } from "./plainValue.ts";

const MAX_ROWS = 20;
const MAX_UNREADABLE = 5;
/** A name from a file is cut here; no honest one is longer. */
const MAX_NAME = 400;
const MAX_VALUE = 2_000;
const MAX_DTYPES = 6;
/** Nobody plans for a disk that lasts longer than a quarter. */
const LONGEST_FORECAST_MS = 90 * 24 * 3_600_000;

/** One line: `checkpoint_epoch_3.pt — epoch 3 · step 135 · val_acc 0.953 · 1.2 MB · whole`. */
export function describeCheckpoint(summary: CheckpointSummary, metric?: string): string {
  return `${oneLine(summary.name, MAX_NAME)} — ${describeCheckpointFacts(summary, metric)}`;
}

/** The same without the name, for a list that shows the name itself. */
export function describeCheckpointFacts(summary: CheckpointSummary, metric?: string): string {
  return joinFacts([...renderProgress(summary), renderMetric(summary, metric), ...renderFile(summary)]);
}

/** The same for a narrow row, which is cut at its end: first what tells checkpoints apart that are named by epoch or step. */
export function describeCheckpointInRow(summary: CheckpointSummary): string {
  return joinFacts([renderMetric(summary), ...renderProgress(summary), ...renderFile(summary)]);
}

function joinFacts(facts: readonly (string | undefined)[]): string {
  return facts.filter((fact) => fact !== undefined).join(" · ");
}

function renderProgress({ epoch, step }: CheckpointSummary): (string | undefined)[] {
  return [
    epoch === undefined ? undefined : `epoch ${renderNumber(epoch)}`,
    step === undefined ? undefined : `step ${renderNumber(step)}`,
  ];
}

function renderMetric(summary: CheckpointSummary, metric?: string): string | undefined {
  const shown = metric ?? Object.keys(summary.metrics).toSorted(compareMetricNames)[0];
  const value = shown === undefined ? undefined : summary.metrics[shown];
  return value === undefined ? undefined : `${oneLine(shown ?? "", MAX_NAME)} ${renderNumber(value)}`;
}

function renderFile({ sizeBytes, completeness, imports }: CheckpointSummary): (string | undefined)[] {
  return [renderBytes(sizeBytes), renderCompleteness(completeness), describeTrust(imports)];
}

/** Everything known about one checkpoint, as labels and texts; what is not known is left out. */
export function checkpointFacts(summary: CheckpointSummary): (readonly [label: string, text: string])[] {
  const { framework, completeness } = summary;
  const states = [summary.hasOptimizerState && "optimizer", summary.hasSchedulerState && "scheduler"].filter(Boolean);
  const metrics = Object.entries(summary.metrics).toSorted(([a], [b]) => compareMetricNames(a, b));
  const lines = [
    ["Completeness", `${completeness.state}: ${oneLine(completeness.reason, MAX_NAME)}`],
    ["Format", [summary.format, framework?.name, framework?.version].filter(Boolean).join(", ")],
    ["Size", renderBytes(summary.sizeBytes)],
    ["Epoch", summary.epoch === undefined ? undefined : renderNumber(summary.epoch)],
    ["Step", summary.step === undefined ? undefined : renderNumber(summary.step)],
    ["Metrics", metrics.map(([name, value]) => `${oneLine(name, MAX_NAME)} ${renderNumber(value)}`).join(", ")],
    ["Model", renderModel(summary)],
    ["State to resume", summary.tensorCount > 0 ? states.join(" and ") || "none besides the weights" : undefined],
    ["Hyper-parameters", renderSettings(summary)],
    ["Warning", describeTrust(summary.imports)],
  ] as const;
  return lines.flatMap(([label, text]) => (text === undefined || text === "" ? [] : [[label, text] as const]));
}

/** The same as a Markdown list. */
export function describeCheckpointFully(summary: CheckpointSummary): string {
  return [
    `**${escapeMarkdown(summary.name)}**`,
    "",
    ...checkpointFacts(summary).map(([label, text]) => `- ${label}: ${escapeMarkdown(text, MAX_VALUE)}`),
  ].join("\n");
}

/** What may still be written where the folder is, and when that was asked. */
export type DiskSpace = { freeBytes: number; nowMs: number };

/** A folder as a Markdown list, newest first, the best and the newest whole one marked; bounded to twenty rows. */
export function describeCheckpointFolder(
  listing: CheckpointListing,
  options: { disk?: DiskSpace | undefined; metric?: string } = {},
): string {
  if (listing.kind !== "listed") {
    return listing.message;
  }
  const { entries } = listing;
  if (entries.length === 0) {
    return [`No checkpoints in ${escapeMarkdown(listing.folder)} yet.`, ...renderRest(listing)].join("\n\n");
  }
  const metric = options.metric ?? chooseMetric(entries);
  const best = metric === undefined ? undefined : bestBy(entries, metric);
  const shown = newestFirst(entries).slice(0, MAX_ROWS);
  const newest = newestToResume(entries);
  const further = newest && furtherThan(newest, entries);
  const isNewest = newest?.path === newestWhole(asLoadable(entries))?.path;
  const mark = { entry: newest, text: isNewest ? "newest whole" : "newest to resume from" };
  const isBestOfAll = best?.entry.path === (best && bestBy(asLoadable(entries), best.metric))?.entry.path;
  const rows = shown.map((entry) => renderRow(entry, metric, { best, newest: mark }));
  const more = entries.length > shown.length ? [`… and ${entries.length - shown.length} more.`] : [];
  const doubt = newest !== undefined && further !== undefined ? [escapeMarkdown(describeFurther(newest, further))] : [];
  return [
    rows.join("\n"),
    ...more,
    renderTotals(entries, best && { ...best, among: isBestOfAll ? "" : `, ${OF_LOADABLE}` }, options.disk),
    ...doubt,
    ...renderRest(listing),
  ].join("\n\n");
}

function renderRow(
  entry: CheckpointEntry,
  metric: string | undefined,
  marks: { best: BestCheckpoint | undefined; newest: { entry: CheckpointEntry | undefined; text: string } },
): string {
  const { summary } = entry;
  const link = entry.linkTarget === undefined ? "" : ` → ${entry.linkTarget}`;
  const twin = entry.sameFileAs === undefined ? [] : [`the same file as ${escapeMarkdown(entry.sameFileAs)}`];
  const parts = [
    `**${escapeMarkdown(entryName(entry) + link)}**`,
    escapeMarkdown(describeCheckpointFacts(summary, metric)),
    ...twin,
    ...(entry === marks.best?.entry ? ["**best**"] : []),
    ...(entry === marks.newest.entry ? [`**${marks.newest.text}**`] : []),
  ];
  return `- ${parts.join(" · ")}`;
}

function renderTotals(
  entries: readonly CheckpointEntry[],
  best: (BestCheckpoint & { among: string }) | undefined,
  disk: DiskSpace | undefined,
): string {
  const totalBytes = entries.filter(ownsItsBytes).reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
  const counts = (["whole", "writing", "torn", "unknown"] as const)
    .map((state) => [state, entries.filter(({ summary }) => summary.completeness.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const sentences = [
    `${withNoun(entries.length, "checkpoint")} (${counts.join(", ")}), ${renderBytes(totalBytes)}.`,
    disk && renderDisk(entries, disk),
    best &&
      `Best by ${escapeMarkdown(best.metric)} (${best.direction === "min" ? "lower" : "higher"} is better): ` +
        `${escapeMarkdown(entryName(best.entry))} with ${renderNumber(best.value)}${best.among}.`,
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(" ");
}

function renderDisk(entries: readonly CheckpointEntry[], disk: DiskSpace): string {
  const free = `${renderBytes(disk.freeBytes)} free on the disk`;
  const forecast = forecastDisk(entries, disk);
  return forecast === undefined || forecast.fullInMs > LONGEST_FORECAST_MS
    ? `${free}.`
    : `${free}; at this rate (${renderBytes(forecast.bytesPerHour)} per hour) full in ${roughDuration(forecast.fullInMs)}.`;
}

function renderRest(listing: Extract<CheckpointListing, { kind: "listed" }>): string[] {
  const { temporary, unreadable } = listing;
  const leftOut = describeLeftOut(listing);
  const temporaryBytes = temporary.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const reasons = unreadable
    .slice(0, MAX_UNREADABLE)
    .map(({ path, reason }) => escapeMarkdown(`${path}: ${reason.replace(/\.$/, "")}`));
  return [
    ...(temporary.length > 0
      ? [`${temporary.length} unfinished under temporary names, ${renderBytes(temporaryBytes)}.`]
      : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} could not be read: ${reasons.join("; ")}.`] : []),
    ...(leftOut === undefined ? [] : [escapeMarkdown(leftOut, MAX_VALUE)]),
  ];
}

function renderModel({ tensorCount, parameterCount, dtypes }: CheckpointSummary): string | undefined {
  if (tensorCount === 0) {
    return undefined;
  }
  const types = dtypes.slice(0, MAX_DTYPES).join(", ");
  const more = dtypes.length > MAX_DTYPES ? `, and ${dtypes.length - MAX_DTYPES} more types` : "";
  return `${withNoun(tensorCount, "tensor")}, ${withNoun(parameterCount, "parameter")}, ${types}${more}`;
}

function renderSettings({ hyperParameters }: CheckpointSummary): string | undefined {
  if (hyperParameters === undefined) {
    return undefined;
  }
  const pairs = Object.entries(hyperParameters).map(
    ([name, value]) => `${oneLine(name, 60)}=${oneLine(plainValueText(value), 60)}`,
  );
  return pairs.slice(0, 30).join(", ") + (pairs.length > 30 ? `, and ${pairs.length - 30} more` : "");
}

function renderCompleteness({ state, reason }: Completeness): string {
  return state === "whole" ? "whole" : `${state}: ${oneLine(reason, 120)}`;
}

export function renderNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
