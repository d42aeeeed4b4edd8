import assert from "node:assert/strict";
import { test } from "node:test";
import { compareApproaches } from "../../../src/core/workflow/renderOutput.ts";
import type { ApproachOutput } from "../../../src/core/workflow/taskOutput.ts";

type Ratings = [performance: number, simplicity: number, thrift: number];

function approach(name: string, [performance, simplicity, thrift]: Ratings): ApproachOutput {
  const text = {
    architecture: "a",
    inputsAndOutputs: "i",
    training: "t",
    inference: "n",
    resources: "r",
    tradeOffs: "o",
  };
  return { kind: "approach", name, ...text, ratings: { performance, simplicity, thrift } };
}

function checkRecommendation(ratings: Record<string, Ratings>, expected: RegExp): void {
  const compared = compareApproaches(Object.entries(ratings).map(([name, rated]) => approach(name, rated)));
  assert.match(compared.split("**Recommendation:** ")[1] ?? "", expected);
}

test("simplicity counts as much as performance and thrift, and decides between equals", () => {
  checkRecommendation({ Baseline: [2, 5, 5], Deep: [5, 2, 1] }, /^Baseline, with the most points \(12 of 15\)/);
  checkRecommendation(
    { Deep: [5, 2, 3], Baseline: [2, 5, 3] },
    /^Baseline, the simplest .*: Deep and Baseline have 10/,
  );
  checkRecommendation({ One: [3, 3, 3], Other: [4, 3, 2] }, /^none by points alone; One and Other have 9 of 15 each/);
});
