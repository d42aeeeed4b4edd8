import assert from "node:assert/strict";
import { test } from "node:test";
import { findNamedScripts } from "../../../src/core/training/namedScript.ts";

const PATHS = ["train.py", "src/model.py", "finetune.py", "exps/exp_3.py", "hello_flow.py"];

test("finds a script that a sentence names without its ending", () => {
  const cases: Record<string, string> = {
    "finetune with lr 3": "finetune.py",
    "fine-tune the model": "finetune.py",
    "the Finetune script, please": "finetune.py",
    "exp_3 on cpu": "exps/exp_3.py",
    HelloFlow: "hello_flow.py",
    "hello with 3 epochs": "hello_flow.py",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.deepEqual(findNamedScripts(text, PATHS), [expected], text);
  }
});

test("takes no word that any such sentence has for a name", () => {
  for (const text of ["", "train my model", "train the model on the test data", "run the flow", "tuning"]) {
    assert.deepEqual(findNamedScripts(text, PATHS), [], text);
  }
});

test("takes no word for a name that is refused, quoted or the value of something", () => {
  for (const text of [
    "train but not exp3",
    "train without finetune",
    "don't run exp3",
    "use the best one instead of finetune",
    "train with --data finetune",
    "--finetune",
    "data=finetune",
    "data = finetune",
    "data 'finetune'",
    "on the dataset finetune",
  ]) {
    assert.deepEqual(findNamedScripts(text, PATHS), [], text);
  }
  assert.deepEqual(findNamedScripts("finetune, not exp3", PATHS), ["finetune.py"]);
});

test("finds every script that a name fits, best first", () => {
  assert.deepEqual(findNamedScripts("exp3 on cpu", ["train.py", "a/exp3.py", "b/exp3.py"]), ["a/exp3.py", "b/exp3.py"]);
  assert.deepEqual(findNamedScripts("exp3 or finetune", PATHS), ["finetune.py", "exps/exp_3.py"]);
});
