import { spawn } from "node:child_process";
import { parse, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { probeProcess } from "../base/processIdentity.ts";
import { OWNER_EXIT } from "./ownerExit.ts";
import { readRunStatus } from "./runFolder.ts";
import { readRun } from "./runLedger.ts";
import { ownerEnvironment } from "./trainingProcess.ts";

/**
 * The owner lives beside its training for days and does little. With the baseline compiler alone, which takes less time than
 * none, without threads that help compile and collect, and with a small nursery it needs a quarter less memory. V8 knows
 * these in Node and in the Electron of an editor; one that does not ends with `BAD_OPTION`, and the owner starts without them.
 */
const OWNER_FLAGS = [
  "--max-semi-space-size=1",
  "--single-threaded",
  "--v8-pool-size=1",
  "--no-opt",
  "--no-maglev",
  "--max-lazy",
];

/** The exit code of Node for an option that it does not know. */
const BAD_OPTION = 9;

const TAKEOVER_TIMEOUT_MS = 20_000;
const POLL_MS = 30;

const FAILURES: Readonly<Record<number, string>> = {
  [OWNER_EXIT.cannotWrite]:
    "its folder cannot be written. Check the permissions and the free space of the disk, then start again.",
  [OWNER_EXIT.unreadableRun]: "its run.json or status.json cannot be read. Prepare the run again.",
};

/**
 * Starts the process that owns a run, in a session of its own so that no terminal and no window can end it, and waits
 * until it has taken over, from nobody or from an owner that was killed. Harmless when another process owns the run already.
 */
export async function startOwner(folder: string, supervisorPath: string): Promise<void> {
  const run = resolve(folder);
  const owner = spawnOwner(run, supervisorPath);
  const deadlineMs = monotonicMs() + TAKEOVER_TIMEOUT_MS;
  while (monotonicMs() < deadlineMs) {
    // The exit is looked at first: whoever exits after writing a status is found by the read that follows.
    const seenEnd = owner.ended;
    if (await isOwned(run)) {
      return;
    }
    if (owner.failure !== undefined) {
      throw new UserError(`The supervisor of the run could not be started: ${messageOf(owner.failure)}.`, {
        cause: owner.failure,
      });
    }
    if (seenEnd !== undefined && seenEnd.code !== OWNER_EXIT.alreadyOwned) {
      const reason = FAILURES[seenEnd.code ?? -1] ?? `its supervisor ended with code ${seenEnd.code}. Start it again.`;
      throw new UserError(`The run in ${run} did not start: ${reason}`);
    }
    await delay(POLL_MS);
  }
  throw new UserError(
    `The supervisor of the run in ${run} did not take over within ${TAKEOVER_TIMEOUT_MS / 1000} s. ` +
      "The machine may be very busy; look at the list of runs before you start again.",
  );
}

/**
 * Gives a run whose owner was killed a new one, where the system lets another process read what its training prints.
 * Elsewhere the run stays as it is.
 */
export async function adoptRun(folder: string, supervisorPath: string): Promise<void> {
  const run = resolve(folder);
  const owner = spawnOwner(run, supervisorPath);
  const deadlineMs = monotonicMs() + TAKEOVER_TIMEOUT_MS;
  while (
    owner.ended === undefined &&
    owner.failure === undefined &&
    monotonicMs() < deadlineMs &&
    !(await isOwned(run))
  ) {
    await delay(POLL_MS);
  }
}

/** The run with somebody who watches over it again, where its owner was killed and it can have another one. */
export async function adoptOrphan(run: Run, supervisorPath: string): Promise<Run> {
  if (run.state !== "orphaned") {
    return run;
  }
  await adoptRun(run.folder, supervisorPath);
  return readRun(run.folder);
}

type SpawnedOwner = { ended?: { code: number | null }; failure?: Error };

function spawnOwner(run: string, supervisorPath: string): SpawnedOwner {
  const spawned: SpawnedOwner = {};
  spawnInto(spawned, OWNER_FLAGS, [supervisorPath, "own", run]);
  return spawned;
}

function spawnInto(spawned: SpawnedOwner, flags: readonly string[], words: readonly [string, string, string]): void {
  const [, , run] = words;
  const owner = spawn(process.execPath, [...flags, ...words], {
    detached: true,
    stdio: "ignore",
    // Not the run's folder nor the workspace: a process keeps its working folder from being unmounted.
    cwd: parse(run).root,
    env: { ...ownerEnvironment(process.env), ...(process.versions["electron"] ? { ELECTRON_RUN_AS_NODE: "1" } : {}) },
    windowsHide: true,
  });
  owner.once("error", (error) => {
    spawned.failure = error;
  });
  owner.once("exit", (code) => {
    if (code === BAD_OPTION && flags.length > 0) {
      spawnInto(spawned, [], words);
    } else {
      spawned.ended = { code };
    }
  });
  owner.unref();
}

async function isOwned(run: string): Promise<boolean> {
  const status = await readRunStatus(run);
  if (status === undefined) {
    return false;
  }
  return hasEnded(status.state) || status.supervisor === undefined || probeProcess(status.supervisor) !== "gone";
}
