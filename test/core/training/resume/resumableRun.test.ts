import assert from "node:assert/strict";
import { test } from "node:test";
import { isResumable, newestResumable } from "../../../../src/core/training/resume/resumableRun.ts";
import type { Run } from "../../../../src/core/training/runRecord.ts";
import { buildRun } from "../../../support/runBuilder.ts";

function run(id: string, state: Run["state"], { script = "/w/train.py", wasStarted = true } = {}): Run {
  const { status, ...built } = buildRun(state);
  const { startedAt, ...unstarted } = status;
  const checkpointFolder = { path: "/w/checkpoints", reason: "given by the test" };
  const plan = { ...built.record.plan, script, checkpointFolder };
  return {
    ...built,
    record: { ...built.record, id, plan },
    status: wasStarted && startedAt !== undefined ? { ...unstarted, startedAt } : unstarted,
  };
}

test("a run that could not be started stands in the way of none that can be resumed", () => {
  const never = run("c", "failed", { wasStarted: false });
  assert.ok(!isResumable(never));
  const resumable = newestResumable([never, run("b", "stopped"), run("a", "finished")]);
  assert.deepEqual(
    resumable.map(({ record }) => record.id),
    ["b"],
  );
});

test("behind a run that goes on or waits, no older one of its script is resumed", () => {
  const waiting = run("c", "waiting", { wasStarted: false });
  const other = run("a", "stopped", { script: "/w/other.py" });
  assert.deepEqual(newestResumable([waiting, run("b", "stopped"), other]), [other]);
  assert.deepEqual(newestResumable([run("c", "running"), run("b", "stopped")]), []);
});
