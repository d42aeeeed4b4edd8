import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { parseScriptName, requireScriptName } from "../../../src/core/training/scriptName.ts";

function checkRefused(text: string, reason: RegExp) {
  const parsed = parseScriptName(text);
  assert.ok(parsed.kind === "refused", `${text} was accepted`);
  assert.match(parsed.reason, reason);
}

test("every spelling of a name gives the same module", () => {
  for (const text of ["train cats", "train-cats.py", "TrainCats", "train_cats"]) {
    assert.deepEqual(parseScriptName(text), { kind: "name", moduleName: "train_cats" });
  }
  assert.equal(requireScriptName("train"), "train");
});

test("a name that Python, Windows or a library needs is refused", () => {
  checkRefused("class", /reserved word/);
  checkRefused("nul", /reserved word/);
  checkRefused("random.py", /hide the Python module "random".*for example "train random"/);
  checkRefused("torch", /hide the Python module "torch"/);
});

test("a name that cannot be an identifier is refused", () => {
  checkRefused("", /needs a name/);
  checkRefused("3d", /does not begin with a letter/);
  checkRefused("--", /does not begin with a letter/);
  checkRefused("a/b", /because of "\/"/);
  checkRefused("x".repeat(61), /at most 60 characters/);
  assert.throws(() => requireScriptName("a/b"), UserError);
});
