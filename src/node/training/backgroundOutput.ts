import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import { backgroundTargets } from "../../core/training/backgroundTargets.ts";
import { describePlace } from "../../core/training/describeFailure.ts";
import type { Diagnosis, EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { createProgressTracker, hasReachedLastEpoch } from "../../core/training/runProgress.ts";
import type { RunProgress, RunStatus } from "../../core/training/runRecord.ts";
import { commandText } from "./commandText.ts";
import { readLogEnding } from "./logEnding.ts";

/** What a training in the background printed to a file of its own (`nohup python train.py > nohup.out &`). */
export type BackgroundOutput = { path: string; lines: readonly EvidenceLine[]; progress?: RunProgress | undefined };

/** `progress`: of one that has not come to its last epoch, where there is one; nothing where a file of them tells nothing. */
export type BackgroundOutputs = { files: readonly BackgroundOutput[]; progress?: RunProgress | undefined };

type BackgroundStatus = Pick<RunStatus, "backgroundOutput" | "startedAt" | "exitCode" | "progress">;

/** The ends of the files that the trainings in the background of a run printed to. */
export async function readBackgroundOutputs(
  { backgroundOutput, startedAt, exitCode, progress }: BackgroundStatus,
  plan: LaunchPlan,
): Promise<BackgroundOutputs> {
  // A command that trained itself has only helpers in the background.
  const isOnlyCommand = exitCode === 0 && progress === undefined;
  if (backgroundOutput === undefined && !isOnlyCommand) {
    return { files: [] };
  }
  const named = backgroundTargets(await commandText(plan)).map((files) => files.map((file) => resolve(plan.cwd, file)));
  const read = await Promise.all(
    trainingsOf(named, backgroundOutput).map(async (paths) => {
      const files = await Promise.all(paths.map((path) => readOutput(path, startedAt)));
      return files.filter((file) => file !== undefined);
    }),
  );
  const ends = read.map((files) => files.find(({ progress: printed }) => printed !== undefined)?.progress);
  // One that is not known to have come to its end tells of all, for then not all have.
  const last = ends.find((end) => !hasReachedLastEpoch(end)) ?? ends[0];
  return { files: read.flat(), progress: read.every((files) => files.length > 0) ? last : undefined };
}

/** Of each training its files. Of a single one the file that it was seen to print to is the one that is named, whatever folder the script went to. */
function trainingsOf(named: readonly string[][], seen: string | undefined): string[][] {
  if (seen === undefined || named.some((files) => files.includes(seen))) {
    return [...named];
  }
  const [only, ...others] = named;
  return only !== undefined && others.length === 0
    ? [[seen, ...only.filter((file) => basename(file) !== basename(seen))]]
    : [[seen], ...named];
}

/** Undefined where there is none, or the run wrote nothing to it. */
async function readOutput(path: string, startedAt: string | undefined): Promise<BackgroundOutput | undefined> {
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
