import * as path from "node:path";
import * as vscode from "vscode";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** Runs that are listed before "older runs are in the folder". */
const MAX_LISTED_RUNS = 100;
const MAX_LISTED_CHECKPOINTS = 200;

type UnreadableRun = { folder: string; reason: string };

/** What the view draws. Its owner fires `onDidChange` whenever one of the lists may be different. */
export type RunsViewSource = {
  onDidChange: vscode.Event<unknown>;
  runs(): readonly Run[];
  unreadableRuns(): readonly UnreadableRun[];
  /** Folders watched by setting or command, whether they belong to a run or not. */
  watchedFolders(): readonly string[];
  /** Newest first. */
  checkpointsOf(run: Run): readonly CheckpointSummary[];
  checkpointsIn(folder: string): readonly CheckpointSummary[];
  /** A sentence where a watched folder is missing or cannot be read. */
  folderProblem(folder: string): string | undefined;
};

export type RunsViewNode =
  | { kind: "run"; run: Run }
  | { kind: "unreadable"; folder: string; reason: string }
  | { kind: "folder"; folder: string }
  | { kind: "checkpoint"; summary: CheckpointSummary; parent: RunsViewNode }
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
      getParent: (node) => (node.kind === "checkpoint" ? node.parent : undefined),
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
    ...runs.slice(0, MAX_LISTED_RUNS).map((run): RunsViewNode => ({ kind: "run", run })),
    ...(older > 0 ? [{ kind: "note" as const, text: `${older} older runs are in .trainyard/runs` }] : []),
    ...source.unreadableRuns().map((unreadable): RunsViewNode => ({ kind: "unreadable", ...unreadable })),
    ...source.watchedFolders().map((folder): RunsViewNode => ({ kind: "folder", folder })),
  ];
}

function childrenOf(node: RunsViewNode, source: RunsViewSource): RunsViewNode[] {
  if (node.kind !== "run" && node.kind !== "folder") {
    return [];
  }
  const checkpoints = node.kind === "run" ? source.checkpointsOf(node.run) : source.checkpointsIn(node.folder);
  const problem = node.kind === "folder" ? source.folderProblem(node.folder) : undefined;
  const more = checkpoints.length - MAX_LISTED_CHECKPOINTS;
  return [
    ...(problem ? [{ kind: "note" as const, text: problem }] : []),
    ...checkpoints
      .slice(0, MAX_LISTED_CHECKPOINTS)
      .map((summary): RunsViewNode => ({ kind: "checkpoint", summary, parent: node })),
    ...(more > 0 ? [{ kind: "note" as const, text: `${more} older checkpoints` }] : []),
    ...(checkpoints.length === 0 && !problem ? [{ kind: "note" as const, text: "No checkpoints yet" }] : []),
  ];
}

async function renderNode(node: RunsViewNode, source: RunsViewSource): Promise<vscode.TreeItem> {
  switch (node.kind) {
    case "run":
      return renderRun(node.run);
    case "checkpoint":
      return renderCheckpoint(node.summary);
    case "folder":
      return renderFolder(node.folder, source.folderProblem(node.folder) !== undefined);
    case "unreadable": {
      const item = new vscode.TreeItem(path.basename(node.folder));
      item.description = node.reason;
      item.tooltip = node.reason;
      item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
      item.contextValue = "unreadable";
      return item;
    }
    case "note": {
      const item = new vscode.TreeItem(node.text);
      item.iconPath = new vscode.ThemeIcon("info");
      return item;
    }
  }
}

/** Icon and colour per state; the word for the state stands in the description, so colour is never alone. */
const RUN_ICONS: Record<Run["state"], [icon: string, color?: string]> = {
  starting: ["sync~spin"],
  running: ["sync~spin", "charts.blue"],
  stopping: ["loading~spin"],
  orphaned: ["debug-disconnect", "list.warningForeground"],
  finished: ["pass", "testing.iconPassed"],
  failed: ["error", "testing.iconFailed"],
  stopped: ["circle-slash"],
  lost: ["question", "list.warningForeground"],
};

async function renderRun(run: Run): Promise<vscode.TreeItem> {
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const item = new vscode.TreeItem(run.record.plan.title, vscode.TreeItemCollapsibleState.Collapsed);
  const [icon, color] = RUN_ICONS[run.state];
  item.id = `run:${run.folder}`;
  item.description = describeRunInList(run);
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.contextValue = run.status.endedAt === undefined && run.state !== "lost" ? "run.live" : "run.ended";
  item.tooltip = `${run.record.id}\n${run.record.plan.command.join(" ")}\n${run.state}, started ${run.record.createdAt}`;
  item.accessibilityInformation = { label: `Run ${run.record.plan.title}, ${run.state}, ${item.description}` };
  return item;
}

const CHECKPOINT_ICONS: Record<CheckpointSummary["completeness"]["kind"], [icon: string, color?: string]> = {
  whole: ["archive"],
  writing: ["loading~spin"],
  torn: ["warning", "list.warningForeground"],
  unknown: ["file-binary"],
};

async function renderCheckpoint(summary: CheckpointSummary): Promise<vscode.TreeItem> {
  const { describeCheckpoint } = await import("../../core/checkpoints/describeCheckpoint.ts");
  const item = new vscode.TreeItem(path.basename(summary.path));
  const [icon, color] = CHECKPOINT_ICONS[summary.completeness.kind];
  item.description = describeCheckpoint(summary);
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.resourceUri = vscode.Uri.file(summary.path);
  item.contextValue = "checkpoint";
  item.tooltip = `${summary.path}\n${item.description}`;
  return item;
}

function renderFolder(folder: string, hasProblem: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.workspace.asRelativePath(folder), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `folder:${folder}`;
  item.description = hasProblem ? "cannot be read" : "watched";
  item.iconPath = new vscode.ThemeIcon(hasProblem ? "warning" : "eye");
  item.contextValue = "folder.watched";
  item.tooltip = folder;
  return item;
}
