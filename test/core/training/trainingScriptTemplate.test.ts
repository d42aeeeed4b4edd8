import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderTrainingScript } from "../../../src/core/training/trainingScriptTemplate.ts";

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

test("the script names no file but its own", () => {
  const sample = readFileSync(new URL("../../../examples/digits/train.py", import.meta.url), "utf8");
  const named = renderTrainingScript(sample, "fit").match(/[\w./-]+\.py\b/g);
  assert.deepEqual([...new Set(named)], ["fit.py"]);
});
