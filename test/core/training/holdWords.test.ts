import assert from "node:assert/strict";
import { test } from "node:test";
import { takeHoldWords } from "../../../src/core/training/holdWords.ts";

test("takes what says not to start out of a sentence", () => {
  const cases: Record<string, string> = {
    "don't start anything yet, just show me which hyperparameters train.py has": ", train.py has",
    "train but not yet": "train but",
    "do not run it, only show me the plan": ",",
    "train.py with 5 epochs, don’t start it yet": "train.py with 5 epochs,",
    "a dry run with lr 0.1": "a with lr 0.1",
    "train.py without starting it": "train.py",
    "which arguments does train.py take?": "train.py take?",
  };
  for (const [text, rest] of Object.entries(cases)) {
    assert.deepEqual(takeHoldWords(text), { text: rest, isHeld: true }, text);
  }
});

test("leaves a sentence alone that asks to start", () => {
  for (const text of [
    "",
    "train.py with 5 epochs",
    "with lr 0.1, not 0.01",
    "only 5 epochs",
    "don't save checkpoints",
    "--dry-run",
    "python train.py --dry-run",
    "train without augmentation",
  ]) {
    assert.deepEqual(takeHoldWords(text), { text, isHeld: false }, text);
  }
});
