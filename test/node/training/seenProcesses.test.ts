import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { SeenProcesses } from "../../../src/node/training/seenProcesses.ts";

test("what came behind the training stood not beside it, though what took it in is older", {
  skip: process.platform !== "linux",
}, async (context) => {
  const seen = new SeenProcesses();
  seen.noteTraining();
  // Times of processes are told in hundredths of a second.
  await delay(50);
  const later = spawn("sleep", ["30"]);
  context.after(() => later.kill());
  const pid = later.pid ?? 0;
  await delay(50);
  assert.equal(seen.stoodBeside([pid], [pid]), false);
  assert.equal(seen.stoodBeside([pid], [pid, process.pid]), true);
  seen.noteTraining();
  await delay(50);
  assert.equal(seen.stoodBeside([pid], [pid]), true);
});
