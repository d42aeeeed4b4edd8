import { groupBy } from "../base/groupBy.ts";
import { GrowingSeries, type Series } from "./series.ts";

/** What one log of several has. */
export type LoggedSeries = {
  series: readonly Series[];
  /** The training started again at this step: what earlier logs have from there on was written anew. */
  restartStep?: number | undefined;
};

/** A piece of a joined series: what one log has of it, up to the step at which a later log began anew. */
type Part = { series: Series; until: number };

type Joined = { result: GrowingSeries; parts: readonly Part[]; taken: number[]; generations: number[] };

/**
 * Series of several logs of one run, joined by their tags in the order of the logs. Joining again costs what was added, as
 * long as that stands in the last log of a tag.
 */
export class SeriesJoin {
  readonly #prefix: string;
  readonly #joined = new Map<string, Joined>();

  /** `prefix` stands before every tag. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  join(logs: readonly LoggedSeries[]): Series[] {
    const parts: Part[] = [];
    let until = Infinity;
    for (const { series, restartStep = Infinity } of logs.toReversed()) {
      for (const each of series.toReversed()) {
        parts.push({ series: each, until });
      }
      until = Math.min(until, restartStep);
    }
    const byTag = groupBy(parts.toReversed(), ({ series }) => series.tag);
    return [...byTag].flatMap(([tag, ofTag]) => {
      const series = this.#joinTag(tag, ofTag);
      return series.values.length > 0 ? [series] : [];
    });
  }

  #joinTag(tag: string, parts: readonly Part[]): Series {
    const [only] = parts;
    if (only !== undefined && parts.length === 1 && only.until === Infinity && this.#prefix === "") {
      return only.series;
    }
    let known = this.#joined.get(tag);
    if (known === undefined) {
      known = { result: new GrowingSeries(this.#prefix + tag), parts: [], taken: [], generations: [] };
      this.#joined.set(tag, known);
    }
    if (parts.some(({ series }) => series.restartsAt === "any")) {
      known.result.restartsAt = "any";
    }
    if (!canGoOn(known, parts)) {
      known.result.clear();
      known.taken = [];
    }
    known.parts = parts;
    known.generations = parts.map(({ series }) => series.generation ?? 0);
    parts.forEach(({ series, until }, index) => {
      copy(series, known.taken[index] ?? 0, until, known.result);
      known.taken[index] = series.values.length;
    });
    known.result.omitted = parts.reduce((sum, { series }) => sum + (series.omitted ?? 0), 0);
    return known.result;
  }
}

/** Whether nothing has changed but at the end of the last part, or in parts that come behind it. */
function canGoOn({ parts, taken, generations }: Joined, now: readonly Part[]): boolean {
  return parts.every(({ series, until }, index) => {
    const part = now[index];
    const isSame = part?.series === series && part.until === until && generations[index] === (series.generation ?? 0);
    const length = part?.series.values.length ?? 0;
    return isSame && (length === taken[index] || (index === parts.length - 1 && length > (taken[index] ?? 0)));
  });
}

function copy(
  { steps, times, values, epochs, restartsAt }: Series,
  from: number,
  until: number,
  into: GrowingSeries,
): void {
  for (let index = from; index < values.length; index++) {
    const step = steps[index] ?? 0;
    if (step < until) {
      if (restartsAt !== "any" && restartsAt?.has(index) && into.restartsAt !== "any") {
        into.restartsAt.add(into.length);
      }
      into.epoch = epochs?.[index] ?? into.epoch;
      into.add(step, times[index] ?? Number.NaN, values[index] ?? Number.NaN);
    }
  }
}
