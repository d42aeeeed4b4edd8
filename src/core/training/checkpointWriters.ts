import type { CheckpointEntry } from "../checkpoints/checkpointListing.ts";
import { resolveFrom } from "../checkpoints/checkpointParts.ts";
import { type CheckpointWriter, isWrittenBy } from "../checkpoints/checkpointWriter.ts";
import type { Series } from "../metrics/series.ts";
import { lossBreakOfRun } from "./resume/lossBreak.ts";
import type { Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";
import { writeWindow } from "./runWindow.ts";

/**
 * What runs tell about checkpoints: which they may have saved, which they may go on from, and since when their loss was
 * none. Curves are read of those runs alone that can have saved one of them.
 */
export async function readCheckpointWriters(
  runs: readonly Run[],
  entries: readonly CheckpointEntry[],
  readCurves: (run: Run) => Promise<readonly Series[]>,
): Promise<CheckpointWriter[]> {
  const writers: CheckpointWriter[] = [];
  for (const run of runs) {
    const writer = writerOf(run);
    const isMeant = entries.some((entry) => isWrittenBy(entry, writer));
    const lossBreak = isMeant ? lossBreakOfRun(await readCurves(run), run.status.alarms) : undefined;
    writers.push({ ...writer, ...(lossBreak === undefined ? {} : { lossBreak }) });
  }
  return writers;
}

/** Whether a run saves to a folder, by its plan or since its command names it. */
export function savesInto(run: Run, folder: string): boolean {
  const writer = writerOf(run);
  return writer.folder === folder || writer.named?.includes(folder) === true;
}

function writerOf(run: Run): CheckpointWriter {
  const { plan } = run.record;
  const folder = plan.checkpointFolder?.path;
  const { sinceMs, untilMs } = writeWindow(run);
  return {
    sinceMs,
    named: namedIn([...plan.command, ...plan.arguments.flatMap(({ value }) => value ?? [])], plan.cwd),
    ...(folder === undefined ? {} : { folder }),
    // Where nobody saw the end, the last sign of life tells the least that is certain; the future tells the most.
    ...(hasEnded(run.state) ? { untilMs } : {}),
  };
}

/** Every word, and what follows the first `=` in it, as if it were a path: most are none, and then nothing lies there. */
function namedIn(words: readonly string[], cwd: string): string[] {
  return words
    .flatMap((word) => [word, word.slice(word.indexOf("=") + 1)])
    .filter((word) => word !== "")
    .map((word) => resolveFrom(cwd, word));
}
