import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnProblem } from "../../../src/node/training/ownProblem.ts";

const MINUTE_MS = 60_000;

test("an internal error is told once for the log, and leaves the status some minutes after it came last", () => {
  let nowMs = 0;
  const noted: string[] = [];
  const problem = new OwnProblem(() => nowMs);
  const fail = () => problem.noteError(new Error("EMFILE"), (text) => void noted.push(text));
  fail();
  nowMs = 8 * MINUTE_MS;
  fail();
  assert.deepEqual(noted, ["The supervisor met an internal error and went on: EMFILE."]);
  nowMs = 17 * MINUTE_MS;
  assert.match(problem.text ?? "", /EMFILE/);
  nowMs = 19 * MINUTE_MS;
  assert.equal(problem.text, undefined);
  fail();
  assert.equal(noted.length, 2, "it is told anew");
});

test("an internal error of the log itself ends nothing", () => {
  const problem = new OwnProblem();
  problem.noteError(new Error("EMFILE"), () => assert.fail("the log cannot be written"));
  assert.match(problem.text ?? "", /EMFILE/);
});

test("what belongs to the end of a run stays, the first of it", () => {
  let nowMs = 0;
  const problem = new OwnProblem(() => nowMs);
  problem.setFirst(undefined);
  problem.set("What it had left running was ended.");
  problem.setFirst("Its end could not be explained.");
  problem.noteError(new Error("EMFILE"), () => undefined);
  nowMs = 60 * MINUTE_MS;
  assert.equal(problem.text, "What it had left running was ended.");
});

test("an error that was outlived hides nothing of the end", () => {
  const problem = new OwnProblem();
  problem.noteError(new Error("EMFILE"), () => undefined);
  problem.setFirst("Its end could not be explained.");
  assert.equal(problem.text, "Its end could not be explained.");
});
