import assert from "node:assert/strict";
import { test } from "node:test";
import { describeMetrics, formatValue, summarizeAll } from "../../../src/core/dashboard/describeMetrics.ts";
import { plotSeries } from "../../../src/core/dashboard/plotSeries.ts";
import { renderValues } from "../../../src/core/dashboard/renderValues.ts";
import { summarizeSeries } from "../../../src/core/dashboard/summarizeSeries.ts";
import type { Series } from "../../../src/core/metrics/series.ts";

function seriesOf(tag: string, values: readonly number[]): Series {
  return { tag, steps: values.map((_, index) => index), times: values.map(() => Number.NaN), values: [...values] };
}

test("a summary knows first, last and best by the direction of the name", () => {
  const loss = summarizeSeries(seriesOf("val/loss", [3, 1, 2]));
  assert.deepEqual([loss?.first, loss?.last, loss?.best], [3, 2, { value: 1, step: 1, direction: "min" }]);
  const accuracy = summarizeSeries(seriesOf("val_acc", [0.1, 0.9, Number.NaN]));
  assert.deepEqual(accuracy?.best, { value: 0.9, step: 1, direction: "max" });
  assert.deepEqual(accuracy?.broken, { count: 1, firstStep: 2 });
  assert.equal(summarizeSeries(seriesOf("lr", [1, 2]))?.best, undefined);
  assert.equal(summarizeSeries(seriesOf("loss", [])), undefined);
});

function trend(values: readonly number[]): string | undefined {
  return summarizeSeries(seriesOf("x", values))?.trend;
}

test("a trend is that of the last fifth", () => {
  const falling = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(trend(falling), "falling");
  assert.equal(trend(falling.toReversed()), "rising");
  assert.equal(trend([...falling, ...Array.from({ length: 100 }, () => 1)]), "flat");
  assert.equal(trend([1, 2, 3]), "too short to tell");
});

test("the text names the deciding metrics first and what is broken", () => {
  const summaries = summarizeAll([seriesOf("loss", [2, Number.NaN]), seriesOf("val_acc", [0.25, 0.5])]);
  assert.deepEqual(describeMetrics(summaries).split("\n"), [
    "- `val_acc` 0.25 → 0.5 at step 1 · best 0.5 at step 1",
    "- `loss` 2 → NaN at step 1 · best 2 at step 0 · **1 × NaN or infinite, first at step 1**",
  ]);
  assert.deepEqual([0.123456, 1.2e-7, Infinity].map(formatValue), ["0.1235", "1.2e-7", "Infinity"]);
});

test("a plot for the terminal has the range at its sides", () => {
  const lines = plotSeries(seriesOf("loss", [4, 3, 2, 1])).split("\n");
  assert.equal(lines.length, 13);
  // A line from value to value, not four dots.
  assert.match(lines[0] ?? "", /^4 ┤⠉⠒⠤⢄⣀⠀/);
  assert.match(lines[11] ?? "", /^1 ┤/);
  assert.match(lines[12] ?? "", /^ +0 +3$/);
  assert.equal(plotSeries(seriesOf("loss", [Number.NaN])), "No value is a finite number.");
  assert.equal(plotSeries(seriesOf("loss", [Number.NaN, 0.5])), "0.5 at step 1, the only value.");
  const [gap = ""] = plotSeries(seriesOf("loss", [1, 1, Number.NaN, 1, 0])).split("\n");
  assert.match(gap, /^1 ┤\p{Script=Braille}*[⠉⠁⠈]⠀+\p{Script=Braille}*$/u, "no line leads over a gap");
});

test("the rows of a long curve come in pieces, which a text can hold", () => {
  const steps = Float64Array.from({ length: 12_001 }, (_, index) => index);
  const series = { steps, times: steps.map(() => Number.NaN), values: steps.map((step) => step / 2) };
  const pieces = [...renderValues("run", "loss", series)];
  assert.equal(pieces.length, 3);
  const rows = pieces.join("").trimEnd().split("\n");
  assert.equal(rows.length, 12_001);
  assert.deepEqual(
    [rows[0], rows[4_999], rows[5_000], rows.at(-1)],
    ["run,loss,0,,0", "run,loss,4999,,2499.5", "run,loss,5000,,2500", "run,loss,12000,,6000"],
  );
});
