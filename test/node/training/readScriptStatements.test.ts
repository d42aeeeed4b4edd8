import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../../scripts/paths.mjs";
import { readScriptStatements } from "../../../src/node/training/readScriptStatements.ts";

test("a training script says where its data come from, how they are split and which settings it takes", async () => {
  const folder = join(root, "examples", "digits");
  const statements = await readScriptStatements(folder, ["train.py", "gone.py"], new AbortController().signal);
  const said = (topic: string) => statements.filter((each) => each.topic === topic);
  assert.deepEqual(
    said("data_source").map(({ text, where }) => `${text} ${where}`),
    ["`load_digits()` train.py:60"],
  );
  assert.equal(said("split").length, 2);
  assert.match(said("split")[0]?.text ?? "", /^`train_test_split` `test_size=0\.15` into .*\(stratified, the same/);
  assert.match(said("data_loading")[0]?.text ?? "", /^`train_set`/);
  const [settings] = said("hyperparameters");
  assert.equal(settings?.where, "train.py");
  assert.match(settings?.text ?? "", /^`--epochs 10`, `--batch-size 32`, `--learning-rate 1e-3`/);
  assert.doesNotMatch(settings?.text ?? "", /checkpoint-dir/);
});
