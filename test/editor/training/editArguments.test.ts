import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { Uri } from "vscode";
import { editArguments } from "../../../src/editor/training/editArguments.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { buildPlan, makeWorkspace } from "../../support/runFixtures.ts";

beforeEach(resetFake);

test("no run gets a mask in the place of a secret", async (context) => {
  const root = await makeWorkspace(context);
  writeFileSync(join(root, "train.py"), "print(1)\n");
  const plan = buildPlan(root, ["python", "train.py"]);
  const folder = { uri: Uri.file(root), name: "w", index: 0 };
  const words = ["--hub-token", "abc"];
  for (const request of [
    { script: plan.script, arguments: words },
    { script: plan.script, command: words },
  ]) {
    fake.inputProblems = [];
    fake.inputBox = () => "--hub_token … --lr 1";
    assert.equal(await editArguments({ plan, request, folder }), undefined);
    assert.deepEqual(fake.inputProblems, ["The hidden value of --hub_token … must be typed again."]);
    fake.inputBox = () => "--hub-token … --lr 1";
    const edited = await editArguments({ plan, request, folder });
    assert.deepEqual(edited?.command ?? edited?.arguments, ["--hub-token", "abc", "--lr", "1"]);
  }
  fake.inputBox = () => "--note …";
  const edited = await editArguments({ plan, request: { script: plan.script, arguments: ["--note", "…"] }, folder });
  assert.deepEqual(edited?.arguments, ["--note", "…"]);
});
