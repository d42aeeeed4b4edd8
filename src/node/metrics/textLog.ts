import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { PlacedRun } from "./logFolder.ts";
import type { MetricRuns } from "./metricRuns.ts";
import { PrintedMetrics } from "./printedMetrics.ts";

/** The curves in a text that a training printed, such as a file that a shell redirected it to. */
export class TextLog implements MetricRuns {
  readonly #path: string;
  readonly #printed = new PrintedMetrics();
  runs: readonly PlacedRun[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async update(): Promise<void> {
    await this.#printed.update(this.#path);
    const { series } = this.#printed;
    const modifiedMs = (await stat(this.#path).catch(() => undefined))?.mtimeMs ?? 0;
    const run = { place: this.#path, name: basename(this.#path), files: [this.#path], modifiedMs, series };
    this.runs = series.length === 0 ? [] : [run];
  }
}
