import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { endedSweeps } from "./endOfSweep.ts";
import type { LoadHandoffs } from "./handOffRun.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** A run that ended longer ago than this is history, not news. */
const NEWS_MAX_AGE_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * Tells the person once, in one window, how a run ended, with a button that hands the work on. What
 * nobody was told about yet, such as what ended while no window was open, is told about when one opens.
 */
export function registerEndOfRun(
  monitor: RunMonitor,
  loadHandoffs: LoadHandoffs,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const told = new Set<string>();
  const look = () => {
    // What came with an untrusted folder is nobody's news.
    const runs = vscode.workspace.isTrusted ? monitor.known.runs : [];
    const ended = runs.filter((run) => isOver(run) && !told.has(run.folder) && isNews(run, Date.now()));
    const single = ended.filter(({ record }) => record.sweep === undefined);
    for (const run of single) {
      told.add(run.folder);
    }
    if (single.length > 0) {
      tellOfRuns(single, loadHandoffs).catch(onError);
    }
    for (const [sweepId, members] of endedSweeps(runs)) {
      if (!told.has(sweepId) && members.some((run) => isNews(run, Date.now()))) {
        told.add(sweepId);
        tellOfSweep(sweepId, members).catch(onError);
      }
    }
  };
  return vscode.Disposable.from(monitor.onDidChange(look), vscode.workspace.onDidGrantWorkspaceTrust(look));
}

/** Who takes a run out of the queue knows that it will not start. */
function isOver({ state, status }: Run): boolean {
  return hasEnded(state) && !(state === "stopped" && status.startedAt === undefined);
}

function isNews({ status, record }: Run, now: number): boolean {
  return now - Date.parse(status.endedAt ?? status.heartbeatAt ?? record.createdAt) < NEWS_MAX_AGE_MS;
}

async function tellOfRuns(runs: readonly Run[], loadHandoffs: LoadHandoffs): Promise<void> {
  const { tellAboutRuns } = await import("./endNotices.ts");
  await tellAboutRuns(runs, loadHandoffs);
}

async function tellOfSweep(sweepId: string, runs: readonly Run[]): Promise<void> {
  const { tellAboutSweep } = await import("./endNotices.ts");
  await tellAboutSweep(sweepId, runs);
}
