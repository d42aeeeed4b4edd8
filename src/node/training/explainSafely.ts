import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../core/base/errors.ts";
import type { EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import type { RunStatus } from "../../core/training/runRecord.ts";
import type { EndedRun } from "./explainEnd.ts";

/** `progress`: how far the training came, also where it printed that to a file of its own. */
type Explained = Pick<RunStatus, "diagnosis" | "progress" | "problem">;

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
): Promise<Explained> {
  try {
    return await Promise.race([
      explain(lines, run),
      delay(limitMs, { problem: notExplained("a disk of it does not answer") }),
    ]);
  } catch (error) {
    return { problem: notExplained(messageOf(error)) };
  }
}

async function explain(lines: Iterable<EvidenceLine>, run: EndedRun): Promise<Explained> {
  // Needed once, at the end: a training of days does not keep them in memory.
  const [{ explainEnd }, { readBackgroundOutputs }] = await Promise.all([
    import("./explainEnd.ts"),
    import("./backgroundOutput.ts"),
  ]);
  const background = await readBackgroundOutputs(run.status, run.plan);
  const progress = run.status.progress ?? background.progress;
  const status = progress === undefined ? run.status : { ...run.status, progress };
  const diagnosis = await explainEnd(lines, { ...run, status, backgroundFiles: background.files });
  return { ...(diagnosis === undefined ? {} : { diagnosis }), ...(progress === undefined ? {} : { progress }) };
}

function notExplained(reason: string): string {
  return `Why it ended so could not be looked up (${reason}); its log may tell.`;
}
