import assert from "node:assert/strict";
import { test } from "node:test";
import type { Series } from "../../../src/core/metrics/series.ts";
import { readCheckpointWriters } from "../../../src/core/training/checkpointWriters.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { writeWindow } from "../../../src/core/training/runWindow.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { buildRun } from "../../support/runBuilder.ts";

const START = Date.parse("2026-11-21T03:00:00.000Z");
const NAN_LOSS = { tag: "train/loss", steps: [1, 2], times: [START, START + 1000], values: [0.5, Number.NaN] };

function typed(run: Run, ...words: string[]): Run {
  const plan = { ...run.record.plan, command: ["python", "train.py", ...words] };
  return { ...run, record: { ...run.record, plan } };
}

test("a run that was typed in full may save anywhere while it goes on, and needs what its words name", async () => {
  const run = typed(buildRun("running"), "--resume", "../old.pt", "--init=/data/base.pt");
  const [writer] = await readCheckpointWriters([run], [], () =>
    Promise.reject(new Error("nothing to read curves for")),
  );
  assert.deepEqual([writer?.folder, writer?.sinceMs, writer?.untilMs], [undefined, START - 2000, undefined]);
  assert.ok(writer?.named?.includes("/old.pt"));
  assert.ok(writer?.named?.includes("/data/base.pt"));
});

test("a run that waits needs what its words name, and one that ended has an end", async () => {
  const ended = buildRun("failed", { endedAt: "2026-11-21T03:01:00.000Z" });
  const writers = await readCheckpointWriters([typed(buildRun("waiting"), "a.pt"), ended], [], () =>
    Promise.resolve([]),
  );
  assert.deepEqual(
    writers.map(({ untilMs, named }) => [untilMs, named?.includes("/w/a.pt")]),
    [
      [undefined, true],
      [START + 65_000, false],
    ],
  );
});

test("what a resume takes for a run's own is its own for a prune too", async () => {
  for (const endedAt of ["2026-11-21T03:01:00.000Z", undefined]) {
    const run = buildRun(endedAt === undefined ? "lost" : "failed", endedAt === undefined ? {} : { endedAt });
    const [writer] = await readCheckpointWriters([run], [], () => Promise.resolve([]));
    assert.deepEqual({ sinceMs: writer?.sinceMs, untilMs: writer?.untilMs }, writeWindow(run));
  }
});

test("the loss is looked up of those runs alone that can have saved one of the checkpoints", async () => {
  const ended = buildRun("finished", { endedAt: "2026-11-21T03:01:00.000Z" });
  const earlier = buildRun("finished", {
    startedAt: "2026-11-20T03:00:00.000Z",
    endedAt: "2026-11-20T03:01:00.000Z",
  });
  const asked: Run[] = [];
  const readCurves = (run: Run): Promise<readonly Series[]> => {
    asked.push(run);
    return Promise.resolve([NAN_LOSS]);
  };
  const writers = await readCheckpointWriters([ended, earlier], [entryOf("a.pt", START + 5000)], readCurves);
  assert.deepEqual(asked, [ended]);
  assert.deepEqual(
    writers.map(({ lossBreak }) => lossBreak?.text),
    ["train/loss became NaN at step 2", undefined],
  );
});
