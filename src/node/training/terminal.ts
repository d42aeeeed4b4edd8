import { UserError } from "../../core/base/errors.ts";
import type { StopLevel } from "../../core/training/runRecord.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { RunFollower, type Terminal } from "./follower.ts";
import { readRunStatus } from "./runFolder.ts";
import { readRun } from "./runLedger.ts";
import { adoptOrphan, startOwner } from "./startOwner.ts";
import { requestStop } from "./stopRequest.ts";

/** Enough to see where a training is; the whole log may have hundreds of megabytes. */
const BACKLOG_BYTES = 256 * 1024;
/** Wrappers such as npm forward a Ctrl-C that the terminal has delivered already: that is one Ctrl-C, not two. */
const REPEAT_IGNORED_MS = 300;

/** Starts a run that nobody owns, then shows it to its end. Resolves with the exit code of the training. */
export async function startInTerminal(folder: string, supervisorPath: string): Promise<number> {
  // The record is read first: a folder that is no run gets its sentence before a process is started for it.
  await readRun(folder);
  if ((await readRunStatus(folder)) === undefined) {
    await startOwner(folder, supervisorPath);
  }
  return followInTerminal(folder, supervisorPath);
}

/** Shows a run to its end; Ctrl-C asks the training to stop, and this goes on until it has. */
export async function followInTerminal(folder: string, supervisorPath: string): Promise<number> {
  const run = await adoptOrphan(await readRun(folder), supervisorPath);
  const follower = new RunFollower(run, standardTerminal());
  await follower.skipTo(BACKLOG_BYTES);
  const takeSignal = createStopAsker(follower);
  process.on("SIGINT", takeSignal);
  process.on("SIGTERM", takeSignal);
  try {
    return await follower.follow();
  } finally {
    process.off("SIGINT", takeSignal);
    process.off("SIGTERM", takeSignal);
  }
}

/** Standard output, which may vanish at any time: then this process ends, and the training does not notice. */
export function standardTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => process.exit(128 + 13));
  }
  return { out: process.stdout, isTerminal: process.stdout.isTTY };
}

function createStopAsker(follower: RunFollower): () => void {
  let askedAtMs: number | undefined;
  return () => {
    const nowMs = monotonicMs();
    if (askedAtMs !== undefined && nowMs - askedAtMs < REPEAT_IGNORED_MS) {
      return;
    }
    const level: StopLevel = askedAtMs === undefined ? "graceful" : "now";
    askedAtMs = nowMs;
    void askToStop(follower, level);
  };
}

async function askToStop(follower: RunFollower, level: StopLevel): Promise<void> {
  try {
    await requestStop(follower.run, level);
    await follower.say(
      level === "graceful"
        ? "Asked the training to stop; it may write a last checkpoint. Press Ctrl-C again to end it at once."
        : "The training is being ended at once.",
    );
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    await follower.say(error.message);
  }
}
