import { join } from "node:path";
import type { Series } from "../../core/metrics/series.ts";
import { LOG_FILE } from "../../core/training/logParts.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { type RunLogs, RunMetrics } from "./runMetrics.ts";
import { trackerPlaces } from "./trackerPlaces.ts";

/** Where the values of a run are looked for. */
export function logsOfRun({ record, status, folder }: Run): RunLogs {
  const logFolder = record.plan.logFolder?.path ?? record.plan.checkpointFolder?.path;
  return {
    ...(logFolder === undefined ? {} : { folder: logFolder }),
    trackers: trackerPlaces(record.plan.cwd, { ...process.env, ...record.plan.environment }),
    console: join(folder, LOG_FILE),
    startedMs: Date.parse(status.startedAt ?? record.createdAt),
    ...(status.endedAt === undefined ? {} : { endedMs: Date.parse(status.endedAt) }),
  };
}

/** Every value that a run logged, read at once. */
export async function readRunCurves(run: Run): Promise<readonly Series[]> {
  const metrics = new RunMetrics(logsOfRun(run));
  await metrics.update();
  return metrics.series;
}
