import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCapsule, takeCapsuleOption } from "../../../src/core/workflow/capsule.ts";
import { readWorkflowRequest } from "../../../src/core/workflow/workflowRequest.ts";

const CAPSULE = `version: "1.0"
created: 2026-01-03T10:00:00Z
slug: trajectory-model
goal: |
  Predict the next position.
constraints: [runs on a CPU]
context:
  key_files: [{ path: train.py, reason: it trains }]
risks: [{ severity: high, description: few samples, mitigation: collect more }]
handoff: { recommended_command: /develop, args: "--capsule trajectory-model" }
`;

function checkRefused(text: string, reason: RegExp): void {
  assert.throws(
    () => parseCapsule(text, "trajectory-model"),
    (error) => error instanceof Error && error.name === "UserError" && reason.test(error.message),
  );
}

test("a capsule gives goal, constraints, key files and risks to the first phase", () => {
  assert.deepEqual(parseCapsule(CAPSULE, "trajectory-model"), {
    slug: "trajectory-model",
    goal: "Predict the next position.",
    constraints: ["runs on a CPU"],
    nonGoals: [],
    keyFiles: [{ path: "train.py", reason: "it trains" }],
    risks: [{ severity: "high", description: "few samples", mitigation: "collect more" }],
  });
});

test("a capsule that lacks something or belongs to another slug is refused with its place", () => {
  checkRefused(CAPSULE.replace("goal: |\n  Predict the next position.\n", ""), /goal/);
  checkRefused(CAPSULE.replace('version: "1.0"', 'version: "2.0"'), /version/);
  checkRefused(CAPSULE.replace("slug: trajectory-model", "slug: other"), /says it is the capsule "other"/);
  checkRefused(CAPSULE.replace(/handoff:.*\n/, ""), /handoff/);
  checkRefused(CAPSULE.replace("severity: high", "severity: huge"), /risks\.0\.severity/);
  checkRefused("goal: [", /no valid capsule/);
  checkRefused("", /no valid capsule/);
});

test("--capsule is taken out of the task, and an unsafe or missing name is refused", () => {
  assert.deepEqual(takeCapsuleOption("faster --capsule digits-v2 please"), {
    task: "faster please",
    slug: "digits-v2",
  });
  assert.deepEqual(takeCapsuleOption("no option here"), { task: "no option here" });
  for (const prompt of ["--capsule", "--capsule ../../etc", "--capsule a/b", "--capsule .", "--capsule=..%2f"]) {
    assert.throws(() => takeCapsuleOption(prompt), { name: "UserError" }, prompt);
  }
});

test("a request may name another workflow or one that goes on", () => {
  assert.deepEqual(readWorkflowRequest("--workflow small clean the data"), {
    task: "clean the data",
    workflow: "small",
  });
  assert.deepEqual(readWorkflowRequest("--continue w-1"), { task: "", goesOn: "w-1" });
});
