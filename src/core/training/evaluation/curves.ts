import { inferMetricDirection, type MetricDirection } from "../../checkpoints/metricNames.ts";
import { type CsvRow, CsvRows } from "../../metrics/csvRows.ts";
import type { LogParts } from "../logParts.ts";

/** One value of a metric, with the line it was read from (from one) and how far the training was. */
export type CurvePoint = { value: number; line: number; epoch?: number; step?: number };

/** What a judgement needs of one curve; a run may have printed a million points. */
export type Curve = {
  name: string;
  count: number;
  first: CurvePoint;
  last: CurvePoint;
  /** Absent where the name does not say whether less or more is better. */
  best?: CurvePoint & { direction: MetricDirection };
  /** The first value that is no number. */
  broken?: CurvePoint;
};

/** The curves of one file, or of a log that has several. */
export type Curves = { path: string; curves: readonly Curve[]; log?: LogParts };

/** A program that names each metric anew must not fill the memory. */
const MAX_CURVES = 200;

/** What one line or row says. */
export type CurveReading = { epoch?: number; step?: number; metrics: Readonly<Record<string, number>> };

/** Folds readings into curves, in constant memory. */
export function createCurveCollector(): { add(reading: CurveReading, line: number): void; curves(): Curve[] } {
  const curves = new Map<string, Curve>();
  let epoch: number | undefined;
  return {
    add({ epoch: readEpoch, step, metrics }, line) {
      // A line of a step inside an epoch does not repeat its number.
      epoch = readEpoch ?? epoch;
      for (const [name, value] of Object.entries(metrics)) {
        const place = { ...(epoch === undefined ? {} : { epoch }), ...(step === undefined ? {} : { step }) };
        const known = curves.get(name);
        if (known || curves.size < MAX_CURVES) {
          curves.set(name, extend(known, name, { value, line, ...place }));
        }
      }
    },
    curves: () => [...curves.values()],
  };
}

function extend(curve: Curve | undefined, name: string, point: CurvePoint): Curve {
  const direction = inferMetricDirection(name);
  const best = direction === undefined ? undefined : better(curve?.best, { ...point, direction });
  const broken = curve?.broken ?? (Number.isFinite(point.value) ? undefined : point);
  return {
    name,
    count: (curve?.count ?? 0) + 1,
    first: curve?.first ?? point,
    last: point,
    ...(best ? { best } : {}),
    ...(broken ? { broken } : {}),
  };
}

function better(best: Curve["best"], point: NonNullable<Curve["best"]>): Curve["best"] {
  if (!Number.isFinite(point.value)) {
    return best;
  }
  const isBetter =
    best === undefined || (point.direction === "min" ? point.value < best.value : point.value > best.value);
  return isBetter ? point : best;
}

const COUNTERS = /^(?:epoch|epochs|step|global_step|iter|iteration|batch)$/i;
const NOT_METRICS = /^(?:time|timestamp|wall_?time|date|created_at)$/i;

/** Reads the curves of a table, as CSV loggers write it, piece by piece. Without a counter it is no log and has none. */
export class CurveTable {
  readonly #collector = createCurveCollector();
  readonly #rows = new CsvRows({
    header: (names) => this.#takeHeader(names),
    row: (row, line) => this.#takeRow(row, line),
  });
  #metrics: readonly { name: string; column: number }[] = [];
  #epoch = -1;
  #step = -1;

  push(bytes: Uint8Array): void {
    this.#rows.push(bytes);
  }

  /** The curves of all that was pushed. */
  end(): Curve[] {
    this.#rows.end();
    return this.#collector.curves();
  }

  #takeHeader(names: readonly string[]): void {
    this.#epoch = names.findIndex((name) => /^epochs?$/i.test(name));
    this.#step = names.findIndex((name) => /^(?:step|global_step|iter|iteration)$/i.test(name));
    const isLog = names.some((name) => COUNTERS.test(name));
    this.#metrics = names.flatMap((name, column) =>
      !isLog || COUNTERS.test(name) || NOT_METRICS.test(name) ? [] : [{ name, column }],
    );
  }

  #takeRow({ values, isNumber, length }: CsvRow, line: number): void {
    const numberIn = (column: number) => (isNumber[column] === 1 ? values[column] : undefined);
    const [epoch, step] = [numberIn(this.#epoch), numberIn(this.#step)];
    const metrics: [string, number][] = [];
    for (const { name, column } of this.#metrics) {
      if (column >= length) {
        break;
      }
      const value = numberIn(column);
      if (value !== undefined) {
        metrics.push([name, value]);
      }
    }
    const place = { ...(epoch === undefined ? {} : { epoch }), ...(step === undefined ? {} : { step }) };
    this.#collector.add({ ...place, metrics: Object.fromEntries(metrics) }, line);
  }
}
