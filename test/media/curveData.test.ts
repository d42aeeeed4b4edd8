import assert from "node:assert/strict";
import { test } from "node:test";
import { compareNames as compareNamesInCore } from "../../src/core/base/nameOrder.ts";
import { assertScales } from "../support/assertScales.ts";

type Points = { steps: Float64Array; times: Float64Array; values: Float64Array; smoothed?: Float64Array };
type Curve = { xs: Float64Array; ys: Float64Array; smoothed?: Float64Array };
type CurveData = {
  pointsOf: (points: Points, startedMs: number, axis: string) => Curve;
  placeOfStep: (points: Points, step: number, at: { startedMs: number; axis: string; value?: number }) => number;
  hintOf: (curves: (Curve & { points: Points })[], axis: string) => string | undefined;
  placeOfTime: (points: Points, at: { timeMs: number; startedMs: number }, axis: string) => number;
  windowOf: (axis: string, stretch: number[], startedMs: number[]) => object;
  nearestIndex: (xs: number[], x: number) => number;
  rangeOf: (curves: object[], stretch: number[], options: { isLog: boolean; isRobust: boolean }) => number[];
  ringedOf: (curves: object[], reference?: string) => Set<string>;
  formatSeconds: (seconds: number) => string;
  tagsOf: (runs: object[]) => [string, object[]][];
  usualMetric: (entries: [string, object[]][], runCount: number) => string | undefined;
  groupsOf: (tags: [string][]) => { name: string; entries: [string][] }[];
  matcherOf: (text: string) => (name: string) => boolean;
  colorsOf: (runs: { id: string }[], known: Record<string, number>) => Record<string, number>;
  labelRuns: (runs: object[], colors: object, options: { isFolder: boolean }) => { label: string }[];
  shortenName: (name: string) => string;
  closestIndex: (values: number[], wanted: number) => number;
  mergeRuns: (known: object[], sent: object[]) => { series: { tag: string; points?: unknown }[] }[];
};

// What a webview loads is plain JavaScript without types.
const data: CurveData = await import(new URL("../../media/curveData.js", import.meta.url).href);

const column = (...numbers: number[]) => Float64Array.from(numbers);
const points: Points = {
  steps: column(1, 3, 2, 3),
  times: column(1_000, 3_000, 2_000, 4_000),
  values: column(5, 4, Number.NaN, 3),
};

function checkPoints(of: Points, [startedMs, axis]: [number, string], expected: { xs: number[]; ys: number[] }) {
  const { xs, ys } = data.pointsOf(of, startedMs, axis);
  assert.deepEqual({ xs: [...xs], ys: [...ys] }, expected);
}

test("points are sorted, the later of two at one place counts, and what is no number stays a gap", () => {
  checkPoints(points, [0, "step"], { xs: [1, 2, 3], ys: [5, Number.NaN, 3] });
  checkPoints(points, [1_000, "relative"], { xs: [0, 1, 2, 3], ys: [5, Number.NaN, 4, 3] });
  checkPoints({ ...points, times: column(Number.NaN, 1, Number.NaN, Number.NaN) }, [0, "wall"], {
    xs: [0.001],
    ys: [4],
  });
});

test("an alarm stands at the last step before it", () => {
  const sorted = { ...points, steps: column(1, 2, 3, 4), times: column(1_000, 2_000, 3_000, 4_000) };
  const at = (timeMs: number, axis: string) => data.placeOfTime(sorted, { timeMs, startedMs: 1_000 }, axis);
  assert.deepEqual([at(2_500, "step"), at(500, "step"), at(2_500, "relative")], [2, Number.NaN, 1.5]);
});

/** Values that were logged without a step, one a second. */
const unstepped: Points = { steps: column(0, 0, 0), times: column(1_000, 2_000, 3_000), values: column(3, 1, 2) };

const secondOfBest = (value?: number) =>
  data.placeOfStep(unstepped, 0, { startedMs: 1_000, axis: "relative", ...(value && { value }) });

test("the best of several values of one step has its own time", () => {
  assert.deepEqual([secondOfBest(1), secondOfBest(2), secondOfBest(9), secondOfBest()], [1, 2, 0, 0]);
});

const hint = (of: Points, axis: string) => data.hintOf([{ points: of, ...data.pointsOf(of, 1_000, axis) }], axis);

test("a chart whose values have all one step names the axis that shows them, and one without times the other", () => {
  assert.match(hint(unstepped, "step") ?? "", /the same step. Choose the axis Time since the start/);
  assert.equal(hint(unstepped, "relative"), undefined);
  assert.equal(hint(points, "step"), undefined);
  assert.equal(hint({ steps: column(7), times: column(1), values: column(5) }, "step"), undefined);
  const untimed = column(Number.NaN, Number.NaN, Number.NaN);
  assert.equal(hint({ ...unstepped, times: untimed }, "step"), undefined);
  assert.match(hint({ ...unstepped, times: untimed }, "wall") ?? "", /no times. Choose the axis Step/);
});

test("a stretch of relative time covers it in every run", () => {
  assert.deepEqual(data.windowOf("step", [10, 20], [0]), { axis: "steps", from: 10, until: 20 });
  assert.deepEqual(data.windowOf("relative", [1, 2], [5_000, 9_000]), { axis: "times", from: 6_000, until: 11_000 });
  assert.deepEqual(data.windowOf("wall", [1, 2], [5_000]), { axis: "times", from: 1_000, until: 2_000 });
});

function ratedCurves(values: readonly number[], direction: string) {
  return values.map((value, at) => ({ run: { id: `r${at}` }, series: { summary: { best: { value, direction } } } }));
}

test("the best value of each of few runs gets a ring, and of many only the best of all and the reference", () => {
  const values = Array.from({ length: 20 }, (_, at) => Math.abs(at - 5));
  assert.equal(data.ringedOf(ratedCurves(values.slice(0, 12), "min")).size, 12);
  assert.deepEqual([...data.ringedOf(ratedCurves(values, "min"), "r2")], ["r5", "r2"]);
  assert.deepEqual([...data.ringedOf(ratedCurves(values, "max"), "r2")], ["r19", "r2"]);
  assert.equal(data.ringedOf([{ run: { id: "a" }, series: { summary: {} } }]).size, 0);
});

test("the nearest value is found", () => {
  const nearest = [0, 4, 5.4, 99].map((x) => data.nearestIndex([1, 5, 6], x));
  assert.deepEqual([...nearest, data.nearestIndex([], 1)], [0, 1, 1, 2, -1]);
});

function checkRange(ys: number[], options: { isLog?: boolean; isRobust?: boolean }, expected: number[]) {
  const curve = { xs: ys.map((_, index) => index), ys };
  const range = data.rangeOf([curve], [0, ys.length], { isLog: false, isRobust: false, ...options });
  assert.deepEqual(
    range.map((bound) => Number(bound.toPrecision(3))),
    expected,
  );
}

test("the range holds what is in sight, for a logarithm what is positive, and without outliers the bulk", () => {
  checkRange([1, 2, Number.NaN, 3], {}, [0.88, 3.12]);
  checkRange([5, 5], {}, [4.7, 5.3]);
  checkRange([], {}, [0, 1]);
  checkRange([-1, 0, 1, 100], { isLog: true }, [0.759, 132]);
  const spiked = Array.from({ length: 100 }, (_, index) => (index === 50 ? 1_000 : 1 + index / 100));
  checkRange(spiked, { isRobust: true }, [0.962, 2.05]);
});

test("seconds read like a clock", () => {
  assert.deepEqual([0, 95, 3_700].map(data.formatSeconds), ["0:00", "1:35", "1:01:40"]);
});

test("metrics that decide come first, in the groups before their slash", () => {
  const tags = ["lr", "train/loss", "val_acc", "acc", "train/grad"].map((tag) => ({ tag }));
  const ordered = data.tagsOf([{ id: "r1", series: tags }]);
  assert.deepEqual(
    ordered.map(([tag]) => tag),
    ["val_acc", "train/loss", "acc", "lr", "train/grad"],
  );
  assert.deepEqual(
    data.groupsOf(ordered.map(([tag]) => [tag])).map(({ name, entries }) => [name, entries.length]),
    [
      ["", 3],
      ["train", 2],
    ],
  );
});

test("runs are compared by the first metric that most of them have", () => {
  const entries = data.tagsOf([{ series: [{ tag: "val_acc" }, { tag: "loss" }] }, { series: [{ tag: "loss" }] }]);
  assert.equal(data.usualMetric(entries, 2), "loss");
  assert.equal(data.usualMetric(entries.slice(0, 1), 2), "val_acc");
  assert.equal(data.usualMetric([], 2), undefined);
});

test("many metrics are grouped in the time of their number", () => {
  assertScales(
    "metrics of one group",
    (count) => data.groupsOf(Array.from({ length: count }, (_, at) => [`layers/${at}`])),
    4_000,
  );
});

function countMatches(filter: string): number {
  return ["train/loss", "val/loss", "val/acc"].filter(data.matcherOf(filter)).length;
}

test("a filter is words or a pattern, and half a pattern breaks nothing", () => {
  assert.deepEqual(["", "LOSS", "loss val", "/^val/", "/(/", "nothing"].map(countMatches), [3, 2, 1, 2, 0, 0]);
});

test("a curve that is not sent again stays as it was", () => {
  const [a, b, c] = ["a", "b", "c"].map((tag) => ({ tag, summary: { first: 1, last: 1 } }));
  const newer = { tag: "a", summary: { first: 1, last: 2 } };
  const [known] = data.mergeRuns([], [{ id: "r", isWhole: true, series: [{ ...a, points: 1 }, b] }]);
  const [merged] = data.mergeRuns([known ?? {}], [{ id: "r", isWhole: false, series: [newer] }]);
  assert.deepEqual(merged?.series, [{ ...newer, points: 1 }, b]);
  const [anew] = data.mergeRuns([known ?? {}], [{ id: "r", isWhole: true, series: [c] }]);
  assert.deepEqual(anew?.series, [c]);
  const [broken] = data.mergeRuns([], [{ id: "r", series: [{ tag: "nan", summary: { first: null, last: null } }] }]);
  const summary = { first: Number.NaN, last: Number.NaN };
  assert.deepEqual(broken?.series, [{ tag: "nan", summary }], "a message knows no NaN");
});

function colorsOf(ids: string[], known: Record<string, number>) {
  const runs = ids.map((id) => ({ id }));
  return data.colorsOf(runs, known);
}

test("a run keeps its colour when others come or go, and a new one gets a free one", () => {
  const first = colorsOf(["b", "a"], {});
  assert.deepEqual(first, { a: 0, b: 1 });
  const second = colorsOf(["a", "aa", "b"], first);
  assert.deepEqual(second, { a: 0, b: 1, aa: 2 });
  assert.deepEqual(colorsOf(["b", "c"], second), { b: 1, c: 0 });
});

const { compareNames }: { compareNames: (a: string, b: string) => number } = await import(
  new URL("../../media/nameOrder.js", import.meta.url).href
);

function checkOrder(...names: string[]): void {
  assert.deepEqual(names.toReversed().toSorted(compareNames), names);
  assert.deepEqual(names.toReversed().toSorted(compareNamesInCore), names, "the command line has the same order");
}

test("names are in the order of the numbers in them, decimals and powers of ten too", () => {
  checkOrder("layer2/weight", "layer10/weight");
  checkOrder("lr0.001_bs32", "lr0.003_bs32", "lr0.01_bs32", "lr0.01_bs64", "lr0.1_bs32");
  checkOrder("1e-4", "0.0003", "1e-3", "0.01", "2");
  checkOrder("run", "run 1", "run 1b", "Run 2", "run-1");
});

test("metrics are in the order of the numbers in them, which are no decimals", () => {
  const tags = ["layers.1.9/norm", "layers.1.10/norm", "layers.2.1/norm"];
  const ordered = data.tagsOf([{ id: "r1", series: tags.toReversed().map((tag) => ({ tag })) }]);
  assert.deepEqual(
    ordered.map(([tag]) => tag),
    tags,
  );
});

type Axis = {
  values: (plot: unknown, splits: number[]) => string[];
  space: (plot: unknown, axis: number, min: number, max: number) => number;
};
type ValueAxis = {
  size: (plot: unknown, texts: string[] | null) => number;
  values: (plot: unknown, splits: number[]) => string[];
};
type CurveAxis = {
  logPlaces: (min: number, max: number) => number[];
  placesOf: (axis: string) => Axis;
  placesOfValues: (isLog: boolean, note: (splits: number[]) => number[]) => ValueAxis;
  tickOf: (axis: string) => (value: number, at: number, values: number[]) => { text: string };
};

const { logPlaces, placesOf, placesOfValues, tickOf }: CurveAxis = await import(
  new URL("../../media/curveAxis.js", import.meta.url).href
);

function checkSteps(steps: number[], expected: string[]): void {
  assert.deepEqual(placesOf("step").values(undefined, steps), expected);
  assert.deepEqual(
    steps.map(tickOf("step")).map(({ text }) => text),
    expected,
    "a picture says the same",
  );
}

test("steps are said in short, and in full where they lie too close to be told apart, with the room that this takes", () => {
  checkSteps([0, 500_000, 1_000_000], ["0", "500k", "1M"]);
  checkSteps([100_000, 100_200], ["100k", "100.2k"]);
  checkSteps([12_345_678, 12_345_680], ["12,345,678", "12,345,680"]);
  const { space } = placesOf("step");
  assert.equal(space(undefined, 0, 0, 12_345_680), 50);
  assert.equal(space(undefined, 0, 12_345_600, 12_345_680), 80);
});

test("the axis of the values is as wide as its longest text, and never narrower than those of most charts", () => {
  const { size, values } = placesOfValues(false, (splits) => splits);
  const widthOf = (splits: number[]) => size(undefined, values(undefined, splits));
  assert.equal(size(undefined, null), 58);
  assert.equal(widthOf([0.01, 0.01235]), 58);
  assert.equal(widthOf([0.001, 0.001025]), 64);
  assert.equal(widthOf([-0.001025, 0]), 71);
});

test("a logarithmic axis is divided at round places, however many decades it spans", () => {
  assert.deepEqual(logPlaces(1e-11, 5), [1e-10, 1e-8, 1e-6, 1e-4, 0.01, 1]);
  assert.deepEqual(logPlaces(0.1, 100), [0.1, 1, 10, 100]);
  assert.deepEqual(logPlaces(0.17, 2.6), [0.2, 0.5, 1, 2]);
  assert.deepEqual(logPlaces(0.336, 0.7), [0.4, 0.5, 0.6]);
  assert.deepEqual(logPlaces(0.4775, 0.53), [0.48, 0.5, 0.52]);
  assert.deepEqual(
    [1e-6, 2.5e-5, 0.01, 0].map(tickOf("value")).map(({ text }) => text),
    ["1e-6", "2.5e-5", "0.01", "0"],
  );
});

function labelsOf(titles: string[], isFolder: boolean): string[] {
  const runs = titles.map((title, at) => ({ id: `run-${1000 + at}`, title }));
  return data.labelRuns(runs, {}, { isFolder }).map(({ label }) => label);
}

test("runs of a folder are named without the folders that all are in, and others as they are", () => {
  assert.deepEqual(labelsOf(["2024/a/lr=0.1", "2024/a/lr=0.01", "2024/ab"], true), ["a/lr=0.1", "a/lr=0.01", "ab"]);
  assert.deepEqual(labelsOf(["logs/one"], true), ["logs/one"]);
  assert.deepEqual(labelsOf(["a", "a"], true), ["a 1000", "a 1001"]);
  assert.deepEqual(labelsOf(["train.py data/a", "train.py data/b"], false), ["train.py data/a", "train.py data/b"]);
});

test("a long name keeps its end, by which it is told from others", () => {
  assert.equal(data.shortenName("transformer/width=512,bs=64,lr=0.001,seed=1"), "transformer…s=64,lr=0.001,seed=1");
  assert.equal(data.shortenName("run_a/lr=0.001,bs=32"), "run_a/lr=0.001,bs=32");
});

test("the curve that is pointed at is the closest that has a value there", () => {
  assert.deepEqual([data.closestIndex([90, Number.NaN, 40, 60], 55), data.closestIndex([Number.NaN], 5)], [3, -1]);
});
