import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "../base/monotonicClock.ts";
import { readProcStat } from "../base/processIdentity.ts";
import { listGroupProcesses, signalGroup, trySignal } from "../base/processTree.ts";
import type { StopSignal, StopStages } from "./stopStages.ts";
import { markerOf } from "./trainingProcess.ts";

/** Data-loader workers notice within a second or two that their parent is gone. */
const LEFTOVER_GRACE_MS = 2_000;
const LEFTOVER_POLL_MS = 100;
/** A server has thousands of processes, and to read the variables of each one several times a second would take a core. */
const OTHERS_MS = 5_000;
/** A checkpoint of some gigabytes is copied in this time. */
const WRITING_LIMIT_MS = 5 * 60_000;
/** The group of a training that ended unseen: its number may belong to somebody else by now. */
export const NO_GROUP = -1;

/** What became of the processes that a training left behind. */
type Leftovers = { kind: "none" | "gone" } | { kind: "ended"; pids: readonly number[] };

type LeftoverCare = { note: (text: string) => void; isWriting: () => boolean };

/** The processes of one run: those of the group that its training leads, and those that left it. */
export class RunProcesses {
  readonly #runId: string;
  readonly #groupId: number;
  #isLed: boolean;
  /** Processes known to be none of this run, looked at anew now and then in case a number was reused. */
  #others = new Set<number>();
  #othersAtMs = Number.NEGATIVE_INFINITY;

  /** `leaderPid`: absent where the training ended unseen; its processes are known by their mark alone then. */
  constructor(runId: string, leaderPid = NO_GROUP) {
    this.#runId = runId;
    this.#groupId = leaderPid;
    this.#isLed = leaderPid !== NO_GROUP;
  }

  /** False once the training itself has ended. */
  get isLed(): boolean {
    return this.#isLed;
  }

  leaderEnded(): void {
    this.#isLed = false;
  }

  areGone(): boolean {
    return !this.#isLed && this.list().length === 0;
  }

  list(): number[] {
    const nowMs = monotonicMs();
    if (nowMs - this.#othersAtMs >= OTHERS_MS) {
      this.#othersAtMs = nowMs;
      this.#others = new Set();
    }
    return listGroupProcesses(this.#groupId, markerOf(this.#runId), this.#others);
  }

  /** As a Ctrl-C does; a launcher tells the processes that it put into other groups. Nothing escapes SIGKILL. */
  signal(signal: StopSignal): void {
    const each = signal === "SIGKILL" || !this.#isLed ? this.list() : [];
    if (this.#isLed) {
      signalGroup(this.#groupId, signal);
    }
    signalEach(each, signal);
  }

  /**
   * Ends what the training left behind, since a worker that outlives it would keep the memory of the GPU. Those that were
   * asked to stop have the time of its steps, which whoever polls it sends them: a launcher dies of the first Ctrl-C while
   * its training still saves. What still writes, such as an upload, has longer.
   */
  async endLeftovers(stop: StopStages, { note, isWriting }: LeftoverCare): Promise<Leftovers> {
    if (this.list().length === 0) {
      return { kind: "none" };
    }
    let ended: readonly number[] = [];
    const asked = stop.isAsked ? this.#listGroup() : [];
    if (asked.length > 0) {
      note(`The training has ended; processes of it go on (${asked.join(", ")}) and have the time of the stop.`);
      await waitUntil(() => stop.isOver(monotonicMs()) || this.#listGroup().length === 0);
    }
    const graceMs = Math.min(stop.graceMs, LEFTOVER_GRACE_MS);
    for (const signal of [undefined, "SIGTERM", "SIGKILL"] as const) {
      const left = this.list();
      if (left.length > 0 && signal !== undefined) {
        note(`The training has ended but left processes behind (${left.join(", ")}); they get ${signal}.`);
        signalEach(left, signal);
        ended = ended.length === 0 ? left : ended;
      }
      const latestMs = monotonicMs() + (signal === undefined && !stop.isAsked ? WRITING_LIMIT_MS : graceMs);
      let deadlineMs = monotonicMs() + graceMs;
      await waitUntil(() => {
        deadlineMs = isWriting() ? Math.min(latestMs, monotonicMs() + graceMs) : deadlineMs;
        return monotonicMs() >= deadlineMs || this.list().length === 0;
      });
    }
    return ended.length === 0 ? { kind: "gone" } : { kind: "ended", pids: ended };
  }

  /** Those that a signal to the group has reached. */
  #listGroup(): number[] {
    const isInGroup = (pid: number) => readProcStat(pid)?.groupId === this.#groupId;
    return process.platform === "linux" ? this.list().filter(isInGroup) : this.list();
  }
}

async function waitUntil(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await delay(LEFTOVER_POLL_MS);
  }
}

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    trySignal(pid, signal);
  }
}
