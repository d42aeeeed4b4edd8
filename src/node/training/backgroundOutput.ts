import { stat } from "node:fs/promises";
import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import { describePlace } from "../../core/training/describeFailure.ts";
import type { Diagnosis, EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import { createProgressTracker } from "../../core/training/runProgress.ts";
import type { RunProgress, RunStatus } from "../../core/training/runRecord.ts";
import { readLogEnding } from "./logEnding.ts";

/** What a training in the background printed to a file of its own (`nohup python train.py > nohup.out &`). */
export type BackgroundOutput = { path: string; lines: readonly EvidenceLine[]; progress?: RunProgress | undefined };

/** The end of that file; undefined where there is none, or the run wrote nothing to it. */
export async function readBackgroundOutput({
  backgroundOutput: path,
  startedAt,
}: Pick<RunStatus, "backgroundOutput" | "startedAt">): Promise<BackgroundOutput | undefined> {
  if (path === undefined) {
    return undefined;
  }
  try {
    const { mtime } = await stat(path);
    if (startedAt !== undefined && mtime.getTime() < Date.parse(startedAt)) {
      return undefined;
    }
    const { firstLine, lines } = await readLogEnding(path);
    return {
      path,
      lines: lines.map(({ text }, index) => ({ line: firstLine + index, text })),
      progress: progressIn(lines, mtime),
    };
  } catch {
    // It may be gone or locked by now, and is only one more source.
    return undefined;
  }
}

function progressIn(lines: readonly { text: string }[], writtenAt: Date): RunProgress | undefined {
  const tracker = createProgressTracker();
  for (const painted of lines.flatMap(({ text }) => text.split("\r"))) {
    const reading = parseConsoleLine(painted);
    if (reading !== undefined) {
      tracker.add(reading, 0);
    }
  }
  return tracker.current(0, writtenAt);
}

/** Its lines are none of the run's log, so the one that proves it becomes a fact. */
export function proveByFacts(diagnosis: Diagnosis, path: string): Diagnosis {
  const { evidence, facts = [], lastWords: _ofFile, ...rest } = diagnosis;
  const said = evidence
    .slice(0, 1)
    .map(({ line, text }) => `${path} says in line ${line}: ${text.replace(/[.:]$/, "")}${describePlace(evidence)}.`);
  return { ...rest, evidence: [], facts: [...said, ...facts] };
}
