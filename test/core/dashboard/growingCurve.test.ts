import assert from "node:assert/strict";
import { test } from "node:test";
import { GrowingCurve } from "../../../src/core/dashboard/growingCurve.ts";
import { RunCurves } from "../../../src/core/dashboard/runCurves.ts";
import { summarizeSeries } from "../../../src/core/dashboard/summarizeSeries.ts";
import type { Series } from "../../../src/core/metrics/series.ts";
import { seededRandom } from "../../support/seededRandom.ts";

function seriesOf(values: readonly number[], tag = "loss"): Series {
  return {
    tag,
    steps: values.map((_, index) => index),
    times: values.map((_, index) => index * 1000),
    values: [...values],
  };
}

function curveOf(series: Series): GrowingCurve {
  const curve = new GrowingCurve();
  curve.grow(series);
  return curve;
}

const WHOLE = { maxPoints: 1_000, smoothing: 0 };

test("a thinned curve keeps every peak, its gap, its ends and its order", () => {
  const values = Array.from({ length: 100_000 }, (_, index) => Math.sin(index / 500));
  values[54_321] = 40;
  values[77_777] = -40;
  values[90_000] = Number.NaN;
  const points = curveOf(seriesOf(values)).points(WHOLE);
  assert.ok(points.values.length <= 1_000);
  assert.ok(points.values.includes(40) && points.values.includes(-40) && points.values.some(Number.isNaN));
  assert.deepEqual([points.steps[0], points.steps.at(-1)], [0, 99_999]);
  assert.deepEqual(points.steps, points.steps.toSorted());
  assert.deepEqual([...curveOf(seriesOf([1, 2])).points(WHOLE).values], [1, 2]);
});

test("a curve that grew in pieces is the curve that was read at once", () => {
  const random = seededRandom(11);
  const values = Array.from({ length: 20_000 }, () => (random() < 0.001 ? Number.NaN : random()));
  const grown = new GrowingCurve();
  for (let length = 1; length < values.length; length += 1 + Math.floor(random() * 700)) {
    grown.grow(seriesOf(values.slice(0, length)));
    grown.points({ maxPoints: 200, smoothing: 0.9 });
  }
  grown.grow(seriesOf(values));
  for (const window of [undefined, { axis: "steps" as const, from: 777, until: 12_345 }]) {
    const detail = { maxPoints: 500, smoothing: 0.9, window };
    assert.deepEqual(grown.points(detail), curveOf(seriesOf(values)).points(detail));
  }
  const expected = summarizeSeries(seriesOf(values));
  assert.deepEqual({ ...grown.summary, trend: "" }, { ...expected, trend: "" });
});

test("the means of a thinned curve are those of all values in its stretches", () => {
  const random = seededRandom(5);
  const values = Array.from({ length: 50_000 }, (_, index) => (index === 4_321 ? Number.NaN : random() ** 8));
  const grown = new GrowingCurve();
  for (const length of [1, 70, 5_000, 33_333, 50_000]) {
    grown.grow(seriesOf(values.slice(0, length)));
  }
  const { steps, means } = grown.points({ ...WHOLE, withMeans: true });
  const size = 256;
  for (const [at, step] of steps.entries()) {
    const start = Math.floor(step / size) * size;
    const stretch = values.slice(start, start + size).filter((value) => !Number.isNaN(value));
    const expected = step === 4_321 ? Number.NaN : stretch.reduce((sum, value) => sum + value, 0) / stretch.length;
    const mean = means?.[at] ?? Infinity;
    assert.ok(Object.is(mean, expected) || Math.abs(mean - expected) < 1e-12, `step ${step}: ${mean}, ${expected}`);
  }
  assert.deepEqual(curveOf(seriesOf([1, 5])).points({ ...WHOLE, withMeans: true }).means, Float64Array.of(1, 5));
  assert.equal(grown.points(WHOLE).means, undefined);
});

test("the extremes of each stretch are those that looking through it finds", () => {
  const random = seededRandom(3);
  const values = Array.from({ length: 9_000 }, () => random() - 0.5);
  for (const [from, until] of [
    [0, 9_000],
    [63, 8_001],
    [4_000, 4_900],
  ]) {
    const { values: kept } = curveOf(seriesOf(values)).points({
      maxPoints: 64,
      smoothing: 0,
      window: { axis: "steps", from: from ?? 0, until: until ?? 0 },
    });
    const inside = values.slice(from, until);
    assert.ok(kept.includes(Math.min(...inside)) && kept.includes(Math.max(...inside)), `${from}–${until}`);
  }
});

test("a stretch is given as finely as asked, with one value at each side of it", () => {
  const curve = curveOf(seriesOf(Array.from({ length: 100_000 }, (_, index) => index)));
  const window = { axis: "steps" as const, from: 500, until: 510 };
  assert.deepEqual(
    [...curve.points({ ...WHOLE, window }).steps],
    [499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510],
  );
  const byTime = { axis: "times" as const, from: 2_000, until: 3_000 };
  assert.deepEqual([...curve.points({ ...WHOLE, window: byTime }).steps], [1, 2, 3]);
});

test("the past of a growing curve is drawn with the same values", () => {
  const values = Array.from({ length: 30_000 }, (_, index) => Math.sin(index));
  const steps = (length: number) => [...curveOf(seriesOf(values.slice(0, length))).points(WHOLE).steps];
  const [before, after] = [steps(29_000), steps(29_500)];
  assert.deepEqual(after.slice(0, before.length - 5), before.slice(0, -5));
});

test("a series that was written anew is read from its beginning", () => {
  const curve = curveOf(seriesOf([5, 4, 3, 2]));
  curve.grow(seriesOf([9, 8]));
  assert.deepEqual([curve.summary?.first, curve.summary?.count, curve.summary?.best?.value], [9, 2, 8]);
  curve.grow(seriesOf([9, 7, 6]));
  assert.deepEqual([...curve.points(WHOLE).values], [9, 7, 6]);
});

function smoothed(values: number[], maxPoints: number): Float64Array {
  return curveOf(seriesOf(values)).points({ maxPoints, smoothing: 0.5 }).smoothed ?? new Float64Array();
}

test("smoothing begins at the first value, leaves gaps, and is that of all values however few are drawn", () => {
  assert.deepEqual([...smoothed([4, Number.NaN, 4], 10)], [4, Number.NaN, 4]);
  assert.deepEqual([...smoothed([1, 0], 10)], [1, 1 / 3]);
  const many = Array.from({ length: 5_000 }, (_, index) => index % 7);
  assert.equal(smoothed(many, 40).at(-1), smoothed(many, 10_000).at(-1));
});

test("of a run only the points of the wanted metrics are drawn, and what is gone is forgotten", () => {
  const run = new RunCurves();
  run.grow([seriesOf([1], "a"), seriesOf([2], "b"), seriesOf([], "empty")]);
  const drawn = run.draw(WHOLE, ["b"]).map(({ tag, points }) => [tag, points?.values.length]);
  assert.deepEqual(drawn, [
    ["a", undefined],
    ["b", 1],
  ]);
  run.grow([seriesOf([1], "a")]);
  assert.deepEqual(
    run.draw(WHOLE).map(({ tag }) => tag),
    ["a"],
  );
});

/** A series of steps and values of an event file, or of another log, which grows in pieces of so many. */
function restarted(
  pairs: readonly (readonly [number, number])[],
  piece: number,
  restartsAt: NonNullable<Series["restartsAt"]> = "any",
): GrowingCurve {
  const curve = new GrowingCurve();
  for (let length = piece; length < pairs.length + piece; length += piece) {
    const known = pairs.slice(0, length);
    const steps = known.map(([step]) => step);
    const values = known.map(([, value]) => value);
    curve.grow({ tag: "loss", steps, times: steps.map(() => Number.NaN), values, restartsAt });
  }
  return curve;
}

test("a training that began anew from an earlier step goes on from there, and what it wrote before is superseded", () => {
  const first = [0, 1, 2, 3, 4, 5].map((step) => [step, 10 + step] as const);
  const again = [3, 4, 5, 6, 7].map((step) => [step, 20 + step] as const);
  for (const piece of [1, 4, 11]) {
    const curve = restarted([...first, ...again], piece);
    const { steps, values } = curve.points(WHOLE);
    assert.deepEqual([...steps], [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual([...values], [10, 11, 12, 23, 24, 25, 26, 27]);
    assert.deepEqual(curve.summary?.superseded, { count: 3, fromStep: 3, times: 1 });
    assert.deepEqual([curve.summary?.count, curve.summary?.best], [8, { value: 10, step: 0, direction: "min" }]);
  }
  const twice = restarted([...first, ...again, [2, 32], [3, 33]], 3);
  assert.deepEqual([...twice.points(WHOLE).values], [10, 11, 32, 33]);
  const all = twice.points({ maxPoints: Infinity, smoothing: 0 }).values;
  assert.deepEqual([...all], [...first, ...again].map(([, value]) => value).concat(32, 33), "an export loses nothing");
  const repeated = restarted([...first, [5, 99]], 1);
  assert.equal(repeated.summary?.superseded, undefined, "a step that is logged twice is no restart");
});

test("a long curve that went back is thinned, smoothed and zoomed as if it had been written at once", () => {
  const random = seededRandom(5);
  const first = Array.from({ length: 9_000 }, (_, step) => [step, random()] as const);
  const again = Array.from({ length: 9_000 }, (_, at) => [at + 4_000, random()] as const);
  const whole = restarted([...first.slice(0, 4_000), ...again], 50_000);
  const went = restarted([...first, ...again], 777);
  for (const window of [undefined, { axis: "steps" as const, from: 3_000, until: 6_000 }]) {
    const detail = { maxPoints: 300, smoothing: 0.6, window };
    assert.deepEqual(went.points(detail), whole.points(detail));
  }
  assert.deepEqual({ ...went.summary, superseded: undefined }, { ...whole.summary, superseded: undefined });
});

test("steps that count within the epoch are no restart: every value counts, and is drawn in the order of the log", () => {
  const pairs = [0, 1, 2].flatMap((epoch) =>
    [0, 1, 2, 3].map((step) => [step, epoch === 0 && step === 2 ? 0.01 : 1 / (epoch + 1)] as const),
  );
  const curve = restarted(pairs, 5, new Set());
  assert.deepEqual(
    [...curve.points(WHOLE).steps],
    pairs.map(([step]) => step),
  );
  const { count, first, best, superseded } = curve.summary ?? {};
  assert.deepEqual([count, first, best?.value, best?.step, superseded], [12, 1, 0.01, 2, undefined]);
});

test("where a restart is known, the value behind it supersedes, and other steps that go back do not", () => {
  const pairs = [0, 5, 0, 5, 0, 5, 9].map((step, index) => [step, index] as const);
  for (const piece of [1, 3, 7]) {
    const curve = restarted(pairs, piece, new Set([4]));
    assert.deepEqual([...curve.points(WHOLE).values], [4, 5, 6]);
    assert.deepEqual(curve.summary?.superseded, { count: 4, fromStep: 0, times: 1 });
  }
});

test("a series of two writers, which goes back at every second value, costs what is added", () => {
  const count = 80_000;
  const steps = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? index / 2 + 1 : (index - 1) / 2));
  const series: Series = { tag: "loss", steps, times: steps, values: steps, restartsAt: "any" };
  const curve = new GrowingCurve();
  const began = performance.now();
  for (let length = 200; length <= count; length += 200) {
    const first = steps.slice(0, length);
    curve.grow({ ...series, steps: first, times: first, values: first });
    curve.points({ maxPoints: 300, smoothing: 0.6 });
  }
  // Beginning anew at each of them took a minute; this takes half a second.
  assert.ok(performance.now() - began < 15_000);
  assert.deepEqual(curve.summary, summarizeSeries(series));
});

test("a line is drawn by epoch and step where a log tells both, whatever order they were written in", () => {
  const curve = curveOf({ ...seriesOf([5, 4, 3, 2]), steps: [10, 0, 0, 10], epochs: [0, 0, 1, 1] });
  assert.deepEqual([...curve.points(WHOLE).values], [4, 5, 3, 2]);
  assert.equal(curve.summary?.first, 5);
});

test("a line whose steps, or times where it is drawn over them, go on is drawn as it was written, though its epochs begin anew", () => {
  const values = [6, 5, 4, 3, 2, 1];
  const epochs = [0, 1, 2, 0, 1, 2];
  const onward = curveOf({ ...seriesOf(values), steps: [1, 2, 3, 4, 5, 6], epochs });
  assert.deepEqual([...onward.points(WHOLE).values], values);
  const inTime = curveOf({ ...seriesOf(values), steps: [0, 0, 0, 1, 1, 1], times: [1, 2, 3, 4, 5, 6], epochs });
  const window = { axis: "times" as const, from: 1, until: 6 };
  assert.deepEqual([...inTime.points({ ...WHOLE, window }).values], values);
  const within = curveOf({ ...seriesOf(values), steps: [0, 1, 0, 1, 0, 1], times: [1, 2, 3, 4, 5, 6], epochs });
  assert.deepEqual([...within.points({ ...WHOLE, window }).values], values);
  assert.deepEqual([...within.points(WHOLE).values], [6, 3, 2, 5, 4, 1]);
});
