import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import { type Curve, createCurveCollector } from "../../core/training/evaluation/curves.ts";
import { createPaceMeter, type Pace } from "../../core/training/evaluation/pace.ts";
import { namesSizes, type SizeLine } from "../../core/training/evaluation/renderData.ts";
import type { LogParts } from "../../core/training/logParts.ts";
import { SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { readLogParts } from "../base/logFiles.ts";
import { LogTail } from "../base/logTail.ts";
import { runFiles } from "./runFolder.ts";

/** What a run's own output says about how it went. Line numbers count from one, through all parts of the log. */
export type RunLogReading = {
  curves: readonly Curve[];
  pace: Pace;
  sizes: readonly SizeLine[];
  /** Absent where the log is one whole file. */
  log?: LogParts;
};

/** Some seconds of reading. Beyond this the beginning is passed over, as the newest values matter most. */
const MAX_LOG_BYTES = 64 * 2 ** 20;
const MAX_SIZE_LINES = 10;

/** Reads a log through once, in constant memory; a missing one gives nothing. */
export async function readRunLog(runFolder: string, signal?: AbortSignal): Promise<RunLogReading> {
  const tail = new LogTail(runFiles(runFolder).log);
  await tail.skipTo(MAX_LOG_BYTES);
  const collector = createCurveCollector();
  const meter = createPaceMeter();
  const sizes: SizeLine[] = [];
  let line = await tail.skippedLines();
  for (let chunk = await tail.next(); chunk.length > 0; chunk = await tail.next()) {
    signal?.throwIfAborted();
    for (const { text, time, missing } of chunk) {
      line = missing?.last ?? line + 1;
      if (text.startsWith(SUPERVISOR_PREFIX)) {
        continue;
      }
      const reading = parseConsoleLine(text);
      const training = reading?.subject === "training" ? reading : undefined;
      if (training) {
        collector.add(training, line);
      }
      const hasMetrics = training !== undefined && Object.keys(training.metrics).length > 0;
      const timeMs = time === undefined ? undefined : Date.parse(time);
      meter.add(training && { ...training, hasMetrics }, { text, line, ...(timeMs === undefined ? {} : { timeMs }) });
      if (sizes.length < MAX_SIZE_LINES && namesSizes(text)) {
        sizes.push({ line, text: text.trim() });
      }
    }
  }
  const log = await readLogParts(runFiles(runFolder).log);
  return { curves: collector.curves(), pace: meter.pace(), sizes, ...(log === undefined ? {} : { log }) };
}
