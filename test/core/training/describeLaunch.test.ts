import assert from "node:assert/strict";
import { test } from "node:test";
import { describeLaunch } from "../../../src/core/training/describeLaunch.ts";
import { buildRun } from "../../support/runBuilder.ts";

test("runs of one script are told apart by their start and their arguments, without the path of Python and secrets", () => {
  const run = buildRun("finished");
  const command = ["/w/.venv/bin/python", "train.py", "--learning-rate", "0.02", "--api-key=s3cr3tvalue"];
  const plan = { ...run.record.plan, command };
  const text = describeLaunch({ ...run, record: { ...run.record, plan } }, new Date(run.record.createdAt));
  assert.match(text, /^started \d\d:\d\d · python train\.py --learning-rate 0\.02 /);
  assert.doesNotMatch(text, /s3cr3tvalue/);
});
