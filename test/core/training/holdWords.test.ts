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
    "5 epochs, don't train": "5 epochs,",
    "lr 0.1, don't do that.": "lr 0.1, .",
    "don't run train.py on gpu 0": "on gpu 0",
    "do not start training with lr 0.1": "with lr 0.1",
    "don't start now on the gpu": "on the gpu",
    "don't launch until I say": "until I say",
    "lr 0.1 without running": "lr 0.1",
    "don't start this run with lr 0.1": "with lr 0.1",
    "just print the command": "",
    "show me the plan for train.py": "train.py",
    "only check and lr 0.1": "and lr 0.1",
    "train.py, but first show me the plan": "train.py, but",
    "train.py, show me the plan first": "train.py,",
    'name "show  the plan" epochs 3, but not yet': 'name "show  the plan" epochs 3, but',
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
    "train for 5 epochs without running validation",
    "train with lr 0.1 and don't train the backbone",
    "train with lr 0.1 and don’t train this layer",
    "train with lr 0.1 but do not run eval",
    "train and only print every 100 steps",
    "train, only check the loss each epoch",
    'train.py --name "a  b"',
    'name "show the plan" epochs 3',
    "name 'dry run' epochs 3",
    "train and show the command",
  ]) {
    assert.deepEqual(takeHoldWords(text), { text, isHeld: false }, text);
  }
});
