import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlainStop } from "../../../src/core/training/stopWords.ts";

test("a plain stop says nothing beyond it", () => {
  for (const text of [
    "",
    "it",
    "the training",
    "all runs",
    "kill it!",
    "Cancel my run",
    "stop everything now, please",
    "quit",
    "it gracefully",
  ]) {
    assert.equal(isPlainStop(text), true, text);
  }
  for (const text of [
    "resnet50",
    "does closing the window stop the training?",
    "what happens if I stop the run?",
    "don't stop it",
    "it when the loss rises",
    "the run after epoch 3",
    "iteration",
    "the training?",
  ]) {
    assert.equal(isPlainStop(text), false, text);
  }
});
