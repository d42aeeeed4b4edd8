import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../core/base/errors.ts";
import type { Diagnosis, EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import type { EndedRun } from "./explainEnd.ts";

/** Longer than any disk takes that answers, and short enough for the run not to be taken for unwatched meanwhile. */
const LIMIT_MS = 10_000;

/**
 * Why a run ended badly, for its supervisor: the end has to be written whatever looking for its cause does, so a mistake of
 * ours and a disk that does not answer become the `problem` of the run.
 */
export async function explainSafely(
  lines: Iterable<EvidenceLine>,
  run: EndedRun,
  limitMs = LIMIT_MS,
): Promise<{ diagnosis?: Diagnosis | undefined; problem?: string }> {
  try {
    // Needed once, at the end: a training of days does not keep it in memory.
    const { explainEnd } = await import("./explainEnd.ts");
    return await Promise.race([
      explainEnd(lines, run).then((diagnosis) => ({ diagnosis })),
      delay(limitMs, { problem: notExplained("a disk of it does not answer") }),
    ]);
  } catch (error) {
    return { problem: notExplained(messageOf(error)) };
  }
}

function notExplained(reason: string): string {
  return `Why it ended so could not be looked up (${reason}); its log may tell.`;
}
