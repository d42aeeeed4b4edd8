import assert from "node:assert/strict";
import { test } from "node:test";
import { renderSweepMarkdown, sweepWarnings } from "../../../src/core/training/sweep/sweepPlan.ts";
import { buildRun } from "../../support/runBuilder.ts";

const { plan } = buildRun("finished").record;

function check(folders: readonly (string | undefined)[], expected: readonly RegExp[]): void {
  const runs = folders.map((path) => ({
    values: {},
    plan: path === undefined ? plan : { ...plan, checkpointFolder: { path, reason: "given" } },
  }));
  const warnings = sweepWarnings({ id: "s", title: "digits", script: "/w/train.py", wait: { cpuSlots: 2 }, runs });
  assert.equal(warnings.length, expected.length, warnings.join("\n"));
  expected.forEach((pattern, at) => assert.match(warnings[at] ?? "", pattern));
}

test("warns when runs of a sweep write their checkpoints to one folder, or may do so", () => {
  check(["/w/a", "/w/b", "/w/c"], []);
  check(["/w/a"], []);
  check(["/w/a", "/w/a"], [/^All runs write their checkpoints to `\/w\/a`/]);
  check(["/w/a", "/w/b", "/w/a"], [/^2 runs write their checkpoints to `\/w\/a`/]);
  check([undefined, undefined], [/^It is not known where the runs write/]);
  check(["/w/a", undefined], [/^It is not known where the runs write/]);
});

test("a plan says first in what its runs differ, each value once", () => {
  const runs = ["1e-3", "1e-4"].flatMap((lr) => ["32", "64"].map((batch) => ({ values: { lr, batch }, plan })));
  const text = renderSweepMarkdown({ id: "s", title: "digits", script: "/w/train.py", wait: { cpuSlots: 2 }, runs });
  assert.match(text, /^\*\*Sweep `digits`: 4 runs\*\* · `lr` 1e-3, 1e-4 · `batch` 32, 64\n/);
});
