import assert from "node:assert/strict";
import { test } from "node:test";

type Points = { xs: number[]; ys: (number | null)[] };
type CurveData = {
  pointsOf: (series: object, startedMs: number, axis: string) => Points;
  smooth: (values: (number | null)[], weight: number) => (number | null)[];
  formatSeconds: (seconds: number) => string;
  csvOf: (runs: object[], isShown: (tag: string) => boolean) => string;
  tagsOf: (runs: object[]) => [string, object[]][];
};

// What a webview loads is plain JavaScript without types.
const { pointsOf, smooth, formatSeconds, csvOf, tagsOf }: CurveData = await import(
  new URL("../../media/curveData.js", import.meta.url).href
);

const series = { tag: "loss", steps: [1, 3, 2, 3], times: [1_000, 3_000, 2_000, 4_000], values: [5, 4, Number.NaN, 3] };

test("points are sorted, the later of two at one place counts, and what is no number is a gap", () => {
  assert.deepEqual(pointsOf(series, 0, "step"), { xs: [1, 2, 3], ys: [5, null, 3] });
  assert.deepEqual(pointsOf(series, 1_000, "relative"), { xs: [0, 1, 2, 3], ys: [5, null, 4, 3] });
  assert.deepEqual(pointsOf({ ...series, times: series.times.map(() => Number.NaN) }, 0, "wall"), { xs: [], ys: [] });
});

test("smoothing begins at the first value and leaves gaps", () => {
  assert.deepEqual(smooth([4, null, 4], 0.9), [4, null, 4]);
  const [first, second] = smooth([1, 0], 0.5);
  assert.deepEqual([first, second], [1, 1 / 3]);
});

test("seconds read like a clock", () => {
  assert.deepEqual([0, 95, 3_700].map(formatSeconds), ["0:00", "1:35", "1:01:40"]);
});

test("rows for a spreadsheet hold what is shown", () => {
  const runs = [{ id: "r1", series: [series, { ...series, tag: "hidden" }] }];
  const lines = csvOf(runs, (tag) => tag !== "hidden").split("\n");
  assert.equal(lines.length, 6);
  assert.equal(lines[1], "r1,loss,1,1970-01-01T00:00:01.000Z,5");
});

test("metrics that decide come first", () => {
  const tags = ["lr", "train/loss", "val_acc", "acc"].map((tag) => ({ ...series, tag }));
  const ordered = tagsOf([{ id: "r1", series: tags }]).map(([tag]) => tag);
  assert.deepEqual(ordered, ["val_acc", "train/loss", "acc", "lr"]);
});
