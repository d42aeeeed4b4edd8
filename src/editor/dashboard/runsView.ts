import * as path from "node:path";
import * as vscode from "vscode";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { CompletenessState } from "../../core/checkpoints/checkpointSummary.ts";
import type { FolderContents } from "../../core/checkpoints/folderContents.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { endedBadly, finishedWithoutNumbers, hasEnded } from "../../core/training/runState.ts";
import type { UnreadableRun } from "../../node/training/runLedger.ts";
import { groupSweeps, type RunOrSweep, renderSweep } from "./sweepRow.ts";

/** Runs that are listed before "older runs are in the folder". */
const MAX_LISTED_RUNS = 100;
const MAX_LISTED_CHECKPOINTS = 200;
/** File times and our clock differ by what a file system rounds. */
const CLOCK_SLACK_MS = 2_000;

/** What the view draws. Its owner fires `onDidChange` whenever one of the lists may be different. */
export type RunsViewSource = {
  onDidChange: vscode.Event<unknown>;
  runs(): readonly Run[];
  unreadableRuns(): readonly UnreadableRun[];
  /** Folders watched by setting or command, whether they belong to a run or not. */
  watchedFolders(): readonly string[];
  contentsOf(folder: string): FolderContents;
};

export type RunsViewNode =
  | RunOrSweep
  | { kind: "unreadable"; folder: string; reason: string }
  | { kind: "folder"; folder: string }
  /** `place` is the folder of the checkpoint below the one that is watched, "" for that one itself. */
  | { kind: "checkpoint"; entry: CheckpointEntry; place: string; isBest: boolean }
  | { kind: "writing"; path: string; sizeBytes: number }
  | { kind: "note"; text: string };

/** The "Runs and Checkpoints" view: runs newest first, each with the checkpoints it wrote; then watched folders. */
export function registerRunsView(source: RunsViewSource): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.createTreeView<RunsViewNode>("trainyard.runs", {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (node ? childrenOf(node, source) : rootsOf(source)),
      getTreeItem: (node) => renderNode(node, source),
    },
  });
  return vscode.Disposable.from(
    view,
    changed,
    source.onDidChange(() => changed.fire(undefined)),
  );
}

function rootsOf(source: RunsViewSource): RunsViewNode[] {
  const runs = source.runs();
  const older = runs.length - MAX_LISTED_RUNS;
  return [
    ...groupSweeps(runs.slice(0, MAX_LISTED_RUNS)),
    ...(older > 0 ? [{ kind: "note" as const, text: `${older} older runs are in .trainyard/runs` }] : []),
    ...source.unreadableRuns().map((unreadable): RunsViewNode => ({ kind: "unreadable", ...unreadable })),
    ...source.watchedFolders().map((folder): RunsViewNode => ({ kind: "folder", folder })),
  ];
}

async function childrenOf(node: RunsViewNode, source: RunsViewSource): Promise<RunsViewNode[]> {
  if (node.kind === "sweep") {
    return node.runs.map((run) => ({ kind: "run", run }));
  }
  if (node.kind !== "run" && node.kind !== "folder") {
    return [];
  }
  const { entries, writing, unreadable, problem, limit } =
    node.kind === "run" ? contentsOfRun(node.run, source) : source.contentsOf(node.folder);
  const folder = node.kind === "run" ? node.run.record.plan.checkpointFolder?.path : node.folder;
  const best = await bestOf(entries);
  const more = entries.length - MAX_LISTED_CHECKPOINTS;
  const moreUnreadable = unreadable.length - MAX_LISTED_CHECKPOINTS;
  return [
    ...(problem ? [note(problem)] : []),
    ...(limit ? [note(limit)] : []),
    ...writing.map((file): RunsViewNode => ({ kind: "writing", ...file })),
    ...entries
      .slice(0, MAX_LISTED_CHECKPOINTS)
      .map((entry) => ({ kind: "checkpoint" as const, entry, place: placeOf(entry, folder), isBest: entry === best })),
    ...(more > 0 ? [note(`${more} older checkpoints`)] : []),
    ...unreadable
      .slice(0, MAX_LISTED_CHECKPOINTS)
      .map(({ path: file, reason }) => note(`${path.basename(file)}: ${reason}`)),
    ...(moreUnreadable > 0 ? [note(`${moreUnreadable} more that cannot be read`)] : []),
    ...(entries.length + writing.length + unreadable.length === 0 && !problem ? [note("No checkpoints yet")] : []),
  ];
}

/** The only checkpoint is not the best of anything. */
async function bestOf(entries: readonly CheckpointEntry[]): Promise<CheckpointEntry | undefined> {
  const { bestBy, chooseMetric } = await import("../../core/checkpoints/checkpointListing.ts");
  const metric = entries.length > 1 ? chooseMetric(entries) : undefined;
  return metric === undefined ? undefined : bestBy(entries, metric)?.entry;
}

/** A script that finds an earlier run makes a folder of its own in the one that it was given. */
function placeOf(entry: CheckpointEntry, folder: string | undefined): string {
  return folder === undefined ? "" : path.relative(folder, path.dirname(entry.path));
}

function note(text: string): RunsViewNode {
  return { kind: "note", text };
}

/** Of a folder that several runs share, a run has what was written while it ran. */
export function contentsOfRun({ record, status, state }: Run, source: RunsViewSource): FolderContents {
  const folder = record.plan.checkpointFolder?.path;
  if (folder === undefined) {
    return { entries: [], writing: [], unreadable: [], problem: "This run names no checkpoint folder." };
  }
  const { entries, writing, unreadable, problem, limit } = source.contentsOf(folder);
  const from = Date.parse(status.startedAt ?? record.createdAt);
  const until = status.endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.endedAt) + CLOCK_SLACK_MS;
  const isLive = !hasEnded(state);
  return {
    entries: entries.filter(({ modifiedMs }) => modifiedMs >= from - CLOCK_SLACK_MS && modifiedMs <= until),
    writing: isLive ? writing : [],
    unreadable: isLive ? unreadable : [],
    ...(limit !== undefined && { limit }),
    // A folder that a training has not made yet is no problem to speak of.
    ...(problem === undefined || (isLive && entries.length === 0) ? {} : { problem }),
  };
}

function renderNode(node: RunsViewNode, source: RunsViewSource): vscode.TreeItem | Promise<vscode.TreeItem> {
  switch (node.kind) {
    case "run":
      return renderRun(node.run);
    case "sweep":
      return renderSweep(node);
    case "checkpoint":
      return renderCheckpoint(node);
    case "writing":
      return renderWriting(node);
    case "folder":
      return renderFolder(node.folder, source.contentsOf(node.folder).problem !== undefined);
    case "unreadable":
      return renderUnreadable(node);
    case "note":
      break;
  }
  return renderNote(node.text);
}

function renderUnreadable({ folder, reason }: { folder: string; reason: string }): vscode.TreeItem {
  const item = new vscode.TreeItem(path.basename(folder));
  item.description = reason;
  item.tooltip = reason;
  item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  item.contextValue = "unreadable";
  return item;
}

function renderNote(text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.iconPath = new vscode.ThemeIcon("info");
  return item;
}

/** Icon and colour per state; each has a shape of its own and the word stands in the tooltip, so colour is never alone. */
const RUN_ICONS: Record<Run["state"], [icon: string, color?: string]> = {
  waiting: ["clock"],
  starting: ["sync~spin"],
  running: ["sync~spin", "charts.blue"],
  stopping: ["loading~spin"],
  orphaned: ["debug-disconnect", "list.warningForeground"],
  finished: ["pass", "testing.iconPassed"],
  failed: ["error", "testing.iconFailed"],
  stopped: ["circle-slash"],
  lost: ["question", "list.warningForeground"],
};

/** A run that goes on and goes wrong. */
const ALARM_ICON: [icon: string, color: string] = ["warning", "list.warningForeground"];

async function renderRun(run: Run): Promise<vscode.TreeItem> {
  const { renderShownCommand } = await import("../../core/training/commandLine.ts");
  const { describeRunInList, describeRunInRow } = await import("../../core/training/describeRun.ts");
  const { formatLocalTime, formatShortLocalTime } = await import("../../core/base/localTime.ts");
  const { activeAlarms, describeAlarm } = await import("../../core/training/watchdog/alarm.ts");
  const now = new Date();
  const started = formatLocalTime(run.record.createdAt, now);
  const { memberLabel } = await import("../../core/training/sweep/sweepResults.ts");
  const label = memberLabel(run);
  // What has not started has no checkpoints to open.
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, run.state === "waiting" ? None : Collapsed);
  const alarms = run.state === "running" ? activeAlarms(run.status.alarms) : [];
  const [icon, color] = alarms.length > 0 || finishedWithoutNumbers(run) ? ALARM_ICON : RUN_ICONS[run.state];
  item.id = `run:${run.folder}`;
  // Of many runs of one script only this tells which is which.
  const when = hasEnded(run.state) ? ` · ${formatShortLocalTime(run.record.createdAt, now)}` : "";
  item.description = describeRunInRow(run) + when;
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.contextValue = contextOf(run);
  const problems = [
    ...(run.status.problem === undefined ? [] : [run.status.problem]),
    ...alarms.map((alarm) => describeAlarm(alarm, run.status.log)),
  ];
  const lines = [
    run.record.id,
    renderShownCommand(run.record.plan.command),
    `${describeRunInList(run)}, started ${started}`,
  ];
  item.tooltip = [...lines, ...problems].join("\n");
  item.accessibilityInformation = {
    label: [`Run ${label}`, describeRunInList(run), `started ${started}`, ...problems].join(", "),
  };
  return item;
}

/** What the commands of a row depend on. */
function contextOf(run: Run): string {
  return endedBadly(run) ? "run.failed" : hasEnded(run.state) ? "run.ended" : "run.live";
}

const CHECKPOINT_ICONS: Record<CompletenessState, [icon: string, color?: string]> = {
  whole: ["archive"],
  writing: ["loading~spin"],
  torn: ["warning", "list.warningForeground"],
  unknown: ["file-binary"],
};

type CheckpointNode = Extract<RunsViewNode, { kind: "checkpoint" }>;

async function renderCheckpoint({ entry, place, isBest }: CheckpointNode): Promise<vscode.TreeItem> {
  const { describeCheckpointInRow } = await import("../../core/checkpoints/describeCheckpoint.ts");
  const { path: file, summary } = entry;
  const item = new vscode.TreeItem(summary.name);
  const [icon, color] = CHECKPOINT_ICONS[summary.completeness.state];
  const facts = [isBest ? "best" : "", place, describeCheckpointInRow(summary)];
  item.description = facts.filter((fact) => fact !== "").join(" · ");
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.contextValue = "checkpoint";
  item.tooltip = `${file}\n${item.description}\n${summary.completeness.state}: ${summary.completeness.reason}`;
  item.accessibilityInformation = { label: `Checkpoint ${summary.name}, ${item.description}` };
  item.command = { command: "trainyard.inspectCheckpoints", title: "Inspect", arguments: [vscode.Uri.file(file)] };
  return item;
}

async function renderWriting({ path: file, sizeBytes }: { path: string; sizeBytes: number }): Promise<vscode.TreeItem> {
  const { renderBytes } = await import("../../core/base/renderBytes.ts");
  const item = new vscode.TreeItem(path.basename(file));
  item.description = `${renderBytes(sizeBytes)} · writing`;
  item.iconPath = new vscode.ThemeIcon("loading~spin");
  item.contextValue = "writing";
  item.tooltip = file;
  item.accessibilityInformation = { label: `Checkpoint ${path.basename(file)}, ${item.description}` };
  return item;
}

function renderFolder(folder: string, hasProblem: boolean): vscode.TreeItem {
  // Outside of the workspace a path is long, and its end is what tells folders apart.
  const shown = vscode.workspace.asRelativePath(folder);
  const isOutside = path.isAbsolute(shown);
  const label = isOutside ? path.basename(shown) : shown;
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `folder:${folder}`;
  item.description = `${hasProblem ? "cannot be read" : "watched"}${isOutside ? ` · ${path.dirname(shown)}` : ""}`;
  item.iconPath = new vscode.ThemeIcon(hasProblem ? "warning" : "eye");
  item.contextValue = "folder.watched";
  item.tooltip = folder;
  item.accessibilityInformation = { label: `Checkpoint folder ${folder}, ${item.description}` };
  return item;
}
