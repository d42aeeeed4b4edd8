import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compareRunIds,
  isCalled,
  isTabOfRun,
  makeRunId,
  RUN_ID_RANDOMS,
  runIdSuffix,
  runIdTimeMs,
  runTabName,
} from "../../../src/core/training/runId.ts";

test("the tab of a run has its title and what makes it one of a kind", () => {
  assert.equal(runTabName(makeRunId("My Digits", new Date(0), "1a2b")), "my-digits-1a2b");
});

test("runs sort by when they were made, also those of one second", () => {
  const made = ["20260101-000000-z-", "20260101-000001-m-", "20260101-000001-a-", "20260101-000001-m-"].map(
    (start, index) => start + runIdSuffix(new Date(index * 250), 15 - index),
  );
  assert.deepEqual(made.toSorted(compareRunIds), made.toReversed());
  assert.equal(runIdSuffix(new Date(999), RUN_ID_RANDOMS - 1), "3e7fff");
  assert.equal(runIdSuffix(new Date(0), 0), "000000");
});

test("an id tells when its run was made, also with the four digits of before", () => {
  const second = Date.UTC(2026, 0, 1, 0, 0, 1);
  for (const suffix of ["3e7f", "3e7fff"]) {
    assert.equal(runIdTimeMs(`20260101-000001-demo-${suffix}`), second + 999 + 15 / 16, suffix);
  }
  assert.equal(runIdTimeMs("20260101-000001-demo-best"), undefined);
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

test("a run is called by its title or as its tab is, and one whose folder somebody named by that alone", () => {
  for (const name of ["digits", "Digits", "digits-1a2b"]) {
    assert.ok(isCalled("20261121-034455-digits-1a2b", name), name);
  }
  assert.ok(isCalled("20261121-034455-resnet-18-1a2b", "ResNet 18"));
  for (const name of ["digit", "1a2b", "resnet", "", "…"]) {
    assert.ok(!isCalled("20261121-034455-resnet-18-1a2b", name), name);
  }
  assert.ok(!isCalled("my-run", "my"));
});
