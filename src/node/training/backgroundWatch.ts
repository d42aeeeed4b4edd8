import { setTimeout as delay } from "node:timers/promises";
import type { RunStatus } from "../../core/training/runRecord.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { identifyProcess, readProcStat } from "../base/processIdentity.ts";
import {
  commandLineOf,
  describeBackgroundTraining,
  type EndedCommand,
  findBackgroundTraining,
  isService,
  isShell,
} from "./backgroundTraining.ts";
import { CpuShare, Lasting, Stillness, shareOfPastChildren } from "./processActivity.ts";
import { SeenProcesses } from "./seenProcesses.ts";
import { holdsGpu, isAsleep, isSleep, trains } from "./trainingSigns.ts";

const POLL_MS = 500;
/** A process that did not run for so long, and does not sleep for a set time, waits for something that may never come. */
const MAX_IDLE_MS = 5 * 60_000;
/** So long it is looked whether what stood beside the training still works after it. */
const COMPANION_MS = 30_000;
/** And after a command that failed: its failure is to be told soon, and what is only left alone loses nothing. */
const FAILED_COMPANION_MS = 10_000;
/** What takes less of a core only looks on. A training takes far more, also one that waits for its GPU. */
const WORKING_CPU_SHARE = 0.05;
/** A second: to load a library for training takes more. */
const COMPUTED_TICKS = 100;
/** For so long nothing but the loop of a shell was seen: between two trainings of a loop there is none for a moment. */
const LOOP_MS = 3_000;
/** To look through the processes of a server takes some milliseconds. */
const FRONT_LOOK_MS = 30_000;

/**
 * How the wait for the background ended. `none`: there was nothing. `aside`: what is there does none of the work, as it seems.
 * `ended`: what worked there has ended. `idle`: so it seems. What still lives is left alone, as a shell leaves it: nobody can
 * tell from outside whether it waits for something that it will train on.
 */
export type BackgroundEnd = "none" | "aside" | "ended" | "idle";

/** Whether what still lives is to be left alone. */
export function isLeftAlone(end: BackgroundEnd): boolean {
  return end === "idle" || end === "aside";
}

type Tell = (note: string, status?: Partial<RunStatus>) => void;

type Stay = { isOver: () => boolean; tell: Tell; idleMs?: number; companionMs?: number; loopMs?: number };

/** Stays with what a command started in the background before it ended. */
export class BackgroundWatch {
  readonly #list: () => readonly number[];
  readonly #seen = new SeenProcesses();
  #progressLines = 0;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** `list`: the processes of the run. */
  constructor(list: () => readonly number[]) {
    this.#list = list;
  }

  /** To be called with each output; `lines`: how many of them named an epoch or a loss so far. */
  noteProgress(lines: number): void {
    if (lines > this.#progressLines && monotonicMs() - this.#lookedAtMs >= FRONT_LOOK_MS) {
      this.#lookedAtMs = monotonicMs();
      this.#seen.look(this.#list());
      this.#seen.notePrinted();
    } else if (lines > this.#progressLines) {
      this.#seen.noteTraining();
    }
    this.#progressLines = lines;
  }

  async stay(ended: EndedCommand, { isOver, tell, ...times }: Stay): Promise<BackgroundEnd> {
    const { idleMs = MAX_IDLE_MS, companionMs = COMPANION_MS, loopMs = LOOP_MS } = times;
    const idle = new Stillness(idleMs);
    const beside = new CpuShare(ended.failure === undefined ? companionMs : Math.min(companionMs, FAILED_COMPANION_MS));
    const besideLong = new CpuShare(Math.max(idleMs, companionMs));
    const loop = new Lasting(loopMs);
    const empty = new Lasting(POLL_MS);
    let command = ended;
    let lines = this.#progressLines;
    let told: number | undefined;
    let isHolderTold = false;
    for (;;) {
      const all = this.#list();
      if (this.#progressLines > lines) {
        lines = this.#progressLines;
        command = { ...command, isPrintedOn: true };
        this.#seen.notePrinted();
      }
      this.#seen.look(all);
      const pids = findBackgroundTraining(all, command);
      // A process that is just becoming another program has no words for a moment.
      const isWithoutWork = empty.look(pids.length === 0);
      if (isWithoutWork && told === undefined && !isOver() && areServicesOfScript(all, command)) {
        return leaveServices(all, tell);
      }
      if (all.length === 0 || isWithoutWork || isOver()) {
        return told === undefined ? "none" : "ended";
      }
      const isTold = told !== undefined;
      const mayBeBeside = isTold || command.isPrintedOn || isShell(command.words);
      const isBeside = mayBeBeside && pids.length > 0 && this.#isOnlyBeside(pids, all, command);
      if (loop.look(isBeside && !isTold && pids.every(isLoop) && !this.#hadWorkDone(pids)) && !pids.some(trains)) {
        return leave(pids, { tell, isTold });
      }
      const share = isBeside ? beside.look(pids) : beside.forget();
      const ofLong = isBeside ? besideLong.look(pids) : besideLong.forget();
      const hasWorked = isTold && command.failure !== undefined;
      const judged = hasWorked || this.#mayWait(pids) ? ofLong : share;
      if (judged !== undefined && judged < WORKING_CPU_SHARE && !pids.some(trains)) {
        return leave(pids, { tell, isTold });
      }
      if (told === undefined ? !isBeside || share !== undefined : this.#isAnother(told, pids)) {
        told = tellOf(this.#seen.trainerOf(pids) ?? pids[0] ?? 0, command, tell);
      }
      if (idle.look(pids) && !isBeside && !this.#sleeps(pids)) {
        const holders = pids.filter(holdsGpu);
        if (holders.length === 0) {
          tell("What it started in the background has done nothing for five minutes; it is left alone from here.");
          return "idle";
        }
        if (!isHolderTold) {
          isHolderTold = true;
          tell(
            `What it started in the background has done nothing for five minutes, and holds a GPU: process ${holders.join(", ")}. ` +
              "The run goes on as long as that lives; stop the run to end it.",
          );
        }
      }
      await delay(POLL_MS);
    }
  }

  /**
   * A monitor or a tunnel beside a training that has ended: it ends with nobody and must not keep the run going. Beside a
   * command that failed before anything was seen to train it looks the same.
   */
  #isOnlyBeside(pids: readonly number[], all: readonly number[], { failure, isPrintedOn }: EndedCommand): boolean {
    const hasTrained = isPrintedOn || this.#seen.trainsOneOf(pids) || this.#seen.mayHavePrinted(pids);
    if (failure !== undefined && !hasTrained) {
      return true;
    }
    return this.#seen.hasTrainingEnded(all) && this.#seen.stoodBeside(pids, all);
  }

  /** Whether one of them may have printed epochs and waits for something now: a training computes long before its first one. */
  #mayWait(pids: readonly number[]): boolean {
    const hasComputed = pids.some((pid) => (readProcStat(pid)?.cpuTicks ?? 0) >= COMPUTED_TICKS);
    return hasComputed && this.#seen.mayHavePrinted(pids);
  }

  /** Whether one of them started a program, or had some work done by one: a loop may be between two trainings. */
  #hadWorkDone(pids: readonly number[]): boolean {
    return this.#seen.startedByOneOf(pids) || pids.some((pid) => shareOfPastChildren(pid) >= WORKING_CPU_SHARE);
  }

  /** Whether what was taken for the training before it could print is none, and another one is. */
  #isAnother(told: number, pids: readonly number[]): boolean {
    return pids.includes(told) && !this.#seen.trainsOneOf([told]) && this.#seen.trainsOneOf(pids);
  }

  /** Whether one of them waits for a set time, or for a child that does: `sleep 6h` in a script that trains then. */
  #sleeps(pids: readonly number[]): boolean {
    const isOne = (pid: number) => pids.includes(pid) || pids.includes(readProcStat(pid)?.parentPid ?? 0);
    return this.#list().some((pid) => isOne(pid) && isAsleep(pid));
  }
}

/** A loop of a shell, while it waits for its next turn. */
function isLoop(pid: number): boolean {
  return isShell(commandLineOf(pid)) || isSleep(pid);
}

/** Undefined where the process is gone by now. */
function tellOf(pid: number, command: EndedCommand, tell: Tell): number | undefined {
  const training = identifyProcess(pid);
  if (training !== undefined) {
    const { note, status } = describeBackgroundTraining(training, command);
    tell(note, status);
  }
  return training?.pid;
}

/** A script that starts `tensorboard &` means it to stay, as any shell lets it. */
function areServicesOfScript(all: readonly number[], { words }: EndedCommand): boolean {
  return all.length > 0 && isShell(words) && all.every((pid) => isService(commandLineOf(pid)));
}

function leaveServices(pids: readonly number[], tell: Tell): "aside" {
  const names = pids.map((pid) => `${pid} (${commandLineOf(pid).join(" ").slice(0, 80)})`).join(", ");
  tell(`What was started beside the training is left alone: process ${names}. To end it: kill ${pids.join(" ")}`);
  return "aside";
}

function leave(pids: readonly number[], { tell, isTold }: { tell: Tell; isTold: boolean }): "idle" | "aside" {
  const left = pids.filter((pid) => !isSleep(pid));
  const names = left.map((pid) => `${pid} (${commandLineOf(pid).join(" ").slice(0, 80)})`).join(", ");
  tell(
    `What is still there, process ${names}, seems only to look on: it takes next to nothing of the CPU and prints no epochs. ` +
      `It is left alone from here; to end it: kill ${left.join(" ")}`,
  );
  return isTold ? "idle" : "aside";
}
