import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";

/** The sweeps whose last run has ended, by the runs that they have; a sweep with a run that still has to come is none. */
export function endedSweeps(runs: readonly Run[]): Map<string, readonly Run[]> {
  const sweeps = new Map<string, Run[]>();
  for (const run of runs) {
    const { id } = run.record.sweep ?? {};
    if (id !== undefined) {
      sweeps.set(id, [...(sweeps.get(id) ?? []), run]);
    }
  }
  const ended = [...sweeps].filter(
    ([, members]) => members.length === members[0]?.record.sweep?.size && members.every(({ state }) => hasEnded(state)),
  );
  return new Map(ended);
}

/** Tells the person once how a sweep ended, in place of one notice for each of its runs. */
export async function tellAboutSweep(sweepId: string, runs: readonly Run[]): Promise<void> {
  const { claimNotification } = await import("../../node/training/stopRequest.ts");
  const { describeSweepEnd, sweepsOf } = await import("../../core/training/sweep/sweepResults.ts");
  const [sweep] = sweepsOf(runs);
  const first = sweep?.runs[0];
  const isNews = runs.some(({ status }) => status.startedAt !== undefined);
  if (!sweep || !first || !isNews || !(await claimNotification(first.folder, "sweep"))) {
    return;
  }
  const show = "Show Results";
  if ((await vscode.window.showInformationMessage(describeSweepEnd(sweep), show)) === show) {
    await vscode.commands.executeCommand("trainyard.showSweep", sweepId);
  }
}
