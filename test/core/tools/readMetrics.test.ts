import assert from "node:assert/strict";
import { test } from "node:test";
import { summarizeSeries } from "../../../src/core/dashboard/seriesSummary.ts";
import { ScalarSeries } from "../../../src/core/metrics/scalarSeries.ts";
import { readMetricsTool } from "../../../src/core/tools/readMetrics.ts";

function loggedRun(name: string, values: readonly number[]) {
  const series = new ScalarSeries();
  values.forEach((value, step) => series.append(step, Number.NaN, value));
  const summary = summarizeSeries("val_loss", series);
  return { key: `/work/${name}`, name, summaries: summary ? [summary] : [], problems: [] };
}

const tool = readMetricsTool({
  readMetrics: () =>
    Promise.resolve({
      runs: [loggedRun("a", [3, 2, 1]), loggedRun("b", [5, Number.NaN])],
      curves: [],
      version: 1,
      searched: ["/work"],
    }),
});

async function check(input: { run?: string; metric?: string }, expected: RegExp): Promise<void> {
  const { text } = await tool.run(input, new AbortController().signal);
  assert.match(text, expected);
}

test("a model reads first, last and best of a run, and what does not look right", async () => {
  await check({ run: "a" }, /\| val\\?_loss \| 3 at 0 \| 1 at 2 \| 1 at 2 \| unclear \| 3 \|/);
  await check({ run: "b" }, /1 of 2 values are NaN or infinite, the first at step 1/);
  await check({ run: "c" }, /No run is called c\. Runs with logs: a, b\./);
});
