import { uptime } from "node:os";
import { monotonicMs } from "../base/monotonicClock.ts";
import { readProcStat } from "../base/processIdentity.ts";
import { commandLineOf, isHelper, isShell } from "./backgroundTraining.ts";
import { isSleep, trains } from "./trainingSigns.ts";

/** From bash down to the program that it started through `env`, `uv run` and the like. */
const MAX_ANCESTORS = 16;
/** The files of a process are read no more often, to see whether it trains. */
const SIGNS_MS = 2_000;

/** What was seen of the processes of a run while something in it trained: who printed, who was started by whom, who stood beside. */
export class SeenProcesses {
  /** When the last epoch was read, or something was last seen to train, in clock ticks since the system started. */
  #trainedAtTicks: number | undefined;
  /** The programs of which one printed the epochs. */
  #printers: readonly string[] = [];
  /** What was seen to train by itself, with the shells that had started it. */
  readonly #trainers = new Set<string>();
  /** What had started a program. */
  readonly #starters = new Set<string>();

  /** What the last look saw. */
  #programs: readonly string[] = [];
  #signsAtMs = Number.NEGATIVE_INFINITY;

  look(pids: readonly number[]): void {
    const programs = pids.filter(isProgram);
    this.#programs = programs.map(nameOf);
    const isThorough = monotonicMs() - this.#signsAtMs >= SIGNS_MS;
    this.#signsAtMs = isThorough ? monotonicMs() : this.#signsAtMs;
    for (const pid of programs) {
      const starters = startersOf(pid, pids).map(nameOf);
      starters.forEach((name) => this.#starters.add(name));
      if (isThorough && trains(pid)) {
        [nameOf(pid), ...starters].forEach((name) => this.#trainers.add(name));
      }
    }
    if (this.trainsOneOf(pids)) {
      this.noteTraining();
    }
  }

  /** Notes that an epoch or a loss was printed into the run's own log by one of those that the last look saw. */
  notePrinted(): void {
    // A helper that comes and goes did not print all of them.
    const known = this.#printers.filter((name) => this.#programs.includes(name));
    this.#printers = known.length > 0 ? known : this.#programs;
    this.noteTraining();
  }

  /** Notes that something trains now. */
  noteTraining(): void {
    this.#trainedAtTicks = uptime() * TICKS_PER_SECOND;
  }

  /** Whether one of them was seen to train, or to start what trained. */
  trainsOneOf(pids: readonly number[]): boolean {
    return this.trainerOf(pids) !== undefined;
  }

  /** The first of them that was seen to train, or to start what trained. */
  trainerOf(pids: readonly number[]): number | undefined {
    return pids.find((pid) => this.#trainers.has(nameOf(pid)));
  }

  /** Whether one of them had started a program. */
  startedByOneOf(pids: readonly number[]): boolean {
    return pids.some((pid) => this.#starters.has(nameOf(pid)));
  }

  /** Whether what was seen to train, or may have printed, is gone. A quick stage may be gone when its epochs are read. */
  hasTrainingEnded(pids: readonly number[]): boolean {
    const left = new Set(pids.map(nameOf));
    return !this.trainsOneOf(pids) && (this.#trainers.size > 0 || this.#printers.some((name) => !left.has(name)));
  }

  /**
   * Whether all of them, or what of the run started them, were there beside the training, before its last epoch. What takes in
   * orphans, as the systemd of a user does, is older than any training.
   */
  stoodBeside(pids: readonly number[], all: readonly number[]): boolean {
    const latest = this.#trainedAtTicks ?? Number.NEGATIVE_INFINITY;
    return pids.every((pid) =>
      [pid, ...ancestorsOf(pid).filter((each) => all.includes(each))].some(
        (each) => Number(readProcStat(each)?.startTicks ?? Infinity) < latest,
      ),
    );
  }

  /** Whether one of them may have printed epochs into the run's own log. */
  mayHavePrinted(pids: readonly number[]): boolean {
    return pids.some((pid) => this.#printers.includes(nameOf(pid)));
  }
}

const TICKS_PER_SECOND = 100;

function isProgram(pid: number): boolean {
  const words = commandLineOf(pid);
  return words.length > 0 && !isShell(words) && !isSleep(pid) && !isHelper(pid);
}

/** The shells of the run above a program. */
function startersOf(pid: number, pids: readonly number[]): number[] {
  return ancestorsOf(pid).filter((each) => pids.includes(each) && isShell(commandLineOf(each)));
}

function ancestorsOf(pid: number): number[] {
  const ancestors: number[] = [];
  let parent = readProcStat(pid)?.parentPid ?? 0;
  while (parent > 1 && ancestors.length < MAX_ANCESTORS) {
    ancestors.push(parent);
    parent = readProcStat(parent)?.parentPid ?? 0;
  }
  return ancestors;
}

/** The number of a process may be reused. */
function nameOf(pid: number): string {
  return `${pid} ${readProcStat(pid)?.startTicks ?? ""}`;
}
