import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { groupSweeps } from "../../../src/editor/dashboard/sweepRow.ts";
import { endedSweeps } from "../../../src/editor/training/endOfSweep.ts";
import { buildRun } from "../../support/runBuilder.ts";

/** The run with this place in a sweep of two. */
function member(sweep: string, index: number, state: Run["state"]): Run {
  const run = buildRun(state);
  const values = { lr: String(index) };
  return { ...run, record: { ...run.record, sweep: { id: sweep, title: "digits", index, size: 2, values } } };
}

test("the runs of a sweep stand together in the order of the grid, where the newest of them stands", () => {
  const runs = [member("a", 2, "waiting"), buildRun("running"), member("a", 1, "running"), member("b", 1, "lost")];
  const rows = groupSweeps(runs).map((row) =>
    row.kind === "run" ? "run" : `${row.sweepId} ${row.runs.map(({ record }) => record.sweep?.index).join()}`,
  );
  assert.deepEqual(rows, ["a 1,2", "run", "b 1"]);
});

const ended = (...runs: Run[]) => [...endedSweeps(runs).keys()];

test("a sweep has ended when every run that it shall have is there and has ended", () => {
  assert.deepEqual(ended(member("a", 1, "finished"), member("a", 2, "failed"), buildRun("finished")), ["a"]);
  assert.deepEqual(ended(member("a", 1, "finished"), member("a", 2, "waiting")), []);
  assert.deepEqual(ended(member("a", 1, "finished")), [], "the second is not recorded yet");
});
