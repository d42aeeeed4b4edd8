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
export function startInTerminal(folder: string, supervisorPath: string): Promise<number> {
  return followInTerminal(folder, supervisorPath, async () => {
    // The record is read first: a folder that is no run gets its sentence before a process is started for it.
    await readRun(folder);
    if ((await readRunStatus(folder)) === undefined) {
      await startOwner(folder, supervisorPath);
    }
  });
}

/** Shows a run to its end; Ctrl-C asks the training to stop, and this goes on until it has. */
export async function followInTerminal(
  folder: string,
  supervisorPath: string,
  start: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const asker = new StopAsker();
  // From the first moment on: a Ctrl-C that ended this process alone would leave a training that has just begun.
  process.on("SIGINT", asker.take);
  process.on("SIGTERM", asker.take);
  try {
    await start();
    const run = await adoptOrphan(await readRun(folder), supervisorPath);
    const follower = new RunFollower(run, standardTerminal());
    await follower.skipTo(BACKLOG_BYTES);
    asker.attach(follower);
    return await follower.follow();
  } finally {
    process.off("SIGINT", asker.take);
    process.off("SIGTERM", asker.take);
  }
}

/** Standard output, which may vanish at any time: then this process ends, and the training does not notice. */
export function standardTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => process.exit(128 + 13));
  }
  return { out: process.stdout, isTerminal: process.stdout.isTTY };
}

/** Takes the Ctrl-C of a terminal; what is pressed before there is a run to ask is asked for as soon as there is one. */
class StopAsker {
  #follower: RunFollower | undefined;
  #level: StopLevel | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  readonly take = (): void => {
    const nowMs = monotonicMs();
    if (nowMs - this.#askedAtMs < REPEAT_IGNORED_MS) {
      return;
    }
    this.#level = this.#level === undefined ? "graceful" : "now";
    this.#askedAtMs = nowMs;
    this.#ask();
  };

  attach(follower: RunFollower): void {
    this.#follower = follower;
    this.#ask();
  }

  #ask(): void {
    if (this.#follower !== undefined && this.#level !== undefined) {
      void askToStop(this.#follower, this.#level);
    }
  }
}

async function askToStop(follower: RunFollower, level: StopLevel): Promise<void> {
  try {
    // A run that waits in the line has nothing that could be saved or killed.
    const hasStarted = follower.run.state !== "waiting";
    await requestStop(follower.run, level);
    await follower.say(
      !hasStarted
        ? "This run leaves the line and is not started."
        : level === "graceful"
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
