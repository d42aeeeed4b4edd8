import * as vscode from "vscode";
import type { CurvesRun } from "../../core/dashboard/curvesMessage.ts";
import { describeRunInList } from "../../core/training/describeRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { logsOfRun } from "../../node/metrics/logsOfRun.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import { contentsOfRun, type RunsViewSource } from "./runsView.ts";

/** As many as a chart has pixels, twice over. */
const MAX_POINTS = 2_000;
const MAX_MARKS = 200;

/** The curves of the runs as they are now, with the checkpoints on their way. */
export async function readCurves(
  runs: readonly Run[],
  source: RunsViewSource,
  client: MetricsClient,
): Promise<CurvesRun[]> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const reply = await client.ask({
    root,
    runs: runs.map((run) => ({ key: run.folder, ...logsOfRun(run) })),
    maxPoints: MAX_POINTS,
  });
  return runs.map((run): CurvesRun => {
    const read = reply.runs.find(({ key }) => key === run.folder);
    return {
      id: run.record.id,
      title: run.record.plan.title,
      state: run.state,
      description: describeRunInList(run),
      startedMs: Date.parse(run.status.startedAt ?? run.record.createdAt),
      source: read?.source ?? "",
      series: read?.series ?? [],
      checkpoints: marksOf(run, source),
    };
  });
}

function marksOf(run: Run, source: RunsViewSource): CurvesRun["checkpoints"] {
  if (run.record.plan.checkpointFolder === undefined) {
    return [];
  }
  return contentsOfRun(run, source)
    .entries.slice(0, MAX_MARKS)
    .flatMap(({ path: file, summary }) =>
      summary.step === undefined
        ? []
        : [{ step: summary.step, name: summary.name, path: file, isWhole: summary.completeness.state === "whole" }],
    );
}
