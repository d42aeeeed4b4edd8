import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCommands, route } from "../../support/chatRoutes.ts";

test("what tells of a failure asks for its cause", () => {
  checkCommands("ml-trainer", {
    "run failed": "/diagnose",
    "run 3 failed": "/diagnose",
    "start training fails with an error": "/diagnose",
    "launch error": "/diagnose",
    "resume failed": "/diagnose",
    "resume crashes": "/diagnose",
    "sweep failed": "/diagnose",
    "train.py failed": "/diagnose",
    "train and val loss diverge": "/diagnose",
    "with lr 0.1 it diverged": "/diagnose",
    "resume failed run": "/resume",
    "val loss goes up while train loss goes down": "/diagnose",
    "my run got killed": "/diagnose",
    "why was it killed?": "/diagnose",
    "why has the run ended?": "/diagnose",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x128 and 256x10)": "/diagnose",
    "CUDA error: device-side assert triggered": "/diagnose",
    "loss not decreasing": "/diagnose",
    "the model does not learn": "/diagnose",
    "training stopped at epoch 4": "/diagnose",
    "what's wrong with it?": "/diagnose",
    "show me the error": "/diagnose",
    "train test leakage?": "/data",
    "with what batch size did it run?": "@mlops-engineer /receipt",
    "run log": "/runs",
    "run history": "/runs",
  });
});

test("what speaks of numbers, data, code or another program plans no training", () => {
  for (const text of [
    "train accuracy is 99% but val accuracy is 60%",
    "train time per epoch",
    "fix train.py",
    "refactor train.py",
    "open train.py",
    "add a --seed argument to train.py",
    "implement early stopping in train.py",
    "edit train.py so that I can stop the run",
    "split the data into train and test",
    "run pytest",
    "run ls",
    "run pip install torch",
    "start docker",
    "start jupyter",
  ]) {
    for (const agent of ["ml-trainer", "metaflow-agent", "mlops-engineer"]) {
      assert.equal(route(text, agent), "?", `${agent}: ${text}`);
    }
  }
  checkCommands("ml-trainer", {
    "add dropout and train for 5 epochs": "/train",
    "update the lr and retrain": "/train",
    "train and evaluate exp.py": "/train",
    "train on the training data with train/val split 0.8": "/train",
  });
});
