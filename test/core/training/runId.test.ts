import assert from "node:assert/strict";
import { test } from "node:test";
import { isTabOfRun, makeRunId, runTabName } from "../../../src/core/training/runId.ts";

test("the tab of a run has its title and what makes it one of a kind", () => {
  assert.equal(runTabName(makeRunId("My Digits", new Date(0), "1a2b")), "my-digits-1a2b");
});

test("a run whose folder somebody named keeps that name on its tab", () => {
  for (const id of ["baseline", "my-run", "a-b-c", "2026-11-21"]) {
    assert.equal(runTabName(id), id);
  }
});

test("a tab belongs to the run of its whole name, with or without the source of the task", () => {
  const id = "20261121-034455-digits-1a2b";
  const check = (title: string, expected: boolean) => assert.equal(isTabOfRun(title, id), expected, title);
  check("digits-1a2b", true);
  check("Trainyard: digits-1a2b", true);
  check("old-digits-1a2b", false);
  check("Trainyard: old-digits-1a2b", false);
  check("bash", false);
});
