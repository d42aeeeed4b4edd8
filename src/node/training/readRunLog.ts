import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import { type Curve, createCurveCollector } from "../../core/training/evaluation/curves.ts";
import { createPaceMeter, type Pace } from "../../core/training/evaluation/pace.ts";
import { namesSizes, type SizeLine } from "../../core/training/evaluation/renderData.ts";
import { SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { LogTail } from "./logTail.ts";
import { runFiles } from "./runFolder.ts";

/** What a run's own output says about how it went. Line numbers count from one, in train.log. */
export type RunLogReading = {
  curves: readonly Curve[];
  pace: Pace;
  sizes: readonly SizeLine[];
  /** Bytes at the beginning that were passed over; line numbers then count from behind them. */
  skippedBytes: number;
};

/** Some seconds of reading. Beyond this the beginning is passed over, as the newest values matter most. */
const MAX_LOG_BYTES = 64 * 2 ** 20;
const MAX_SIZE_LINES = 10;

/** Reads a log through once, in constant memory; a missing one gives nothing. */
export async function readRunLog(runFolder: string, signal?: AbortSignal): Promise<RunLogReading> {
  const tail = new LogTail(runFiles(runFolder).log);
  const skippedBytes = await tail.skipTo(MAX_LOG_BYTES);
  const collector = createCurveCollector();
  const meter = createPaceMeter();
  const sizes: SizeLine[] = [];
  let line = 0;
  for (let chunk = await tail.next(); chunk.length > 0; chunk = await tail.next()) {
    signal?.throwIfAborted();
    for (const { text, time } of chunk) {
      line += 1;
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
  return { curves: collector.curves(), pace: meter.pace(), sizes, skippedBytes };
}
