import assert from "node:assert/strict";
import { test } from "node:test";
import { describeScript, renderTrainingScript } from "../../../src/core/training/trainingScriptTemplate.ts";

test("the script speaks of itself by its new name", () => {
  assert.equal(
    renderTrainingScript('python train.py\npython train.py --resume x\ngetLogger("train")\ntrain_set', "train_cats"),
    'python train_cats.py\npython train_cats.py --resume x\ngetLogger("train_cats")\ntrain_set',
  );
});

test("rendering twice gives the same text", () => {
  const text = "python train.py";
  assert.equal(renderTrainingScript(text, "a"), renderTrainingScript(text, "a"));
});

test("an existing script is named with the free name beside it", () => {
  const script = { moduleName: "train", path: "/w/train.py", relativePath: "train.py", text: "" };
  const alternative = { ...script, moduleName: "train_2", path: "/w/train_2.py", relativePath: "train_2.py" };
  assert.match(
    describeScript({ kind: "exists", script, alternative }),
    /`train\.py` exists already .* `train_2\.py`\.$/,
  );
  assert.match(
    describeScript({ kind: "written", script }),
    /^Wrote `train\.py`\.[\s\S]*\npython train\.py --epochs 2\n/,
  );
});
