import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** The one status-bar item: what the newest live run is doing, and how many others run beside it. */
export function registerRunStatusBar(monitor: RunMonitor): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("trainyard.run", vscode.StatusBarAlignment.Left, 10);
  item.name = "Trainyard Run";
  item.command = "trainyard.showRunOutput";
  const listening = monitor.onDidChange(({ runs }) => void show(item, runs.filter(isLive)));
  return vscode.Disposable.from(item, listening);
}

export function isLive({ state }: Run): boolean {
  return state === "starting" || state === "running" || state === "stopping" || state === "orphaned";
}

async function show(item: vscode.StatusBarItem, live: readonly Run[]): Promise<void> {
  const [newest] = live;
  if (!newest) {
    item.hide();
    return;
  }
  const { describeRunBriefly } = await import("../../core/training/describeRun.ts");
  const others = live.length > 1 ? ` (+${live.length - 1})` : "";
  item.text = `$(sync~spin) ${describeRunBriefly(newest)}${others}`;
  item.tooltip = live.map((run) => `${run.record.id}: ${describeRunBriefly(run)}`).join("\n");
  item.accessibilityInformation = { label: `Training ${describeRunBriefly(newest)}`, role: "button" };
  item.show();
}
