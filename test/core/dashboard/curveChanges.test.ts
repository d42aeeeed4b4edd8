import assert from "node:assert/strict";
import { test } from "node:test";
import { CurveChanges } from "../../../src/core/dashboard/curveChanges.ts";
import type { CurvesRun } from "../../../src/core/dashboard/curvesMessage.ts";
import type { CurveDetail } from "../../../src/core/dashboard/growingCurve.ts";
import { packPoints } from "../../../src/core/dashboard/packedPoints.ts";
import { RunCurves } from "../../../src/core/dashboard/runCurves.ts";
import type { Series } from "../../../src/core/metrics/series.ts";
import { assertScales } from "../../support/assertScales.ts";

const DETAIL: CurveDetail = { smoothing: 0, maxPoints: 100 };

function seriesOf(tag: string, values: number[]): Series {
  return { tag, steps: values.map((_, index) => index), times: values.map(() => Number.NaN), values };
}

function runOf(series: readonly Series[], tags?: readonly string[], smoothing = 0): CurvesRun {
  const curves = new RunCurves();
  curves.grow(series);
  const facts = {
    id: "r",
    title: "train",
    state: "running",
    description: "",
    startedMs: 0,
    source: "",
    parameters: {},
  };
  const drawn = curves.draw({ maxPoints: 100, smoothing, withMeans: true }, tags);
  return { ...facts, isWhole: true, series: drawn, checkpoints: [], alarms: [], hasOutput: true };
}

/** What is sent of the second state of a run after the first: tags, with a `+` where there are points. */
function checkSent(
  [first, second]: [CurvesRun, CurvesRun],
  expected: { isWhole: boolean; sent: string },
  detail: Partial<CurveDetail> = {},
) {
  const changes = new CurveChanges();
  changes.since([first], DETAIL);
  const [run] = changes.since([second], { ...DETAIL, ...detail });
  const sent = run?.series.map(({ tag, points }) => tag + (points ? "+" : "")).join(" ") ?? "";
  assert.deepEqual({ isWhole: run?.isWhole, sent }, expected);
}

test("a panel is sent what changed, and nothing that it has", () => {
  const [a, b] = [seriesOf("a", [1, 2]), seriesOf("b", [3])];
  const grown = seriesOf("a", [1, 2, Number.NaN]);
  checkSent([runOf([a, b]), runOf([a, b])], { isWhole: false, sent: "" });
  checkSent([runOf([a, b]), runOf([grown, b])], { isWhole: false, sent: "a+" });
  checkSent([runOf([a, b], ["b"]), runOf([grown, b], ["b"])], { isWhole: false, sent: "a" });
  checkSent([runOf([a, b], ["b"]), runOf([a, b], ["a", "b"])], { isWhole: false, sent: "a+" });
  checkSent([runOf([a, b]), runOf([a, b], undefined, 0.5)], { isWhole: false, sent: "a+ b+" }, { smoothing: 0.5 });
  checkSent([runOf([a, b]), runOf([a, b])], { isWhole: false, sent: "a+ b+" }, { maxPoints: 200 });
  checkSent([runOf([a, b]), runOf([a, b])], { isWhole: false, sent: "a+ b+" }, { withMeans: true });
  checkSent([runOf([a, b]), runOf([b])], { isWhole: true, sent: "b+" });
});

test("a panel that was made anew is sent everything", () => {
  const changes = new CurveChanges();
  const run = runOf([seriesOf("a", [1])]);
  changes.since([run], DETAIL);
  changes.forget();
  assert.equal(changes.since([run], DETAIL)[0]?.series.length, 1);
});

test("a run that was not shown for a while is sent whole again", () => {
  const changes = new CurveChanges();
  const run = runOf([seriesOf("a", [1])]);
  changes.since([run], DETAIL);
  changes.since([], DETAIL);
  const [again] = changes.since([run], DETAIL);
  assert.deepEqual([again?.isWhole, again?.series.length], [true, 1]);
});

test("the columns of many curves share one buffer, for a message must not bring one for each", () => {
  const { series } = runOf(
    Array.from({ length: 100 }, (_, at) => seriesOf(`loss ${at}`, [at, at / 2])),
    undefined,
    0.5,
  );
  const unseen = runOf([seriesOf("unseen", [1])], []).series;
  const packed = packPoints([...series, ...unseen]);
  assert.deepEqual(packed, [...series, ...unseen]);
  const buffers = packed.flatMap(({ points }) => Object.values(points ?? {}).map(({ buffer }) => buffer));
  assert.equal(buffers.length, 500);
  assert.equal(new Set(buffers).size, 1);
});

function findChanges(runs: readonly CurvesRun[]) {
  const changes = new CurveChanges();
  changes.since(runs, DETAIL);
  changes.since(runs, DETAIL);
}

test("what changed among many tags and runs is found in the time of their number", () => {
  const run = runOf([seriesOf("a", [1])]);
  const tagged = (count: number) =>
    run.series.flatMap((each) => Array.from({ length: count }, (_, at) => ({ ...each, tag: `layers/${at}` })));
  const named = (count: number) => Array.from({ length: count }, (_, at) => ({ ...run, id: `${at}` }));
  assertScales("tags", (count) => findChanges([{ ...run, series: tagged(count) }]), 2_000);
  assertScales("runs", (count) => findChanges(named(count)), 2_000);
});
