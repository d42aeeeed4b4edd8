import assert from "node:assert/strict";
import { test } from "node:test";
import { isAgreedBaseline, meetsBaseline } from "../../../src/core/workflow/metricProof.ts";
import { describeProof, parseMetricProof } from "../../../src/core/workflow/proof.ts";

function checkParsed(text: string, expected: string | undefined): void {
  const proof = parseMetricProof(text);
  assert.equal(proof && describeProof(proof), expected);
}

test("a person names a metric with its baseline in one line", () => {
  checkParsed("results.json accuracy 0.9", "accuracy in results.json against 0.9");
  checkParsed(" results.json  accuracy 0,9 ", "accuracy in results.json against 0.9");
  checkParsed("results.json accuracy base.json acc", "accuracy in results.json against acc in base.json");
  for (const text of [
    "a\0b.json accuracy 0.9",
    "",
    "results.json",
    "results.json accuracy",
    "results.json accuracy good",
    "a b c d e",
  ]) {
    checkParsed(text, undefined);
  }
});

test("a result meets its baseline in the direction of its metric", () => {
  assert.ok(meetsBaseline(0.9, 0.9, "max") && meetsBaseline(0.91, 0.9, "max") && !meetsBaseline(0.89, 0.9, "max"));
  assert.ok(meetsBaseline(0.2, 0.2, "min") && meetsBaseline(0.1, 0.2, "min") && !meetsBaseline(0.3, 0.2, "min"));
});

function checkAgreed(line: string, baseline: number, metric: string, expected: boolean): void {
  for (const agreed of [
    { answers: [line], documents: [] },
    { answers: [], documents: [`# Plan\n${line}\n`] },
  ]) {
    assert.equal(isAgreedBaseline(baseline, metric, agreed), expected, line);
  }
}

test("a number is a baseline where a line of what was agreed speaks of the metric or of a baseline", () => {
  checkAgreed("accuracy of at least 0.97 on held-out data", 0.97, "test_acc", true);
  checkAgreed("accuracy of at least 97 %", 0.97, "accuracy", true);
  checkAgreed("The baseline reaches 0.11.", 0.11, "f1", true);
  checkAgreed("F1 of 0.8", 0.8, "val_f1", true);
  checkAgreed("1797 images of 8 x 8", 8, "loss", false);
  checkAgreed("accuracy of at least 0.97", 0.9, "accuracy", false);
  checkAgreed("version v0.97 of the data, accuracy unknown", 0.97, "accuracy", false);
});
