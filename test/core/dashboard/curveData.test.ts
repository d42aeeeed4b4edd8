import assert from "node:assert/strict";
import { test } from "node:test";
import { curvePoints } from "../../../src/core/dashboard/curveData.ts";
import { plotCurve } from "../../../src/core/dashboard/plotCurve.ts";
import { summarizeSeries } from "../../../src/core/dashboard/seriesSummary.ts";
import { ScalarSeries } from "../../../src/core/metrics/scalarSeries.ts";

function seriesOf(values: readonly number[], wallTimes: readonly number[] = []): ScalarSeries {
  const series = new ScalarSeries();
  values.forEach((value, step) => series.append(step, wallTimes[step] ?? Number.NaN, value));
  return series;
}

const VIEW = { axis: "step", smoothing: 0, maxPoints: 100 } as const;

test("a long curve keeps its first and last point and every extreme", () => {
  const values = Array.from({ length: 10_000 }, (_, step) => (step === 4_321 ? 50 : step === 7_000 ? -50 : step % 3));
  const points = curvePoints(seriesOf(values), VIEW);
  assert.ok(points && points.x.length <= 100);
  assert.deepEqual([points.x[0], points.x.at(-1)], [0, 9_999]);
  assert.deepEqual([Math.max(...points.values), Math.min(...points.values)], [50, -50]);
  assert.deepEqual(
    [...points.x],
    [...points.x].toSorted((a, b) => a - b),
  );
});

test("NaN does not hide the numbers beside it", () => {
  const values = Array.from({ length: 1_000 }, (_, step) => (step % 2 === 0 ? Number.NaN : step));
  const points = curvePoints(seriesOf(values), { ...VIEW, maxPoints: 20 });
  assert.equal(points?.values.filter(Number.isFinite).length, (points?.values.length ?? 0) - 1);
});

test("a zoom gives the points inside and one on either side", () => {
  const points = curvePoints(seriesOf([5, 4, 3, 2, 1, 0]), { ...VIEW, range: [1.5, 3.5] });
  assert.deepEqual([...(points?.x ?? [])], [1, 2, 3, 4]);
});

test("the mean is not pulled to zero at the start, and passes by NaN", () => {
  const points = curvePoints(seriesOf([4, 4, Number.NaN, 4]), { ...VIEW, smoothing: 0.9 });
  assert.deepEqual(
    [...(points?.smoothed ?? [])].map((value) => Number(value.toFixed(9))),
    [4, 4, Number.NaN, 4],
  );
});

test("time axes count from the first value or from 1970, and a log without times has none", () => {
  const timed = seriesOf([1, 2], [100, 160]);
  assert.deepEqual([...(curvePoints(timed, { ...VIEW, axis: "relative" })?.x ?? [])], [0, 60]);
  assert.deepEqual([...(curvePoints(timed, { ...VIEW, axis: "wall" })?.x ?? [])], [100, 160]);
  assert.equal(curvePoints(seriesOf([1, 2]), { ...VIEW, axis: "wall" }), undefined);
});

test("a summary has first, last, best, trend and what does not look right", () => {
  const falling = Array.from({ length: 40 }, (_, step) => 40 - step);
  assert.deepEqual(summarizeSeries("val_loss", seriesOf(falling)), {
    tag: "val_loss",
    count: 40,
    first: { step: 0, value: 40 },
    last: { step: 39, value: 1 },
    best: { step: 39, value: 1, direction: "min" },
    trend: "falling",
    anomalies: [],
  });
  const broken = summarizeSeries("loss", seriesOf([...falling, Number.NaN, Number.NaN]));
  assert.deepEqual(broken?.anomalies, ["2 of 42 values are NaN or infinite, the first at step 40."]);
  const flat = Array.from({ length: 60 }, (_, step) => 1 + (step % 5) / 100);
  assert.equal(summarizeSeries("loss", seriesOf(flat))?.trend, "flat");
  assert.deepEqual(summarizeSeries("loss", seriesOf(flat.with(50, 9)))?.anomalies, [
    "It jumped to 9 at step 50, far from 1.02.",
  ]);
  assert.equal(summarizeSeries("loss", new ScalarSeries()), undefined);
});

test("a plot for the terminal is as large as asked and says its limits", () => {
  const points = curvePoints(seriesOf([0, 1, 2, 3]), VIEW);
  const lines = plotCurve(points ?? assert.fail(), { width: 4, height: 2 }).split("\n");
  assert.deepEqual(lines, ["         3 │⠀⠀⠠⠈", "         0 │⡀⠂⠀⠀", "           └ 0 … 3"]);
});
