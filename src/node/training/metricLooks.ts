import { existsSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../core/base/errors.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import type { FollowMetrics, LoggedValue, MetricTail } from "../../core/training/watchdog/loggedValue.ts";
import { monotonicMs } from "../base/monotonicClock.ts";

const LOOK_MS = 5_000;
/** A look that computes for long, in a folder of thousands of files, comes so much less often: a quarter of a percent of a core. */
const COST_FACTOR = 400;
const MAX_LOOK_MS = 60_000;
/** A program that prints its losses does so within this time, or is looked at twice for a while. */
const FIRST_LOSS_MS = 10_000;
/** Between two losses that are printed lies at most a validation; what is logged meanwhile is no news for long. */
const SILENCE_MS = 60_000;
/** A file system that is away for a moment comes back. */
const MAX_FAILURES = 3;
const LAST_LOOK_MS = 1_000;

export type MetricLooksHost = {
  follow: FollowMetrics;
  take(values: readonly LoggedValue[]): void;
  /** Told once, when nothing is read any more. */
  tell(problem: string): void;
};

/** Decides when the metric files of a run are looked at: while the training prints no losses, and never more than is cheap. */
export class MetricLooks {
  readonly #record: RunRecord;
  readonly #host: MetricLooksHost;
  readonly #folders: readonly string[];
  #startedMs = 0;
  #beganMs = 0;
  #nextMs = 0;
  #tail: MetricTail | undefined;
  /** The console told the losses: what was logged meanwhile is no news. */
  #isStale = false;
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(record: RunRecord, host: MetricLooksHost) {
    this.#record = record;
    this.#host = host;
    const { logFolder, checkpointFolder } = record.plan;
    this.#folders = [...new Set([logFolder?.path, checkpointFolder?.path].filter((path) => path !== undefined))];
  }

  /** `startedMs`: of the training, by the clock of the files. What stands in the folders by then is of other trainings. */
  begin(startedMs: number, nowMs: number): void {
    this.#startedMs = startedMs;
    this.#beganMs = nowMs;
    this.#nextMs = nowMs + LOOK_MS;
    if (this.#isOn && this.#folders.some((folder) => existsSync(folder))) {
      this.#run(async (tail) => tail.passOver(startedMs), nowMs);
    }
  }

  /** To be called a few times a second. `lossAtMs`: when a loss was printed last. */
  look(nowMs: number, lossAtMs: number | undefined): void {
    if (!this.#isOn || this.#running !== undefined || nowMs < this.#nextMs) {
      return;
    }
    const isSpoken = lossAtMs === undefined ? nowMs - this.#beganMs < FIRST_LOSS_MS : nowMs - lossAtMs < SILENCE_MS;
    if (isSpoken) {
      this.#isStale ||= lossAtMs !== undefined;
    } else {
      this.#run((tail) => this.#read(tail), nowMs);
    }
  }

  /** Reads what was logged last, unless the console told it. */
  async end(lossAtMs: number | undefined): Promise<void> {
    const finish = async () => {
      await this.#running;
      if (this.#isOn && lossAtMs === undefined) {
        this.#run((tail) => this.#read(tail), monotonicMs());
        await this.#running;
      }
    };
    await Promise.race([finish(), delay(LAST_LOOK_MS, undefined, { ref: false })]);
  }

  get #isOn(): boolean {
    return this.#record.watchdog?.isEnabled !== false && this.#folders.length > 0 && this.#failures < MAX_FAILURES;
  }

  #run(use: (tail: MetricTail) => Promise<void>, nowMs: number): void {
    this.#running = this.#use(use)
      .then(
        (cpuMs) => {
          this.#failures = 0;
          return cpuMs;
        },
        (error) => this.#fail(error),
      )
      .then((cpuMs) => {
        this.#running = undefined;
        this.#nextMs = nowMs + Math.min(MAX_LOOK_MS, Math.max(LOOK_MS, COST_FACTOR * cpuMs));
      });
  }

  /** How much it computed, besides loading the readers once. */
  async #use(use: (tail: MetricTail) => Promise<void>): Promise<number> {
    this.#tail ??= await this.#host.follow(this.#folders, this.#startedMs);
    const before = process.cpuUsage();
    await use(this.#tail);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  }

  async #read(tail: MetricTail): Promise<void> {
    if (this.#isStale) {
      this.#isStale = false;
      await tail.passOver();
      return;
    }
    const values = await tail.readAdded();
    if (values.length > 0) {
      this.#host.take(values.map((value) => ({ ...value, file: this.#shorten(value.file) })));
    }
  }

  #fail(error: unknown): number {
    this.#failures += 1;
    if (this.#failures === MAX_FAILURES) {
      this.#host.tell(
        `The metric files of this run cannot be read (${messageOf(error)}); the watchdog goes by what is printed.`,
      );
    }
    return MAX_LOOK_MS;
  }

  #shorten(file: string): string {
    const inside = relative(this.#record.plan.cwd, file);
    return inside.startsWith("..") || isAbsolute(inside) ? file : inside;
  }
}
