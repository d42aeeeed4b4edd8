import { basename } from "node:path";
import type { FolderRun } from "./logFolder.ts";
import type { MetricRuns } from "./metricRuns.ts";
import { PrintedMetrics } from "./printedMetrics.ts";

/** The curves in a text that a training printed, such as a file that a shell redirected it to. */
export class TextLog implements MetricRuns {
  readonly #path: string;
  readonly #printed = new PrintedMetrics();
  runs: readonly FolderRun[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async update(): Promise<void> {
    await this.#printed.update(this.#path);
    const { series } = this.#printed;
    this.runs = series.length === 0 ? [] : [{ name: basename(this.#path), series }];
  }
}
