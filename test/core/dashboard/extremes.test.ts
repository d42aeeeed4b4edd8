import assert from "node:assert/strict";
import { test } from "node:test";
import { curveSeries } from "../../../src/core/dashboard/curveSeries.ts";
import { Extremes } from "../../../src/core/dashboard/extremes.ts";
import { summarizeSeries } from "../../../src/core/dashboard/summarizeSeries.ts";
import { GrowingSeries } from "../../../src/core/metrics/series.ts";
import { seededRandom } from "../../support/seededRandom.ts";

test("a pyramid that grows in pieces of any size is the one that was built at once", () => {
  const random = seededRandom(3);
  const values: number[] = [];
  const grown = new Extremes();
  while (values.length < 30_000) {
    for (let added = Math.ceil(random() ** 4 * 3_000); added > 0; added--) {
      values.push(random() < 0.001 ? Number.NaN : random() - 0.5);
    }
    grown.take(values);
    const whole = new Extremes();
    whole.take(values);
    for (const width of [4, 40, 1_000]) {
      const picked = grown.pick(width);
      assert.deepEqual(picked, whole.pick(width));
      assert.ok(picked.length <= width, `${picked.length} of ${width}`);
    }
  }
  const finite = values.filter((value) => !Number.isNaN(value));
  const drawn = grown.pick(40).map((index) => values[index]);
  assert.ok(drawn.includes(Math.min(...finite)) && drawn.includes(Math.max(...finite)) && drawn.includes(Number.NaN));
});

test("a curve that is asked for again, after values came or were taken away, is that of the whole series", () => {
  const series = new GrowingSeries("val_loss");
  const check = () => {
    const { summary } = curveSeries(series, 100) ?? {};
    assert.deepEqual(summary, summarizeSeries(series));
  };
  for (let step = 0; step < 3_000; step++) {
    series.add(step, 0, step % 700 === 0 ? Number.NaN : 1 / (step + 1));
    if (step % 250 === 0) {
      check();
    }
  }
  series.purgeFrom(1_000);
  check();
  assert.equal(curveSeries(series, 100)?.steps.at(-1), 999);
});
