import * as vscode from "vscode";
import {
  type FlowArtifact,
  type FlowRun,
  type FlowState,
  type FlowTask,
  STATE_WORDS,
  statusByStep,
} from "../../core/metaflow/runs/flowRun.ts";
import type { FlowCard } from "../../node/metaflow/runs/cards.ts";

/** `root` is the datastore: a row can be the argument of a command. */
export type FlowRunNode =
  | { kind: "run"; root: string; run: FlowRun }
  | { kind: "step"; root: string; run: FlowRun; step: string }
  | { kind: "task"; root: string; run: FlowRun; task: FlowTask }
  | { kind: "log"; root: string; run: FlowRun; task: FlowTask }
  | { kind: "card"; card: FlowCard }
  | { kind: "artifact"; artifact: FlowArtifact; of: string }
  | { kind: "note"; text: string };

/** A foreach of thousands is read from the runs' report; a list of them helps nobody. */
const LISTED_TASKS = 100;

/** What a row holds. Throws what reading the datastore throws. */
export async function childrenOf(node: FlowRunNode): Promise<FlowRunNode[]> {
  switch (node.kind) {
    case "run":
      return [...statusByStep(node.run, Date.now()).keys()].map((step) => ({ ...node, kind: "step", step }));
    case "step":
      return tasksOf(node);
    case "task":
      return contentsOf(node);
    case "log":
    case "card":
    case "artifact":
    case "note":
      break;
  }
  return [];
}

function tasksOf({ root, run, step }: FlowRunNode & { kind: "step" }): FlowRunNode[] {
  const tasks = run.tasks.filter((task) => task.step === step);
  const more = Math.max(0, tasks.length - LISTED_TASKS) + (run.unread?.[step] ?? 0);
  return [
    ...tasks.slice(0, LISTED_TASKS).map((task): FlowRunNode => ({ kind: "task", root, run, task })),
    ...(more > 0 ? [{ kind: "note" as const, text: `${more} more tasks` }] : []),
  ];
}

async function contentsOf({ root, run, task }: FlowRunNode & { kind: "task" }): Promise<FlowRunNode[]> {
  const { readArtifacts } = await import("../../node/metaflow/runs/readArtifacts.ts");
  const { cardsOf } = await import("./flowCards.ts");
  const [artifacts, cards] = await Promise.all([readArtifacts(root, run, task), cardsOf(root, run, task)]);
  const of = `${run.id}/${task.step}/${task.id}`;
  return [
    { kind: "log", root, run, task },
    ...cards.map((card): FlowRunNode => ({ kind: "card", card })),
    ...artifacts.map((artifact): FlowRunNode => ({ kind: "artifact", artifact, of })),
  ];
}

/** A row as it is drawn. */
export async function renderNode(node: FlowRunNode): Promise<vscode.TreeItem> {
  switch (node.kind) {
    case "run":
      return renderRun(node.run);
    case "step":
      return renderStep(node.run, node.step);
    case "task":
      return renderTask(node.run, node.task);
    case "log":
      return leaf("Log", "output", { command: "trainyard.openFlowLog", node });
    case "card":
      return leaf(`Card: ${node.card.name}`, "preview", { command: "trainyard.openFlowCard", node });
    case "artifact":
      return renderArtifact(node.artifact);
    case "note":
      break;
  }
  return leaf(node.text, "info");
}

/** The word for the state stands in the description, so that colour is never alone. */
const ICONS: Readonly<Record<FlowState, [icon: string, color: string]>> = {
  running: ["sync~spin", "charts.blue"],
  done: ["pass", "testing.iconPassed"],
  failed: ["error", "testing.iconFailed"],
  gone: ["circle-slash", "list.warningForeground"],
};

function branch(label: string, state: FlowState, description: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  const [icon, color] = ICONS[state];
  item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
  item.description = description;
  item.accessibilityInformation = { label: `${label}, ${description}` };
  return item;
}

async function renderRun(run: FlowRun): Promise<vscode.TreeItem> {
  const { describeFlowRun } = await import("../../core/training/renderFlowRuns.ts");
  const { formatLocalTime } = await import("../../core/base/localTime.ts");
  const now = new Date();
  const started = formatLocalTime(new Date(run.createdAt).toISOString(), now);
  const item = branch(run.flow, run.state, `${started} · ${describeFlowRun(run, now.getTime())}`);
  item.id = `flow-run:${run.flow}/${run.id}`;
  item.contextValue = "flowRun";
  item.tooltip = [
    `${run.flow}/${run.id}`,
    `started ${started} by ${run.user}`,
    ...(run.originRunId === undefined ? [] : [`resumed from ${run.originRunId}`]),
    ...(run.tags.length === 0 ? [] : [`tags: ${run.tags.join(", ")}`]),
  ].join("\n");
  return item;
}

async function renderStep(run: FlowRun, step: string): Promise<vscode.TreeItem> {
  const { formatDuration } = await import("../../core/training/duration.ts");
  const status = statusByStep(run, Date.now()).get(step);
  const state = status?.state ?? "gone";
  const count = status && status.tasks > 1 ? ` · ${status.finished} of ${status.tasks} tasks` : "";
  const item = branch(step, state, `${STATE_WORDS[state]} · ${formatDuration(status?.seconds ?? 0)}${count}`);
  item.id = `flow-run:${run.flow}/${run.id}/${step}`;
  return item;
}

function renderTask(run: FlowRun, task: FlowTask): vscode.TreeItem {
  const attempt = task.attempt > 0 ? ` · attempt ${task.attempt + 1}` : "";
  const cloned = task.isCloned ? " · taken over" : "";
  const item = branch(`task ${task.id}`, task.state, `${STATE_WORDS[task.state]}${attempt}${cloned}`);
  item.id = `flow-run:${run.flow}/${run.id}/${task.step}/${task.id}`;
  item.contextValue = "flowTask";
  return item;
}

function renderArtifact({ name, type, text, sizeBytes }: FlowArtifact): vscode.TreeItem {
  const item = leaf(name, "symbol-field");
  item.description = text === undefined ? `${type}, ${sizeBytes} bytes` : `${text} · ${type}`;
  item.tooltip = `${name}\n${type}, ${sizeBytes} bytes${text === undefined ? "" : `\n${text}`}`;
  return item;
}

function leaf(label: string, icon: string, opens?: { command: string; node: FlowRunNode }): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.iconPath = new vscode.ThemeIcon(icon);
  if (opens) {
    item.command = { command: opens.command, title: label, arguments: [opens.node] };
  }
  return item;
}
