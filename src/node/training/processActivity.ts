import { uptime } from "node:os";
import { monotonicMs } from "../base/monotonicClock.ts";
import { readProcFile, readProcStat } from "../base/processIdentity.ts";

/** Notices when something has been so for a while, at each look. */
export class Lasting {
  readonly #limitMs: number;
  #sinceMs: number | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  look(isSo: boolean): boolean {
    this.#sinceMs = isSo ? (this.#sinceMs ?? monotonicMs()) : undefined;
    return this.#sinceMs !== undefined && monotonicMs() - this.#sinceMs >= this.#limitMs;
  }
}

/** Notices when none of some processes has run for a while. */
export class Stillness {
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
export class CpuShare {
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

/** Which part of a core the programs took that a process started and that have ended, over its whole life. */
export function shareOfPastChildren(pid: number): number {
  const stat = readProcStat(pid);
  const ageTicks = stat === undefined ? 0 : uptime() * TICKS_PER_SECOND - Number(stat.startTicks);
  return stat === undefined || ageTicks <= 0 ? 0 : stat.childTicks / ageTicks;
}

/** Changes whenever the process has run: schedstat counts nanoseconds of its first thread, stat those of all in ticks. */
function runTimeOf(pid: number): string {
  return `${readProcFile(pid, "schedstat")} ${readProcStat(pid)?.cpuTicks ?? ""}`;
}
