import { closeSync, fstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import type { RunStatus } from "../../core/training/runRecord.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { identifyProcess, readProcFile, readProcStat } from "../base/processIdentity.ts";
import {
  commandLineOf,
  describeBackgroundTraining,
  type EndedCommand,
  findBackgroundTraining,
  isShell,
} from "./backgroundTraining.ts";

const POLL_MS = 500;
/** A process that did not run for so long, and does not sleep for a set time, waits for something that may never come. */
const MAX_IDLE_MS = 5 * 60_000;
/** So long it is looked whether what began before the training still works after it. */
const COMPANION_MS = 30_000;
/** What takes less of a core only looks on. A training takes far more, also one that waits for its GPU. */
const WORKING_CPU_SHARE = 0.05;
/** From bash down to the program that it started through `env`, `uv run` and the like. */
const MAX_ANCESTORS = 16;
/** The end of an output that names an epoch or a loss here and there. */
const OUTPUT_BYTES = 16 * 1024;

/**
 * How the wait for the background ended. `none`: there was nothing. `beside`: what is there does none of the work. `ended`: what
 * worked there has ended. `idle`: it still lives and holds no GPU, so it is left alone, as nohup leaves it.
 */
export type BackgroundEnd = "none" | "beside" | "ended" | "idle";

type Stay = {
  isOver: () => boolean;
  tell: (note: string, status?: Partial<RunStatus>) => void;
  idleMs?: number;
  companionMs?: number;
};

/** Stays with what a command started in the background before it ended. */
export class BackgroundWatch {
  readonly #list: () => readonly number[];
  /** What ran before the first epoch was printed, beside the training that printed it. */
  #companions: ReadonlySet<string> | undefined;
  /** Of these what is no shell. */
  #programs: readonly string[] = [];

  /** `list`: the processes of the run. */
  constructor(list: () => readonly number[]) {
    this.#list = list;
  }

  /** To be called with each output; `lines`: how many of them named an epoch or a loss so far. */
  noteProgress(lines: number): void {
    if (lines > 0 && this.#companions === undefined) {
      const pids = this.#list();
      this.#companions = new Set(pids.map(nameOf));
      this.#programs = pids.filter((pid) => !isShell(commandLineOf(pid))).map(nameOf);
    }
  }

  /** Whether what printed the epochs ran when they were read: a quick first stage has ended by then, and the second begun. */
  #sawTraining(): boolean {
    const left = new Set(this.#list().map(nameOf));
    return this.#programs.some((name) => !left.has(name));
  }

  async stay(command: EndedCommand, { isOver, tell, ...times }: Stay): Promise<BackgroundEnd> {
    const { idleMs = MAX_IDLE_MS, companionMs = COMPANION_MS } = times;
    const idle = new Stillness(idleMs);
    const beside = new CpuShare(companionMs);
    const mayBeBeside = this.#sawTraining();
    let isTold = false;
    for (;;) {
      const pids = findBackgroundTraining(this.#list(), command);
      const isBeside = mayBeBeside && this.#isOnlyBeside(pids, command);
      const share = isBeside ? beside.look(pids) : beside.forget();
      if (pids.length === 0 || isOver()) {
        return isTold ? "ended" : "none";
      }
      if (share !== undefined && share < WORKING_CPU_SHARE && !pids.some(trains)) {
        return isTold ? "ended" : "beside";
      }
      const training = isBeside && share === undefined ? undefined : identifyProcess(pids[0] ?? 0);
      if (!isTold && training !== undefined) {
        const { note, status } = describeBackgroundTraining(training, command.words);
        tell(note, status);
        isTold = true;
      }
      if (idle.look(pids) && !isBeside && !this.#sleeps(pids)) {
        if (pids.some(holdsGpu)) {
          return "ended";
        }
        tell("What it started in the background has done nothing for five minutes; it is left alone from here.");
        return "idle";
      }
      await delay(POLL_MS);
    }
  }

  /** Of a script that trained in front: a monitor or a tunnel, which ends with nobody and must not keep the run going. */
  #isOnlyBeside(pids: readonly number[], { words, isPrintedOn }: EndedCommand): boolean {
    return isShell(words) && !isPrintedOn && pids.every((pid) => this.#isCompanion(pid));
  }

  #isCompanion(pid: number): boolean {
    let ancestor = pid;
    for (let level = 0; level < MAX_ANCESTORS && ancestor > 1; level++) {
      if (this.#companions?.has(nameOf(ancestor)) === true) {
        return true;
      }
      ancestor = readProcStat(ancestor)?.parentPid ?? 0;
    }
    return false;
  }

  /** Whether one of them waits for a set time, or for a child that does: `sleep 6h` in a script that trains then. */
  #sleeps(pids: readonly number[]): boolean {
    const isOne = (pid: number) => pids.includes(pid) || pids.includes(readProcStat(pid)?.parentPid ?? 0);
    return this.#list().some((pid) => isOne(pid) && isAsleep(pid));
  }
}

/** Notices when none of some processes has run for a while. */
class Stillness {
  readonly #limitMs: number;
  #runTimes = "";
  #ranAtMs = monotonicMs();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  look(pids: readonly number[]): boolean {
    const now = pids.map((pid) => `${pid} ${runTimeOf(pid)}`).join("\n");
    if (now !== this.#runTimes) {
      this.#runTimes = now;
      this.#ranAtMs = monotonicMs();
    }
    return monotonicMs() - this.#ranAtMs >= this.#limitMs;
  }
}

const TICKS_PER_SECOND = 100;

/** Which part of a core some processes take together, over one span after the other. */
class CpuShare {
  readonly #spanMs: number;
  #sinceMs: number | undefined;
  #ticks = 0;
  #known = new Map<number, number>();

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Undefined until a span is full. */
  look(pids: readonly number[]): number | undefined {
    const now = new Map(pids.map((pid) => [pid, readProcStat(pid)?.cpuTicks ?? 0]));
    for (const [pid, ticks] of now) {
      this.#ticks += Math.max(0, ticks - (this.#known.get(pid) ?? ticks));
    }
    this.#known = now;
    this.#sinceMs ??= monotonicMs();
    const seconds = (monotonicMs() - this.#sinceMs) / 1_000;
    if (seconds * 1_000 < this.#spanMs) {
      return undefined;
    }
    const share = this.#ticks / TICKS_PER_SECOND / seconds;
    this.forget();
    return share;
  }

  forget(): undefined {
    this.#sinceMs = undefined;
    this.#ticks = 0;
    this.#known.clear();
  }
}

/** Changes whenever the process has run: schedstat counts nanoseconds of its first thread, stat those of all in ticks. */
function runTimeOf(pid: number): string {
  return `${readProcFile(pid, "schedstat")} ${readProcStat(pid)?.cpuTicks ?? ""}`;
}

/** The number of a process may be reused. */
function nameOf(pid: number): string {
  return `${pid} ${readProcStat(pid)?.startTicks ?? ""}`;
}

function isAsleep(pid: number): boolean {
  return basename(commandLineOf(pid)[0] ?? "") === "sleep" || readProcFile(pid, "wchan").includes("nanosleep");
}

/** One that waits for data or for another machine takes next to nothing of the CPU, and is a training all the same. */
function trains(pid: number): boolean {
  return holdsGpu(pid) || printsProgress(pid);
}

/** Whether it prints epochs or losses to a file of its own. */
function printsProgress(pid: number): boolean {
  try {
    const file = openSync(`/proc/${pid}/fd/1`, "r");
    try {
      const { size } = fstatSync(file);
      const start = fstatSync(file).isFile() ? Math.max(0, size - OUTPUT_BYTES) : size;
      const tail = Buffer.alloc(size - start);
      readSync(file, tail, 0, tail.length, start);
      return tail
        .toString("utf8")
        .split(/[\r\n]/)
        .some((line) => parseConsoleLine(line)?.subject === "training");
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

function holdsGpu(pid: number): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => /^\/dev\/(?:nvidia|kfd|dri\/)/.test(readlinkSync(`${folder}/${name}`)));
  } catch {
    return false;
  }
}
