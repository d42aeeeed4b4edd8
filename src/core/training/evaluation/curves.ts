import { inferMetricDirection, type MetricDirection } from "../../checkpoints/metricNames.ts";

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

/** The curves of one file. */
export type Curves = { path: string; curves: readonly Curve[] };

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

/**
 * Reads a table with one header line, as CSV loggers write it: Lightning's `metrics.csv`, Ultralytics' `results.csv`,
 * Keras' `CSVLogger`. Cells that are empty or no numbers are passed over. Without a counter it is no log.
 */
export function readCurveTable(text: string): Curve[] {
  const [header = "", ...rows] = text.split(/\r?\n/);
  const names = header.split(",").map((name) => name.trim().replaceAll('"', ""));
  if (!names.some((name) => COUNTERS.test(name))) {
    return [];
  }
  const collector = createCurveCollector();
  rows.forEach((row, index) => {
    const cells = row.split(",").map((cell) => readCell(cell));
    const valueOf = (pattern: RegExp) => cells[names.findIndex((name) => pattern.test(name))];
    const epoch = valueOf(/^epochs?$/i);
    const step = valueOf(/^(?:step|global_step|iter|iteration)$/i);
    const metrics = names.flatMap((name, column): [string, number][] => {
      const value = cells[column];
      return value === undefined || COUNTERS.test(name) || NOT_METRICS.test(name) ? [] : [[name, value]];
    });
    const reading = { ...(epoch === undefined ? {} : { epoch }), ...(step === undefined ? {} : { step }) };
    collector.add({ ...reading, metrics: Object.fromEntries(metrics) }, index + 2);
  });
  return collector.curves();
}

function readCell(cell: string): number | undefined {
  const text = cell.trim().replaceAll('"', "");
  if (/^[-+]?(?:nan|inf(?:inity)?)$/i.test(text)) {
    return Number.NaN;
  }
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? undefined : value;
}
