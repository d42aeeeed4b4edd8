import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { isLive } from "./statusBar.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** A run that ended longer ago than this is history, not news. */
const NEWS_MAX_AGE_MS = 3 * 24 * 60 * 60 * 1000;

type HandOff = (run: Run) => Thenable<unknown>;

/**
 * Tells the person once, in one window, how a run ended, with a button that hands the work on. A run that
 * ended while no window was open is told about when one opens.
 */
export function registerEndOfRun(
  monitor: RunMonitor,
  handOff: HandOff,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const told = new Set<string>();
  return monitor.onDidChange(({ runs }) => {
    const ended = runs.filter((run) => !isLive(run) && !told.has(run.record.id) && isNews(run, Date.now()));
    for (const run of ended) {
      told.add(run.record.id);
      tellAbout(run, handOff).catch(onError);
    }
  });
}

function isNews({ status, record }: Run, now: number): boolean {
  return now - Date.parse(status.endedAt ?? record.createdAt) < NEWS_MAX_AGE_MS;
}

async function tellAbout(run: Run, handOff: HandOff): Promise<void> {
  const { claimNotification } = await import("../../node/training/runLedger.ts");
  if (!(await claimNotification(run.folder))) {
    return;
  }
  const { describeRunEnd } = await import("../../core/training/describeRun.ts");
  const text = describeRunEnd(run);
  if (run.state === "finished" || run.state === "stopped") {
    const choice = await vscode.window.showInformationMessage(text, "Hand Off…", "Show Report");
    await act(choice, run, handOff);
    return;
  }
  const choice = await vscode.window.showErrorMessage(text, "Open Log", "Show Report");
  await act(choice, run, handOff);
}

async function act(choice: string | undefined, run: Run, handOff: HandOff): Promise<void> {
  switch (choice) {
    case "Hand Off…":
      await handOff(run);
      return;
    case "Show Report":
      await vscode.commands.executeCommand("trainyard.showReport", run.record.id);
      return;
    case "Open Log":
      await vscode.commands.executeCommand("trainyard.openRunLog", run.record.id);
      return;
    default:
  }
}
