import assert from "node:assert/strict";
import { test } from "node:test";
import { type FlowRunFacts, type FlowState, judgeRun, statusByStep } from "../../../src/core/metaflow/runs/flowRun.ts";

const NOW = 1_000_000_000;
const LONG_AGO = NOW - 3_600_000;

type Attempt = [step: string, isOk?: boolean];

function facts(attempts: readonly Attempt[], changedAt: number): FlowRunFacts {
  return {
    flow: "F",
    id: "1",
    createdAt: LONG_AGO,
    user: "u",
    tags: [],
    changedAt,
    tasks: attempts.map(([step, isOk], index) => ({
      step,
      id: String(index + 1),
      attempt: 0,
      isCloned: false,
      facts: {
        startedAt: LONG_AGO + index * 1000,
        ...(isOk === undefined ? {} : { isOk, endedAt: LONG_AGO + index * 1000 + 500 }),
      },
    })),
  };
}

function check(attempts: readonly Attempt[], isAlive: boolean | undefined, changedAt: number, expected: FlowState) {
  assert.equal(judgeRun(facts(attempts, changedAt), isAlive, NOW).state, expected, JSON.stringify([attempts, isAlive]));
}

test("a run is what its tasks and the system say together", () => {
  check(
    [
      ["start", true],
      ["end", true],
    ],
    false,
    LONG_AGO,
    "done",
  );
  check([["start", true], ["train"]], true, LONG_AGO, "running");
  check([["start", true], ["train"]], false, NOW - 1_000, "running");
  check([["start", true], ["train"]], false, NOW - 60_000, "gone");
  check(
    [
      ["start", true],
      ["train", false],
    ],
    false,
    NOW - 1_000,
    "failed",
  );
  // A retry of a task that failed beside one that goes on.
  check([["train", false], ["train"]], true, LONG_AGO, "running");
  check([["start", true]], false, LONG_AGO, "gone");
  check([], true, LONG_AGO, "running");
});

test("where processes cannot be seen, a run is given longer before it counts as killed", () => {
  check([["train"]], undefined, NOW - 60_000, "running");
  check([["train"]], undefined, NOW - 3_600_000, "gone");
});

test("a step shows the worst of its tasks, and the time from the first start to the last end", () => {
  const run = judgeRun(facts([["each", true], ["each", false], ["each", true], ["join"]], LONG_AGO), true, NOW);
  assert.deepEqual(Object.fromEntries(statusByStep(run, LONG_AGO + 10_000)), {
    each: { state: "failed", tasks: 3, finished: 2, seconds: 2.5 },
    join: { state: "running", tasks: 1, finished: 0, seconds: 7 },
  });
});
