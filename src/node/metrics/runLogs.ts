import { messageOf } from "../../core/base/errors.ts";
import { type CurveView, curvePoints } from "../../core/dashboard/curveData.ts";
import type { Curve, LoggedRun, RunSource } from "../../core/dashboard/curveMessages.ts";
import { type SeriesSummary, summarizeSeries } from "../../core/dashboard/seriesSummary.ts";
import { RunSeries } from "../../core/metrics/scalarSeries.ts";
import { type LogKind, openReader } from "./metricFiles.ts";
import { MetricTail } from "./metricTail.ts";

/** The files of one run, and what was read of them so far. */
export class RunLogs {
  readonly key: string;
  name: string;
  source: RunSource | undefined;
  series = new RunSeries();
  readonly #kind: LogKind;
  #tails: MetricTail[] = [];
  #problem: string | undefined;
  #summaries: readonly SeriesSummary[] | undefined;

  constructor(key: string, kind: LogKind) {
    this.key = key;
    this.name = key;
    this.#kind = kind;
  }

  /** Reads what was added to these files; true where something was. */
  async update(files: readonly string[], signal?: AbortSignal): Promise<boolean> {
    let hasChanged = false;
    this.#problem = undefined;
    for (const path of files) {
      const tail = this.#tails.find((each) => each.path === path) ?? this.#addTail(path);
      try {
        const change = await tail.update(signal);
        if (change === "rewritten") {
          this.#restart();
          return this.update(files, signal);
        }
        hasChanged ||= change === "grown";
      } catch (error) {
        // One file that cannot be read leaves the others of the run readable.
        signal?.throwIfAborted();
        this.#problem = messageOf(error);
      }
    }
    if (hasChanged) {
      this.#summaries = undefined;
    }
    return hasChanged;
  }

  describe(): LoggedRun {
    this.#summaries ??= [...this.series.byTag].flatMap(([tag, series]) => summarizeSeries(tag, series) ?? []);
    const damaged = this.#tails.reduce((sum, tail) => sum + tail.damaged, 0);
    return {
      key: this.key,
      name: this.name,
      ...(this.source !== undefined && { source: this.source }),
      summaries: this.#summaries,
      problems: [
        ...(this.#problem === undefined ? [] : [this.#problem]),
        ...(damaged > 0 ? [`${damaged} damaged records in the logs of ${this.name} were left out.`] : []),
      ],
    };
  }

  curves(view: CurveView): Curve[] {
    return [...this.series.byTag].flatMap(([tag, series]) => {
      const points = curvePoints(series, view);
      return points === undefined ? [] : [{ run: this.key, tag, points }];
    });
  }

  #addTail(path: string): MetricTail {
    const isWrittenWhole = this.#kind === "trainer-state";
    const tail = new MetricTail(path, openReader(this.#kind, this.series), { isWrittenWhole });
    this.#tails.push(tail);
    return tail;
  }

  #restart(): void {
    this.series = new RunSeries();
    this.#tails = [];
    this.#summaries = undefined;
  }
}
