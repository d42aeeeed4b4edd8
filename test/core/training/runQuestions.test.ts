import assert from "node:assert/strict";
import { test } from "node:test";
import { asksForBest, asksForLog, renderBestRun, renderLogPlaces } from "../../../src/core/training/runQuestions.ts";
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
