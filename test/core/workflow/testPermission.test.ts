import assert from "node:assert/strict";
import { test } from "node:test";
import { allowTests, forgetTests, testsToAllow } from "../../../src/core/workflow/testPermission.ts";
import type { AllowedTests, WorkflowState } from "../../../src/core/workflow/workflowState.ts";
import { beginState, shippedWorkflow } from "../../support/workflows.ts";

/** A phase with two checks that rest on a test file each. */
function stateWith(allowedTests?: AllowedTests): WorkflowState {
  const state = beginState(shippedWorkflow("ml-development"));
  const checks = ["a.py", "b.py"].map((file) => ({
    name: file,
    status: "passed" as const,
    evidence: "said",
    proof: { kind: "tests" as const, files: [file] },
  }));
  const task = {
    kind: "done" as const,
    by: "ada",
    document: "d",
    hash: "h",
    output: { kind: "checks" as const, checks },
  };
  const [first = assert.fail(), ...later] = state.phases;
  const phase = { ...first, kind: "working" as const, tasks: { run: task }, ...(allowedTests && { allowedTests }) };
  return { ...state, phases: [phase, ...later] };
}

function allowedIn(state: WorkflowState | string): AllowedTests | undefined {
  return typeof state === "string" ? assert.fail(state) : state.phases[0]?.allowedTests;
}

const toAllow = ({ phases: [phase] }: WorkflowState) => testsToAllow(phase ?? assert.fail()).map(({ check }) => check);

test("files that were let run stay so beside others as long as the code is the same, and not with other code", () => {
  const earlier = { files: { "a.py": "1" }, code: { ".": "x" } };
  const more = (code: Record<string, string>) =>
    allowedIn(allowTests(stateWith(earlier), { kind: "tests-allowed", phase: 0, files: { "b.py": "2" }, code }));
  assert.deepEqual(more({ ".": "x" }), { files: { "a.py": "1", "b.py": "2" }, code: { ".": "x" } });
  assert.deepEqual(more({ ".": "y" }), { files: { "b.py": "2" }, code: { ".": "y" } });
  assert.deepEqual(more({ ".": "x", lib: "z" }), { files: { "b.py": "2" }, code: { ".": "x", lib: "z" } });
});

test("code that has changed takes the permission of every file back, and a file that has its own alone", () => {
  const state = stateWith({ files: { "a.py": "1", "b.py": "2" }, code: { ".": "x" } });
  const after = (files: string[], code?: string[]) =>
    allowedIn(forgetTests(state, { kind: "tests-changed", files, ...(code && { code }) }))?.files;
  assert.deepEqual(after(["a.py"]), { "b.py": "2" });
  assert.deepEqual(after([], ["."]), {});
  assert.equal(typeof forgetTests(state, { kind: "tests-changed", files: ["c.py"] }), "string");
});

test("a test waits for the person until it was let run with the code as it is", () => {
  assert.deepEqual(toAllow(stateWith()), ["a.py", "b.py"]);
  assert.deepEqual(toAllow(stateWith({ files: { "a.py": "1" }, code: {} })), ["b.py"]);
  assert.deepEqual(toAllow(stateWith({ files: { "a.py": "1", "b.py": "2" } })), ["a.py", "b.py"]);
});
