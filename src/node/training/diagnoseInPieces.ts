import { setImmediate as nextTurn } from "node:timers/promises";
import { type DiagnosisContext, FailureReader } from "../../core/training/diagnosis/diagnoseFailure.ts";
import type { Diagnosis, EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";

/** A line takes some 20 µs: the thread of the editor is held for less than a frame. */
const LINES_PER_TURN = 200;

/** What `diagnoseFailure` gives, for the tens of thousands of lines that the end of a log may have. */
export async function diagnoseInPieces(
  lines: Iterable<EvidenceLine>,
  context: DiagnosisContext,
): Promise<Diagnosis | undefined> {
  const failure = new FailureReader();
  let count = 0;
  for (const line of lines) {
    failure.push(line);
    count += 1;
    if (count % LINES_PER_TURN === 0) {
      await nextTurn();
    }
  }
  return failure.diagnose(context);
}
