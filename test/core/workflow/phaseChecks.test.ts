import assert from "node:assert/strict";
import { test } from "node:test";
import { checksOf, openProofs } from "../../../src/core/workflow/phaseChecks.ts";
import type { Measurement } from "../../../src/core/workflow/proof.ts";
import type { PhaseState } from "../../../src/core/workflow/workflowState.ts";

const NAMES = ["constructor", "toString", "__proto__"];

const proof = { kind: "tests" as const, files: ["test_model.py"] };

function phaseWith(measured: Readonly<Record<string, Measurement>>): PhaseState {
  const checks = NAMES.map((name) => ({ name, status: "passed" as const, evidence: "said", proof }));
  const output = { kind: "checks" as const, checks };
  return {
    kind: "working",
    round: 1,
    failures: [],
    tasks: { run: { kind: "done", by: "ada", document: "d", hash: "h", output, measured } },
  };
}

test("a check may be called like something that every object has", () => {
  const phase = phaseWith({});
  assert.deepEqual(
    openProofs(phase).map(({ check, number }) => [check, number]),
    NAMES.map((name, index) => [name, index + 1]),
  );
  assert.deepEqual(
    checksOf(phase).map(({ name, status, evidence }) => [name, status, evidence]),
    NAMES.map((name) => [name, "passed", "said"]),
  );
});

test("a check that was measured stands as it was measured, and is open no more", () => {
  const seen: Measurement = { status: "failed", evidence: "seen" };
  const phase = phaseWith({ ["constructor"]: seen });
  assert.deepEqual(
    openProofs(phase).map(({ check }) => check),
    NAMES.slice(1),
  );
  assert.deepEqual(
    checksOf(phase).map(({ evidence }) => evidence),
    ["seen", "said", "said"],
  );
});

test("a check that was said to have failed, or that names no proof, has nothing to be measured", () => {
  const phase = phaseWith({});
  const checks = [
    { name: "failed", status: "failed" as const, evidence: "said", proof },
    { name: "not run", status: "not-run" as const, evidence: "said", proof },
    { name: "by word", status: "passed" as const, evidence: "said" },
    { name: "passed", status: "passed" as const, evidence: "said", proof },
  ];
  const run = {
    kind: "done" as const,
    by: "ada",
    document: "d",
    hash: "h",
    output: { kind: "checks" as const, checks },
  };
  const open = openProofs({ ...phase, tasks: { run } });
  assert.deepEqual(
    open.map(({ check, number }) => [check, number]),
    [["passed", 4]],
  );
});
