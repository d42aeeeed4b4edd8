import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRunId } from "../../../src/core/training/runId.ts";
import { type ProcessIdentity, renderRunStatus, runStatusSchema } from "../../../src/core/training/runRecord.ts";
import { deriveRunState, type Liveness } from "../../../src/core/training/runState.ts";
import { buildRun } from "../../support/runBuilder.ts";

test("a status survives being written, with the numbers JSON does not have", () => {
  const { status } = buildRun("running", {
    progress: {
      epoch: 1,
      metrics: { a: Number.NaN, b: -Infinity, c: Infinity, d: 1.5 },
      updatedAt: "2026-11-21T03:01:00.000Z",
    },
  });
  assert.deepEqual(runStatusSchema.parse(JSON.parse(renderRunStatus(status))), status);
});

const gone = (): Liveness => "gone";
const supervisor = { pid: 1, startTime: "a" };
const training = { pid: 2, startTime: "b" };

function checkState(supervisorIs: Liveness, trainingIs: Liveness, heartbeatAgeMs: number, expected: string): void {
  const { status } = buildRun("running", { supervisor, training });
  const probe = ({ pid }: ProcessIdentity): Liveness => (pid === supervisor.pid ? supervisorIs : trainingIs);
  const nowMs = Date.parse(status.heartbeatAt) + heartbeatAgeMs;
  assert.equal(deriveRunState(status, probe, nowMs), expected, `${supervisorIs} ${trainingIs} ${heartbeatAgeMs}`);
}

test("a run is what its processes are, not what its file says", () => {
  checkState("alive", "alive", 0, "running");
  checkState("alive", "alive", 9_999_999, "running");
  checkState("gone", "alive", 0, "orphaned");
  checkState("gone", "gone", 0, "lost");
  checkState("unknown", "unknown", 5_000, "running");
  checkState("unknown", "unknown", 60_000, "lost");
  checkState("gone", "unknown", 60_000, "lost");
});

test("an ended run stays what it is, and one without processes is starting until it is old", () => {
  const nowMs = Date.parse("2026-11-21T03:01:10.000Z");
  assert.equal(deriveRunState(buildRun("failed", { supervisor }).status, gone, nowMs), "failed");
  assert.equal(deriveRunState(buildRun("starting").status, gone, nowMs), "starting");
  assert.equal(deriveRunState(buildRun("starting").status, gone, nowMs + 60_000), "lost");
});

test("an id sorts by time and is a safe file name", () => {
  const at = new Date("2026-11-21T03:44:55.123Z");
  assert.equal(makeRunId("Digits CNN (v2)!", at, "1a2b"), "20261121-034455-digits-cnn-v2-1a2b");
  assert.equal(makeRunId("../..", at, "1a2b"), "20261121-034455-run-1a2b");
  assert.equal(makeRunId("x".repeat(100), at, "1a2b").length, 16 + 40 + 5);
});
