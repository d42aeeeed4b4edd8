import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";

/** The runs of one sweep, in the order of the grid. */
export type SweepNode = { kind: "sweep"; sweepId: string; runs: readonly Run[] };

export type RunOrSweep = { kind: "run"; run: Run } | SweepNode;

/** Runs as rows: those of a sweep stand together, where the newest of them stands. */
export function groupSweeps(runs: readonly Run[]): RunOrSweep[] {
  const seen = new Set<string>();
  return runs.flatMap((run): RunOrSweep[] => {
    const sweepId = run.record.sweep?.id;
    if (sweepId === undefined) {
      return [{ kind: "run", run }];
    }
    if (seen.has(sweepId)) {
      return [];
    }
    seen.add(sweepId);
    const members = runs.filter(({ record }) => record.sweep?.id === sweepId);
    return [{ kind: "sweep", sweepId, runs: members.toSorted((a, b) => indexOf(a) - indexOf(b)) }];
  });
}

export async function renderSweep({ sweepId, runs }: SweepNode): Promise<vscode.TreeItem> {
  const { bestOf, describeSweep, memberLabel, sweepsOf } = await import("../../core/training/sweep/sweepResults.ts");
  const [sweep] = sweepsOf(runs);
  const isLive = runs.some(({ state }) => !hasEnded(state));
  const item = new vscode.TreeItem(
    `Sweep of ${sweep?.title ?? sweepId}`,
    isLive ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  const best = sweep && bestOf(sweep);
  item.id = `sweep:${sweepId}`;
  item.description = sweep && describeSweep(sweep);
  item.iconPath = new vscode.ThemeIcon("run-all");
  item.contextValue = isLive ? "sweep.live" : "sweep.ended";
  item.tooltip = [
    sweepId,
    item.description,
    ...(best ? [`Best ${best.metric} with ${memberLabel(best.run)}`] : []),
  ].join("\n");
  item.accessibilityInformation = { label: `Sweep of ${sweep?.title ?? sweepId}, ${item.description}` };
  return item;
}

function indexOf({ record }: Run): number {
  return record.sweep?.index ?? 0;
}
