import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
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
  const named = outputsNamedIn(await commandText(plan)).map((path) => resolve(plan.cwd, path));
  const known = backgroundOutput === undefined ? [] : [backgroundOutput];
  // Of one training the file that it was seen to print to is the one that is named, whatever folder the script went to.
  const paths = known.length > 0 && named.length === 1 ? known : [...new Set([...known, ...named])];
  const files = await Promise.all(paths.map((path) => readOutput(path, startedAt)));
  const read = files.filter((file) => file !== undefined);
  // One that is not known to have come to its end tells of all, for then not all have.
  const last = read.find((file) => !hasReachedLastEpoch(file.progress)) ?? read[0];
  return { files: read, progress: read.length === paths.length ? last?.progress : undefined };
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

/** `> train.log 2>&1 &`, as a command sends what it starts in the background to a file. */
const OUTPUT_IN_BACKGROUND =
  /(?:&>>?|(?<![\w&>])1?>>?)\s*(?<quote>["']?)(?<path>[^\s"'&;|<>$()]+)\k<quote>(?:\s+2>&1|\s+<\s*\/dev\/null)*\s*&(?![&>])/g;

/** What fails at once is gone before anybody could see where it prints. */
function outputsNamedIn(command: string): string[] {
  const paths = [...command.matchAll(OUTPUT_IN_BACKGROUND)].map(({ groups }) => groups?.["path"] ?? "");
  return [...new Set(paths.filter((path) => !path.startsWith("/dev/")))];
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
