import * as vscode from "vscode";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";
import type { DeskContents, WorkflowDesk } from "./workflowDesk.ts";

/** Changes of several files come together; the view is drawn once for them. */
const REDRAW_DELAY_MS = 150;

/** A task may be a page long. */
const LABEL_CHARACTERS = 80;

const WARNING = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));

/** `id` is the workflow's, so that a row can be the argument of a command. */
export type WorkflowNode =
  | { kind: "workflow"; id: string; state: WorkflowState }
  | { kind: "phase"; id: string; state: WorkflowState; phase: number }
  | { kind: "task"; id: string; title: string; agent: string; is: string; reason?: string; path?: string }
  | { kind: "document"; id: string; document: string; path: string; isApproved: boolean }
  | { kind: "unreadable"; id: string; reason: string; isBroken: boolean };

/** The "Workflows" view: each workflow with its phases, their agents and their documents. */
export function registerWorkflowView(desk: WorkflowDesk, onError: (error: unknown) => void): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const view = vscode.window.createTreeView<WorkflowNode>("trainyard.workflows", {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => {
        try {
          return node === undefined ? rootsOf(await desk.contents()) : await childrenOf(node);
        } catch (error) {
          onError(error);
          return [];
        }
      },
      getTreeItem: renderNode,
    },
  });
  const listener = desk.onDidChange(() => {
    clearTimeout(timer);
    timer = setTimeout(() => changed.fire(undefined), REDRAW_DELAY_MS);
  });
  return vscode.Disposable.from(view, changed, listener, { dispose: () => clearTimeout(timer) });
}

function rootsOf({ workflows, unreadable }: DeskContents): WorkflowNode[] {
  return [
    ...workflows.map(({ state }): WorkflowNode => ({ kind: "workflow", id: state.id, state })),
    ...unreadable.map(({ id, reason, isBroken }): WorkflowNode => ({ kind: "unreadable", id, reason, isBroken })),
  ];
}

async function childrenOf(node: WorkflowNode): Promise<WorkflowNode[]> {
  if (node.kind === "workflow") {
    return node.state.phases.map((_phase, phase) => ({ kind: "phase", id: node.id, state: node.state, phase }));
  }
  if (node.kind !== "phase") {
    return [];
  }
  const { phaseAt, phaseDocument, activeSteps } = await import("../../core/workflow/workflowState.ts");
  const { definition, state } = phaseAt(node.state, node.phase);
  const document = phaseDocument(node.state, node.phase);
  const isWritten = node.state.documents[document] !== undefined;
  const isApproved = state.approval !== undefined && !state.approval.isWithdrawn;
  return [
    ...activeSteps(definition, state)
      .flatMap(({ tasks }) => tasks)
      .map((task): WorkflowNode => {
        const at = state.tasks[task.id];
        const { title, agent } = task;
        return {
          kind: "task",
          id: node.id,
          title,
          agent,
          is: at?.kind ?? "waiting",
          ...(at?.kind === "failed" ? { reason: at.reason } : {}),
          ...(at?.kind === "done" ? { path: at.document } : {}),
        };
      }),
    ...(isWritten ? [{ kind: "document" as const, id: node.id, document, path: document, isApproved }] : []),
  ];
}

async function renderNode(node: WorkflowNode): Promise<vscode.TreeItem> {
  switch (node.kind) {
    case "workflow":
      return renderWorkflow(node.state);
    case "phase":
      return renderPhase(node.state, node.phase);
    case "task":
      return renderTask(node);
    case "document":
      return renderDocument(node);
    case "unreadable":
      break;
  }
  const item = new vscode.TreeItem(node.id);
  item.description = node.reason;
  item.tooltip = node.reason;
  item.iconPath = WARNING;
  item.contextValue = node.isBroken ? "unreadable.broken" : "unreadable";
  return item;
}

async function renderWorkflow(state: WorkflowState): Promise<vscode.TreeItem> {
  const { hasFinished } = await import("../../core/workflow/workflowState.ts");
  const { describeTampering } = await import("../../core/workflow/trust.ts");
  const { oneLine } = await import("../../core/base/markdown.ts");
  const isDone = hasFinished(state);
  const { title } = state.definition;
  // The task comes first: a narrow view cuts the end off, and several workflows of one kind differ in nothing else.
  const item = new vscode.TreeItem(
    oneLine(state.task, LABEL_CHARACTERS),
    isDone ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded,
  );
  const progress = isDone ? "done" : `${state.current} of ${state.phases.length} phases done`;
  item.id = `workflow:${state.id}`;
  const wait = state.isForeign ? ", waits for your confirmation" : state.isStopped ? ", stopped" : "";
  item.description = `${progress}${wait} · ${title}`;
  const warning = state.rewound ?? describeTampering(state);
  item.tooltip = [state.task, state.id, ...(warning === "" ? [] : [warning])].join("\n");
  item.iconPath =
    state.isForeign || warning !== ""
      ? WARNING
      : new vscode.ThemeIcon(isDone ? "pass" : state.isStopped ? "debug-pause" : "checklist");
  item.contextValue = isDone ? "workflow.done" : state.isStopped ? "workflow.stopped" : "workflow.live";
  item.accessibilityInformation = { label: `Workflow ${title}, ${progress}${wait} · ${state.task}` };
  return item;
}

async function renderPhase(state: WorkflowState, index: number): Promise<vscode.TreeItem> {
  const { describeWait } = await import("../../core/workflow/renderDocuments.ts");
  const { phaseAt } = await import("../../core/workflow/workflowState.ts");
  const { definition, state: phase } = phaseAt(state, index);
  const isCurrent = index === state.current;
  const item = new vscode.TreeItem(
    `${index + 1}. ${definition.title}`,
    isCurrent ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  const isWithdrawn = phase.approval?.isWithdrawn === true;
  const wait = describeWait(state, index).replace(/^: /, "");
  // A phase that is reached opens by itself, which a tree does only for a row that it has not seen.
  item.id = `phase:${state.id}:${index}:${isCurrent ? "current" : ""}`;
  item.description = wait === "" ? definition.stage : wait;
  item.tooltip = definition.goal;
  item.iconPath = phaseIcon(isWithdrawn ? "withdrawn" : phase.kind);
  item.contextValue =
    isWithdrawn || (isCurrent && phase.kind === "awaiting-approval")
      ? "phase.gate"
      : isCurrent && phase.kind === "asking"
        ? "phase.asking"
        : "phase";
  item.accessibilityInformation = {
    label: `Phase ${index + 1}, ${definition.title}, ${wait === "" ? phase.kind : wait}`,
  };
  return item;
}

function phaseIcon(kind: string): vscode.ThemeIcon {
  const icons: Record<string, [icon: string, color?: string]> = {
    done: ["pass", "testing.iconPassed"],
    skipped: ["circle-slash"],
    withdrawn: ["warning", "list.warningForeground"],
    asking: ["question", "charts.blue"],
    "awaiting-approval": ["bell-dot", "charts.blue"],
    working: ["tools", "charts.blue"],
    documenting: ["edit"],
  };
  const [icon, color] = icons[kind] ?? ["circle-outline"];
  return new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
}

const TASK_ICONS: Record<string, string> = {
  waiting: "circle-outline",
  running: "sync~spin",
  failed: "error",
  done: "check",
};

function renderTask(node: Extract<WorkflowNode, { kind: "task" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(node.title);
  item.description = `${node.agent} · ${node.is}${node.reason === undefined ? "" : `: ${node.reason}`}`;
  item.iconPath = new vscode.ThemeIcon(TASK_ICONS[node.is] ?? "circle-outline");
  item.contextValue = "task";
  if (node.path !== undefined) {
    item.command = openCommand(node.id, node.path);
  }
  return item;
}

function renderDocument(node: Extract<WorkflowNode, { kind: "document" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(node.document.replace(/^documents\//, ""));
  item.description = node.isApproved ? "approved" : "";
  item.iconPath = new vscode.ThemeIcon("markdown");
  item.contextValue = "document";
  item.command = openCommand(node.id, node.path);
  return item;
}

function openCommand(id: string, document: string): vscode.Command {
  return { title: "Open Document", command: "trainyard.openWorkflowDocument", arguments: [{ id, document }] };
}
