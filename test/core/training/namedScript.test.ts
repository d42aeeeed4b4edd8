import assert from "node:assert/strict";
import { test } from "node:test";
import { findNamedScript } from "../../../src/core/training/namedScript.ts";

const PATHS = ["train.py", "src/model.py", "finetune.py", "exps/exp_3.py", "hello_flow.py"];

test("finds a script that a sentence names without its ending", () => {
  const cases: Record<string, string | undefined> = {
    "finetune with lr 3": "finetune.py",
    "fine-tune the model": "finetune.py",
    "the Finetune script, please": "finetune.py",
    "exp_3 on cpu": "exps/exp_3.py",
    HelloFlow: "hello_flow.py",
    "hello with 3 epochs": "hello_flow.py",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.equal(findNamedScript(text, PATHS), expected, text);
  }
});

test("takes no word that any such sentence has for a name", () => {
  for (const text of ["", "train my model", "train the model on the test data", "run the flow", "tuning"]) {
    assert.equal(findNamedScript(text, PATHS), undefined, text);
  }
});
