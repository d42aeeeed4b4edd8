/** How fast a run goes, measured between the lines of its log. */
export type Pace = {
  stepSeconds?: number;
  epochSeconds?: number;
  /** The part of a step that waits for data, where the training prints both times. */
  loaderShare?: { share: number; line: number };
  /** Steps and epochs that were measured. */
  steps: number;
  epochs: number;
};

export type PaceReading = { epoch?: number; step?: number; steps?: number; hasMetrics: boolean };

/** torchvision, timm and mmengine print both: `Time 0.123 (0.130) Data 0.010 (0.012)`, `time: 0.2 data_time: 0.01`. */
const DATA_TIME = /\bdata(?:_time)?\s*[:=]?\s*(\d+\.\d+)/i;
const STEP_TIME = /\b(?:batch_|iter_)?time\s*[:=]?\s*(\d+\.\d+)/i;

/** Folds the lines of a log, with the times they were written at, into a pace. */
export function createPaceMeter(): {
  add(reading: PaceReading | undefined, at: { text: string; timeMs?: number; line: number }): void;
  pace(): Pace;
} {
  let previous: { step: number; timeMs: number } | undefined;
  let epochEnd: { epoch: number; timeMs: number } | undefined;
  const sums = { steps: 0, stepMs: 0, epochs: 0, epochMs: 0 };
  let loaderShare: Pace["loaderShare"];
  return {
    add(reading, { text, timeMs, line }) {
      loaderShare = readLoaderShare(text, line) ?? loaderShare;
      if (reading === undefined || timeMs === undefined) {
        return;
      }
      const { epoch, step, hasMetrics } = reading;
      if (step !== undefined) {
        // A counter that starts again with each epoch goes backwards there; that stretch is left out.
        if (previous && step > previous.step && timeMs >= previous.timeMs) {
          sums.steps += step - previous.step;
          sums.stepMs += timeMs - previous.timeMs;
        }
        previous = { step, timeMs };
      } else if (epoch !== undefined && hasMetrics) {
        // Validation and saving lie between this line and the next step.
        previous = undefined;
        if (epochEnd && epoch > epochEnd.epoch) {
          sums.epochs += epoch - epochEnd.epoch;
          sums.epochMs += timeMs - epochEnd.timeMs;
        }
        epochEnd = { epoch, timeMs };
      }
    },
    pace: () => ({
      steps: sums.steps,
      epochs: sums.epochs,
      ...(sums.steps > 0 ? { stepSeconds: sums.stepMs / sums.steps / 1000 } : {}),
      ...(sums.epochs > 0 ? { epochSeconds: sums.epochMs / sums.epochs / 1000 } : {}),
      ...(loaderShare ? { loaderShare } : {}),
    }),
  };
}

function readLoaderShare(text: string, line: number): Pace["loaderShare"] {
  const data = Number(DATA_TIME.exec(text)?.[1]);
  const step = Number(STEP_TIME.exec(text.replace(/data_time/gi, "data"))?.[1]);
  return step > 0 && data >= 0 && data <= step ? { share: data / step, line } : undefined;
}
