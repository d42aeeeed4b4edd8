import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asksForBest,
  asksForFailed,
  asksForLog,
  renderBestRun,
  renderFailedRuns,
  renderLogPlaces,
  runInQuestion,
} from "../../../src/core/training/runQuestions.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

function run(id: string, state: Run["state"], metrics: Record<string, number>): Run {
  const built = buildRun(state, { progress: { metrics, updatedAt: "2026-11-21T03:00:08.000Z" } });
  return { ...built, record: { ...built.record, id } };
}

test("names the run that ended best, one that was stopped among them, and what it was compared with", () => {
  const runs = [
    run("a", "running", { val_acc: 0.99 }),
    run("b", "stopped", { val_acc: 0.73, loss: 2 }),
    run("c", "finished", { val_acc: 0.51, loss: 1 }),
    run("d", "finished", { loss: 0.1 }),
  ];
  assert.match(renderBestRun(runs), /^Of 2 runs that have ended, by the last `val_acc`: \*\*\w+\*\* `b` with 0\.73\./);
  assert.match(renderBestRun(runs.slice(3)), /^The only run that has ended and printed it, by the last `loss`: .* `d`/);
  assert.match(renderBestRun(runs.slice(0, 1)), /^No run that has ended printed a metric/);
});

test("says where a run keeps what it printed, and where its script writes", () => {
  const built = run("a", "finished", {});
  assert.equal(
    renderLogPlaces({ ...built, folder: "/w/r" }).split(" Logs of")[0],
    "What it printed is in `/w/r/train.log`.",
  );
  const logFolder = { path: "/w/logs", reason: "`SummaryWriter` (train.py:5)" };
  const logging = { ...built, record: { ...built.record, plan: { ...built.record.plan, logFolder } } };
  assert.match(
    renderLogPlaces(logging),
    / Logs of the script itself: `\/w\/logs` \(`SummaryWriter` \(train\.py:5\)\)\.$/,
  );
});

test("knows what is asked of runs by its words", () => {
  for (const text of ["which run was best", "is the second better?", "highest accuracy"]) {
    assert.ok(asksForBest(text) && !asksForLog(text), text);
  }
  for (const text of ["where are the logs?", "show me the output", "what did it print"]) {
    assert.ok(asksForLog(text) && !asksForBest(text), text);
  }
});

test("lists the runs that failed, and says how one is started again", () => {
  for (const text of ["which runs failed?", "rerun the failed ones", "did any of them crash or was killed"]) {
    assert.ok(asksForFailed(text), text);
  }
  assert.ok(!asksForFailed("how is it going?"));
  const now = new Date("2026-11-21T04:00:00.000Z");
  const failed = [run("a", "failed", {})];
  const listed = renderFailedRuns(failed, { among: 3, asksAgain: true, now });
  assert.match(listed, /^1 of 3 runs failed:\n\n- \*\*\w+\*\* · failed[^]*`a`\n\nNothing was started yet\./);
  assert.doesNotMatch(renderFailedRuns(failed, { among: 3, asksAgain: false, now }), /started yet/);
  assert.equal(renderFailedRuns([], { among: 2, asksAgain: true, now }), "None of the 2 runs here failed.");
  assert.equal(renderFailedRuns([], { among: 1, asksAgain: true, now }), "The only run here did not fail.");
});

test("a question that names no run is about the only one that goes on, the newest one, or all", () => {
  const runs = [run("c", "failed", {}), run("b", "running", {}), run("a", "finished", {})];
  const about = (text: string, known = runs) => runInQuestion(text, known)?.record.id;
  for (const text of ["how's it going?", "eta", "when will it finish?", "is it done?", "what's the loss"]) {
    assert.equal(about(text), "b", text);
    assert.equal(about(text, [...runs, run("d", "running", {})]), undefined, text);
  }
  for (const text of ["show me the last run", "what did it print?", "where is the log"]) {
    assert.equal(about(text), "c", text);
  }
  for (const text of ["status of all runs", "how many runs failed?", "list my runs", "how are they doing?"]) {
    assert.equal(about(text), undefined, text);
  }
  assert.equal(about("", runs.slice(2)), "a");
});
