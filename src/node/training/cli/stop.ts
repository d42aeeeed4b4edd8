import { UserError } from "../../../core/base/errors.ts";
import { describeRunEnd } from "../../../core/training/describeRun.ts";
import { isCalled } from "../../../core/training/runId.ts";
import type { Run } from "../../../core/training/runRecord.ts";
import { hasEnded } from "../../../core/training/runState.ts";
import { describeSweepEnd, findSweep, type Sweep } from "../../../core/training/sweep/sweepResults.ts";
import { type CliVerb, onlyWord } from "../../base/cliVerb.ts";
import { FileWaker } from "../../base/fileWaker.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { findRun, listRuns, readRun, runsFolder } from "../runLedger.ts";
import { adoptRun } from "../startOwner.ts";
import { requestStop } from "../stopRequest.ts";
import { stopSweep } from "../stopSweep.ts";
import { sweepLooks } from "../sweepLooks.ts";
import { readGraceMs } from "./stopGrace.ts";

const POLL_MS = 250;

export const stopVerb: CliVerb = {
  ...VERB_TEXTS.stop,
  options: {
    now: { type: "boolean", help: "kill it instead of asking" },
    grace: {
      type: "string",
      value: "seconds",
      help: "how long it may save before SIGTERM, and again before SIGKILL; what still writes has longer",
    },
  },
  workspace: "used",
  async run(call) {
    const level = call.options["now"] === true ? "now" : "graceful";
    const graceMs = readGraceMs(call.options, "grace");
    const [word = ""] = call.words;
    const { runs } = await listRuns(call.root);
    const live = runs.filter(({ state, record }) => !hasEnded(state) && isCalled(record.id, word));
    const sweep = word === "" ? undefined : sweepInQuestion(word, runs, live);
    if (sweep !== undefined && call.words.length === 1) {
      requireOneMeaning(word, sweep, runs);
      await stopSweep(sweep, level, graceMs);
      call.host.print(`Asked every run of ${sweep.id} to stop.`);
      call.host.print(describeSweepEnd(await sweepEnd(call.root, sweep)));
      return 0;
    }
    // Of several that are called so, the one that goes on is meant.
    const [only, ...others] = live;
    const isNamed = only !== undefined && others.length === 0 && call.words.length === 1;
    let run = isNamed ? only : await findRun(call.root, onlyWord(call, "The id of a run, or latest,"));
    // One that was lost with its owner may have left processes behind, which a new owner ends.
    const wasLost = run.state === "lost" && run.status.supervisor !== undefined;
    if (run.state === "orphaned" || wasLost) {
      await adoptRun(run.folder, call.host.supervisorPath);
      run = await readRun(run.folder);
    }
    await requestStop(run, level, graceMs);
    using waker = new FileWaker(run.folder, POLL_MS);
    while (!hasEnded(run.state)) {
      await waker.wait();
      run = await readRun(run.folder);
    }
    call.host.print(describeRunEnd(run));
    const { sweep: own } = run.record;
    const rest = own === undefined ? undefined : findSweep((await listRuns(call.root)).runs, own.id);
    if (rest?.isLive === true) {
      call.host.print(`The other runs of its sweep go on. To stop them all: trainyard stop ${rest.id}`);
    }
    return 0;
  },
};

/** A sweep is called like the runs of its script. Where one of those goes on, a sweep that has ended is not meant. */
function sweepInQuestion(word: string, runs: readonly Run[], live: readonly Run[]): Sweep | undefined {
  const sweep = findSweep(runs, word);
  const [alone] = live.filter(({ record }) => record.sweep?.id !== sweep?.id);
  if (sweep === undefined || alone === undefined || sweep.id.startsWith(word)) {
    return sweep;
  }
  if (sweep.isLive) {
    throw new UserError(
      `${word} could be the sweep ${sweep.id} or the run ${alone.record.id}. Write the id of the one that is to stop.`,
    );
  }
  return undefined;
}

/** Refuses the beginning of an id that a sweep and a run share: all runs of the sweep would be stopped for the one. */
function requireOneMeaning(word: string, sweep: Sweep, runs: readonly Run[]): void {
  const [run] = runs.filter(({ record }) => record.id.startsWith(word));
  if (sweep.id !== word && run !== undefined) {
    throw new UserError(`${word} could be the sweep ${sweep.id} or the run ${run.record.id}. Write more of it.`);
  }
}

async function sweepEnd(root: string, asked: Sweep): Promise<Sweep> {
  const readSweep = sweepLooks(root, asked.id);
  using waker = new FileWaker(runsFolder(root), POLL_MS);
  for (;;) {
    // One whose folders were removed has nothing more to wait for.
    const sweep = (await readSweep()) ?? { ...asked, isLive: false };
    if (!sweep.isLive) {
      return sweep;
    }
    await waker.wait();
  }
}
