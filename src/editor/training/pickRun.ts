import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import type { RunMonitor } from "./runMonitor.ts";

export type RunChoice = {
  /** Shown above the list: "Stop which run?" */
  title: string;
  /** The refusal when no run qualifies. */
  none: string;
  qualifies?: (run: Run) => boolean;
};

/**
 * The run that a command is about: the row of the view or the id it was called with, else the only one that
 * qualifies, else the one the person picks. Undefined when they leave.
 */
export async function pickRun(monitor: RunMonitor, target: unknown, choice: RunChoice): Promise<Run | undefined> {
  await monitor.refresh();
  const named = runOf(target, monitor);
  if (named) {
    return named;
  }
  const candidates = monitor.known.runs.filter(choice.qualifies ?? (() => true));
  const [only] = candidates;
  if (!only) {
    throw new UserError(choice.none);
  }
  if (candidates.length === 1) {
    return only;
  }
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const { describeLaunch } = await import("../../core/training/describeLaunch.ts");
  const rows = candidates.map((run) => ({
    label: run.record.plan.title,
    description: describeRunInList(run),
    detail: describeLaunch(run, new Date()),
    run,
  }));
  const picked = await vscode.window.showQuickPick(rows, {
    title: choice.title,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.run;
}

/** A row of the view carries its run, a button its id. Anything else (a file of the explorer) names no run. */
function runOf(target: unknown, monitor: RunMonitor): Run | undefined {
  if (typeof target === "string") {
    const run = monitor.find(target);
    if (!run) {
      throw new UserError(
        `Run ${target} is not in this workspace any more. Its folder below .trainyard/runs was removed.`,
      );
    }
    return run;
  }
  if (typeof target !== "object" || target === null || !("run" in target)) {
    return undefined;
  }
  const { run } = target;
  // The row may be older than what is known now, so only its folder is taken from it.
  return typeof run === "object" && run !== null && "folder" in run
    ? monitor.known.runs.find(({ folder }) => folder === run.folder)
    : undefined;
}
