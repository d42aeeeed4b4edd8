import assert from "node:assert/strict";
import { test } from "node:test";

type Row = { run: { id: string }; cells: Record<string, { text: string; sort: unknown }> };
type RunRows = {
  rowsOf: (runs: object[], view: object) => Row[];
  matchingRuns: (runs: object[], filter: string) => { id: string }[];
  parametersOf: (runs: object[]) => { varied: string[]; same: string[] };
};
type Axis = { kind: string; ticks: { value: unknown }[]; toPlace: (value: unknown) => number | undefined };
type Sweep = { isEnough: boolean; axes: Axis[]; lines: { run: { id: string }; value: number; places: number[] }[] };
type SweepData = {
  sweepOf: (runs: object[], metric: string) => Sweep;
  axisOf: (name: string, values: unknown[]) => Axis;
  goodnessOf: (sweep: Sweep) => (line: object) => number;
  correlationOf: (lines: object[], at: number) => number | undefined;
};

type Curve = { run: object; series: object; xs: Float64Array; ys: Float64Array; smoothed?: Float64Array };
type Mean = Curve & {
  index: number;
  run: { id: string; label: string; members: string[] };
  series: { summary: { best?: { value: number }; broken?: { count: number } } };
};
type Group = { label: string; index: number; ids: string[] };
type RunGroups = {
  groupsBy: (runs: object[], name: string) => Group[];
  indexesOf: (groups: Group[]) => Record<string, number>;
  meansOf: (curves: Curve[], groups: Group[]) => Mean[];
};

// What a webview loads is plain JavaScript without types.
const { matchingRuns, rowsOf, parametersOf }: RunRows = await import(
  new URL("../../media/runRows.js", import.meta.url).href
);
const sweeps: SweepData = await import(new URL("../../media/sweepData.js", import.meta.url).href);

const { groupsBy, indexesOf, meansOf }: RunGroups = await import(
  new URL("../../media/runGroups.js", import.meta.url).href
);

function runOf(id: string, best: number | undefined, parameters: Record<string, string>) {
  const series =
    best === undefined ? [] : [{ tag: "val_acc", summary: { last: 0, best: { value: best, direction: "max" } } }];
  return { id, label: `train ${id}`, state: "finished", startedMs: 0, endedMs: 90_000, parameters, series };
}

const runs = [
  runOf("a", 0.9, { lr: "0.001", epochs: "3" }),
  runOf("b", 0.7, { lr: "0.1", epochs: "3" }),
  runOf("c", undefined, { lr: "0.01", epochs: "3" }),
  runOf("d", 0.8, { lr: "0.02", epochs: "3" }),
];

function checkRows(view: object, expected: string[]) {
  const usual = { metric: "val_acc", filter: "", sort: { key: "name", isDescending: false }, now: 0 };
  assert.deepEqual(
    rowsOf(runs, { ...usual, ...view }).map(({ run }) => run.id),
    expected,
  );
}

test("runs are sorted by numbers as numbers, and one without a value stands last either way", () => {
  checkRows({ sort: { key: "parameter:lr", isDescending: false } }, ["a", "c", "d", "b"]);
  checkRows({ sort: { key: "metric", isDescending: true } }, ["a", "d", "b", "c"]);
  checkRows({ sort: { key: "metric", isDescending: false } }, ["b", "d", "a", "c"]);
  checkRows({ filter: "lr=0.0" }, ["a", "c", "d"]);
  checkRows({ filter: "failed" }, []);
  assert.deepEqual(
    matchingRuns(runs, "lr=0.0").map(({ id }) => id),
    ["a", "c", "d"],
  );
});

test("runs that began in the same second, such as copied logs, are in the order of their names", () => {
  const copied = ["run_10", "run_2", "run_1"].map((label, at) => ({ ...runOf(label, 1, {}), label, startedMs: at }));
  const view = { metric: "val_acc", filter: "", sort: { key: "started", isDescending: true }, now: 0 };
  assert.deepEqual(
    rowsOf(copied, view).map(({ run }) => run.id),
    ["run_1", "run_2", "run_10"],
  );
});

test("a reference tells how much better or worse the others are", () => {
  const view = { metric: "val_acc", reference: "d", filter: "", sort: { key: "name", isDescending: false }, now: 0 };
  const said = rowsOf(runs, view).map(({ cells }) => cells["difference"]?.text);
  assert.deepEqual(said, ["+0.1 better", "−0.1 worse", "", ""]);
});

test("parameters that differ come first", () => {
  assert.deepEqual(parametersOf(runs), { varied: ["lr"], same: ["epochs"] });
});

test("a sweep needs three runs that have the metric and differ in an argument", () => {
  assert.equal(sweeps.sweepOf(runs, "val_acc").isEnough, true);
  assert.equal(sweeps.sweepOf(runs.slice(0, 3), "val_acc").isEnough, false);
  assert.equal(sweeps.sweepOf([runOf("a", 1, {}), runOf("b", 2, {}), runOf("c", 3, {})], "val_acc").isEnough, false);
});

function checkAxis(values: unknown[], kind: string, places: (number | undefined)[]) {
  const axis = sweeps.axisOf("x", values);
  const found = values.map((value) => axis.toPlace(value)).map((place) => place && Number(place.toPrecision(4)));
  assert.deepEqual([axis.kind, found], [kind, places]);
}

test("an axis is of numbers, of magnitudes or of words", () => {
  checkAxis(["32", "64", "128"], "linear", [0, 0.3333, 1]);
  checkAxis(["0.001", "0.01", "0.1"], "log", [0, 0.5, 1]);
  checkAxis(["adam", "sgd", undefined], "words", [0, 1, undefined]);
  checkAxis(["3", "3"], "linear", [0.5, 0.5]);
});

function ticksOf(values: unknown[]): unknown[] {
  return sweeps.axisOf("x", values).ticks.map(({ value }) => value);
}

test("the ticks of few values are the values, of which none stands on another, and those of many divide the axis", () => {
  assert.deepEqual(ticksOf(["128", "16", "32", "64", "16"]), [16, 32, 64, 128]);
  assert.deepEqual(ticksOf(["0", "1", "100"]), [0, 100]);
  assert.deepEqual(ticksOf(["3", "3"]), [3]);
  assert.deepEqual(ticksOf(["0", "1", "2", "3", "5", "7", "8"]), [0, 2, 4, 6, 8]);
});

test("the axis of a score is never logarithmic, or all good runs would look the same", () => {
  const scored = [runOf("a", 0.002, { lr: "1" }), runOf("b", 0.5, { lr: "2" }), runOf("c", 0.99, { lr: "3" })];
  assert.equal(sweeps.sweepOf(scored, "val_acc").axes.at(-1)?.kind, "linear");
});

test("the best run is the best by the direction of the metric, and ranks tell what goes along with it", () => {
  const sweep = sweeps.sweepOf(runs, "val_acc");
  const goodness = sweeps.goodnessOf(sweep);
  assert.deepEqual(
    sweep.lines.map((line) => Number(goodness(line).toPrecision(3))),
    [1, 0, 0.5],
  );
  assert.equal(sweeps.correlationOf(sweep.lines, 0), -1);
});

test("runs are grouped by the values of a parameter in their order, and what does not tell one stands last", () => {
  const grouped = groupsBy([...runs, runOf("e", 1, {}), runOf("f", 1, { lr: "0.02" })], "lr");
  assert.deepEqual(
    grouped.map(({ label, ids }) => [label, ...ids]),
    [
      ["lr=0.001", "a"],
      ["lr=0.01", "c"],
      ["lr=0.02", "d", "f"],
      ["lr=0.1", "b"],
      ["no lr", "e"],
    ],
  );
  const calculated = [runOf("g", 1, { lr: "0.30000000000000004" }), runOf("h", 1, { lr: "0.1" })];
  const labels = (of: object[]) => groupsBy(of, "lr").map(({ label }) => label);
  assert.deepEqual(labels(calculated), ["lr=0.1", "lr=0.3"]);
  assert.deepEqual(labels([...calculated, runOf("i", 1, { lr: "0.3" })]), [
    "lr=0.1",
    "lr=0.3",
    "lr=0.30000000000000004",
  ]);
  assert.deepEqual(indexesOf(grouped), { a: 0, c: 1, d: 2, f: 2, b: 3, e: 4 });
  assert.deepEqual([groupsBy(runs, "epochs"), groupsBy(runs, "")], [[], []]);
});

function curveOf(id: string, places: Record<number, number>, summary: object = {}): Curve {
  const [xs, ys] = [Object.keys(places).map(Number), Object.values(places)].map((each) => Float64Array.from(each));
  return {
    run: { id, label: `train ${id}` },
    series: { summary },
    xs: xs ?? new Float64Array(),
    ys: ys ?? new Float64Array(),
  };
}

function checkMean(curves: Curve[], expected: Record<number, number>) {
  const ids = curves.map((_, at) => `r${at}`);
  const [mean] = meansOf(curves, [{ label: "lr=1", index: 0, ids }]);
  assert.deepEqual(Object.fromEntries([...(mean?.xs ?? [])].map((x, at) => [x, mean?.ys[at]])), expected);
}

test("the mean of a group is of those that have begun and not ended, each a line between its values", () => {
  checkMean([curveOf("r0", { 1: 1, 2: 2 }), curveOf("r1", { 1: 3, 2: 6 })], { 1: 2, 2: 4 });
  checkMean([curveOf("r0", { 0: 0, 10: 10 }), curveOf("r1", { 5: 1, 20: 1 })], { 0: 0, 5: 3, 10: 5.5, 20: 1 });
  checkMean([curveOf("r0", { 1: 1, 2: Number.NaN, 3: 1 }), curveOf("r1", { 2: 5 })], { 1: 1, 2: Number.NaN, 3: 1 });
  checkMean([curveOf("r0", { 1: Number.NaN })], { 1: Number.NaN });
  checkMean([curveOf("r0", {})], {});
  checkMean([curveOf("r0", { 1: 1 }), curveOf("r1", { 7: 3 }), curveOf("r2", {})], { 7: 2 });
});

test("the mean of a group has the best value of any of its runs, and is as smooth as they are", () => {
  const [low, high] = [1, 3].map((value) => ({
    best: { value, direction: "min" },
    broken: { count: 2, firstStep: value },
  }));
  const smoothed = Float64Array.of(8, 8);
  const curves = [
    { ...curveOf("r0", { 1: 1, 2: 2 }, high), smoothed },
    curveOf("r1", { 1: 4, 2: 4 }, low),
    curveOf("r2", {}),
  ];
  const groups = [
    { label: "lr=1", index: 0, ids: ["r0", "r1"] },
    { label: "lr=2", index: 1, ids: ["hidden"] },
  ];
  const [mean, ...others] = meansOf(curves, groups);
  assert.deepEqual(others, [], "a group without a run in the chart has no curve");
  assert.deepEqual([mean?.run.label, mean?.run.members], ["lr=1 · mean of 2", ["r0", "r1"]]);
  assert.deepEqual(mean?.series.summary.best, low?.best);
  assert.deepEqual(mean?.series.summary.broken, { count: 4, firstStep: 1 });
  assert.deepEqual([...(mean?.smoothed ?? [])], [6, 6]);
});

test("the mean of curves that were thinned to their extremes is that of their own means", () => {
  const thinned = [3, 5].map((value, at) => ({
    ...curveOf(`r${at}`, { 1: 0, 2: 100 }),
    means: Float64Array.of(value, value),
  }));
  checkMean(thinned, { 1: 4, 2: 4 });
});

test("the mean of curves with many values has no more places than can be seen, the last one included", () => {
  const places = Object.fromEntries(Array.from({ length: 9_001 }, (_, at) => [at, at]));
  const [mean] = meansOf([curveOf("r0", places)], [{ label: "lr=1", index: 0, ids: ["r0"] }]);
  assert.ok((mean?.xs.length ?? 0) <= 2_000);
  assert.deepEqual([mean?.xs.at(-1), mean?.ys.at(-1)], [9_000, 9_000]);
});
