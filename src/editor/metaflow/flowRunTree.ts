import * as vscode from "vscode";
import { FlowRunList } from "./flowRunList.ts";
import type { FlowRunNode } from "./flowRunRows.ts";

/** A step takes seconds, and a look at runs that have ended is cheap. Nobody looks while the view is hidden. */
const LOOK_MS = 2_000;

const loadRows = () => import("./flowRunRows.ts");

/** The "Flow Runs" view: runs of Metaflow, newest first, each with its steps, their tasks, logs, cards and artifacts. */
export function registerFlowRunTree(
  onDidChangeRuns: vscode.Event<unknown>,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const list = new FlowRunList();
  let isStale = true;
  let timer: NodeJS.Timeout | undefined;
  const roots = async () => {
    if (isStale) {
      isStale = false;
      await list.read();
    }
    return list.runs.map((run): FlowRunNode => ({ kind: "run", root: list.root, run }));
  };
  const view = vscode.window.createTreeView<FlowRunNode>("trainyard.flowRuns", {
    showCollapseAll: true,
    canSelectMany: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => {
        try {
          return await (node ? (await loadRows()).childrenOf(node) : roots());
        } catch (error) {
          onError(error);
          return [];
        }
      },
      getTreeItem: async (node) => (await loadRows()).renderNode(node),
    },
  });
  const look = async () => {
    if (await list.look()) {
      changed.fire(undefined);
    }
  };
  const lookLater = () => {
    clearTimeout(timer);
    if (view.visible) {
      timer = setTimeout(() => void look().catch(onError).finally(lookLater), LOOK_MS);
    }
  };
  const refresh = () => {
    isStale = true;
    changed.fire(undefined);
    lookLater();
  };
  return vscode.Disposable.from(
    view,
    changed,
    view.onDidChangeVisibility(refresh),
    onDidChangeRuns(() => {
      if (view.visible) {
        refresh();
      }
    }),
    { dispose: () => clearTimeout(timer) },
  );
}
