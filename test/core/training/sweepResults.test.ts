import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run, RunStatus } from "../../../src/core/training/runRecord.ts";
import {
  describeSweepEnd,
  findSweep,
  renderSweepColumns,
  renderSweepTable,
  sweepsOf,
} from "../../../src/core/training/sweep/sweepResults.ts";
import { buildRun } from "../../support/runBuilder.ts";

const ID = "20261121-030000-digits-sweep-0001";

function member(index: number, lr: string, state: Run["state"], metrics: Record<string, number>): Run {
  const status: Partial<RunStatus> = {
    ...(state === "finished" ? { endedAt: "2026-11-21T03:00:09.000Z" } : {}),
    progress: { metrics, updatedAt: "2026-11-21T03:00:08.000Z" },
  };
  const run = buildRun(state, status);
  const sweep = { id: ID, title: "digits", index, size: 3, values: { lr } };
  return { ...run, record: { ...run.record, sweep } };
}

const runs = [
  member(3, "0.1", "failed", { val_loss: Number.NaN }),
  buildRun("running"),
  member(1, "0.001", "finished", { val_loss: 0.31, loss: 0.2, lr: 1e-4 }),
  member(2, "0.01", "finished", { val_loss: 0.25, loss: 0.3 }),
];

test("puts the runs of a sweep together and names the best by the metric that decides", () => {
  const [sweep, other] = sweepsOf(runs);
  assert.ok(sweep);
  assert.equal(other, undefined);
  assert.equal(
    describeSweepEnd(sweep),
    "Sweep digits has ended: 2 of 3 finished · 1 failed. Best val_loss 0.25 with lr=0.01.",
  );
  assert.equal(
    renderSweepColumns(sweep),
    [
      "      lr     val_loss  loss  state     took",
      "      0.001  0.31      0.2   finished  9 s",
      "best  0.01   0.25      0.3   finished  9 s",
      "      0.1    NaN             failed",
    ].join("\n"),
  );
  assert.match(
    renderSweepTable(sweep),
    /^\*\*digits\*\* · 2 of 3[^\n]*\n\n\| {2}\| lr \| val_loss \| loss \| state \| took \|\n/,
  );
});

test("names every run that reached the best value", () => {
  const [sweep] = sweepsOf([
    member(1, "0.1", "finished", { val_loss: 0.25 }),
    member(2, "0.2", "finished", { val_loss: 0.25 }),
    member(3, "0.3", "finished", { val_loss: 0.4 }),
  ]);
  assert.ok(sweep);
  assert.match(describeSweepEnd(sweep), /Best val_loss 0\.25 with lr=0\.1, and the same with lr=0\.2\.$/);
  assert.equal(renderSweepColumns(sweep).match(/best/g)?.length, 2);
});

test("finds a sweep by the beginning of its id or by its title", () => {
  for (const name of [ID, ID.slice(0, 20), "digits"]) {
    assert.equal(findSweep(runs, name)?.id, ID, name);
  }
  assert.equal(findSweep(runs, "other"), undefined);
});
