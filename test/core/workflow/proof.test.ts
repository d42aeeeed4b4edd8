import assert from "node:assert/strict";
import { test } from "node:test";
import { inferMetricDirection } from "../../../src/core/checkpoints/metricNames.ts";
import {
  isAgreedBaseline,
  isSameMetric,
  isSameModel,
  meetsBaseline,
  strictestBaseline,
} from "../../../src/core/workflow/metricProof.ts";
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
  const direction = inferMetricDirection(metric) ?? assert.fail(metric);
  assert.equal(isAgreedBaseline(baseline, { name: metric, direction }, ["no", `# Plan\n${line}\n`]), expected, line);
}

test("a number is a baseline where it stands close behind the name of the metric", () => {
  checkAgreed("accuracy of at least 0.97 on held-out data", 0.97, "test_acc", true);
  checkAgreed("accuracy of at least 97 %", 0.97, "accuracy", true);
  checkAgreed("test accuracy: 0.97", 0.97, "results/test.accuracy", true);
  checkAgreed("| val_loss | 0.3 | cross-validated |", 0.3, "val_loss", true);
  checkAgreed("Baseline F1 (macro): 0.8", 0.8, "f1_macro", true);
  checkAgreed("F1 of 0.8.", 0.8, "val_f1", true);
  checkAgreed("accuracy of at least 0.97", 0.9, "accuracy", false);
});

test("a number that says something of something else is no baseline", () => {
  checkAgreed("The baseline reaches 0.11.", 0.11, "f1", false);
  checkAgreed("2. Baseline: a mean predictor", 2, "val_loss", false);
  checkAgreed("- Set dropout to 0.1", 0.1, "top1_accuracy", false);
  checkAgreed("| Learning rate | 0.001 | accuracy drops below 1e-4 |", 0.001, "val_accuracy", false);
  checkAgreed("| Learning rate | 0.001 | accuracy drops below 1e-4 |", 1e-4, "val_accuracy", false);
  checkAgreed("seed 0 for the accuracy of all runs", 0, "accuracy", false);
  checkAgreed("There is no dropout above 0.1", 0.1, "normalized_accuracy", false);
  checkAgreed("1797 images of 8 x 8", 8, "loss", false);
  checkAgreed("loss of 5 folds, loss. 5, loss over 5 runs", 5, "loss", false);
  checkAgreed("train loss of 2.5 at the start", 2.5, "val_loss", false);
  checkAgreed("version v0.97 of the data, accuracy unknown", 0.97, "accuracy", false);
  checkAgreed("accuracy 1.2.3", 1, "accuracy", false);
});

test("a metric of the training data has only the baselines that say so", () => {
  for (const name of ["train_accuracy", "training/accuracy", "tr_acc", "trainAccuracy", "train.accuracy"]) {
    checkAgreed("accuracy of at least 0.97", 0.97, name, false);
    checkAgreed("Train a classifier with an accuracy of at least 0.97", 0.97, name, false);
    checkAgreed("test accuracy of at least 0.97", 0.97, name, false);
    checkAgreed("training accuracy of at least 0.97", 0.97, name, true);
    checkAgreed("accuracy on the training data of at least 0.97", 0.97, name, true);
  }
  checkAgreed("accuracy on the training data of at least 0.97", 0.97, "accuracy", false);
  for (const line of ["accuracy of 0.97 on the training data", "0.97 accuracy on the train set"]) {
    checkAgreed(line, 0.97, "test_accuracy", false);
    checkAgreed(line, 0.97, "train_accuracy", true);
  }
  checkAgreed("accuracy ≥ 0.97 (validation)", 0.97, "val_acc", true);
  checkAgreed("training set accuracy of 0.97", 0.97, "test_accuracy", false);
});

test("a threshold is read in the ways in which people state one", () => {
  for (const line of [
    "at least 97 % accuracy",
    "We need at least 97 percent test accuracy.",
    "0.97 accuracy",
    "accuracy ≥ .97",
    "accuracy >= 0.97",
    "accuracy &gt;= 0.97",
    "accuracy of 0,97",
    "accuracy must not be lower than 0.97",
    "accuracy should never fall below 0.97",
    "accuracy on the test set: at least 0.97",
    "accuracy below 0.5 is not acceptable, 0.97 is the goal",
    "Today accuracy is 0.6, and it has to reach 0.97",
    "raise the accuracy from 0.6 to 0.97",
  ]) {
    checkAgreed(line, 0.97, "test_accuracy", true);
  }
  checkAgreed("MAE under 5 EUR", 5, "val_mae", true);
  checkAgreed("latency below 1,250 ms", 1250, "latency_ms", false);
  checkAgreed("latency_ms below 1,250 ms", 1250, "latency_ms", true);
  checkAgreed("F1 >= 0.9", 0.9, "macro_f1", true);
  checkAgreed("F1 >= 0.9", 0.9, "test.f1_score", true);
  checkAgreed("micro F1 >= 0.9", 0.9, "macro_f1", false);
});

test("a number that is not to be reached is no baseline", () => {
  checkAgreed("accuracy below 0.5 is not acceptable, 0.97 is the goal", 0.5, "accuracy", false);
  checkAgreed("accuracy of 0.5 is not enough", 0.5, "accuracy", false);
  checkAgreed("0.5 accuracy is not enough", 0.5, "accuracy", false);
  checkAgreed("accuracy < 0.5", 0.5, "accuracy", false);
  checkAgreed("loss must not be lower than 0.2", 0.2, "loss", false);
  checkAgreed("with dropout 0.1 accuracy was poor", 0.1, "accuracy", false);
  checkAgreed("accuracy matters, and a loss of 0.2 is the goal", 0.2, "accuracy", false);
});

test("two names mean one metric whatever data it was measured on, but training", () => {
  assert.ok(isSameMetric("val_acc", "test.accuracy") && isSameMetric("model.f1", "baseline.f1"));
  for (const [a, b] of [
    ["f1", "accuracy"],
    ["train_loss", "val_loss"],
    ["top1_accuracy", "accuracy"],
  ] as const) {
    assert.ok(!isSameMetric(a, b), `${a} ${b}`);
  }
});

function checkStrictest(line: string, value: number, metric: string, expected: number | undefined): void {
  const direction = inferMetricDirection(metric) ?? assert.fail(metric);
  assert.equal(strictestBaseline(value, { name: metric, direction }, [line]), expected, line);
}

test("of several numbers that are asked of a metric the one that is hardest to reach counts", () => {
  checkStrictest("Today accuracy is 0.6, and it has to reach 0.9", 0.61, "accuracy", 0.9);
  checkStrictest("A coin gives accuracy 0.5; accuracy of at least 0.95 is wanted", 0.6, "test_accuracy", 0.95);
  checkStrictest("loss of 0.5 now, loss below 0.3 in the end", 0.4, "val_loss", 0.3);
  checkStrictest("accuracy of at least 97 %", 0.98, "accuracy", 0.97);
  checkStrictest("accuracy of at least 97 %", 98, "accuracy", 97);
  checkStrictest("accuracy matters, and it runs in 0.2 s", 0.98, "accuracy", undefined);
  checkStrictest("as good as before", 0.98, "accuracy", undefined);
});

test("a model is compared with another one, not with itself on other data", () => {
  assert.ok(isSameModel("val_accuracy", "test.acc") && isSameModel("accuracy", "accuracy"));
  assert.ok(!isSameModel("model.accuracy", "baseline.accuracy") && !isSameModel("accuracy", "majority_accuracy"));
});
