import assert from "node:assert/strict";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { answerAction } from "../../../src/editor/dashboard/curvesActions.ts";
import { openRunLog } from "../../../src/editor/training/openRunLog.ts";
import { openMetrics } from "../../../src/node/metrics/metricsClient.ts";
import { LogWriter } from "../../../src/node/training/logWriter.ts";
import { readRun } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { createPythonRun, makeWorkspace } from "../../support/runFixtures.ts";

beforeEach(resetFake);

/** A run whose log has this many lines, in parts of 2 KiB and 16 KiB in all. */
async function makeRun(context: TestContext, lineCount: number) {
  const folder = await createPythonRun(await makeWorkspace(context), "");
  const log = new LogWriter(join(folder, "train.log"), { limitMiB: 16 / 1024 });
  for (let line = 0; line < lineCount; ) {
    line = log.append({ text: "a line of a training that prints", end: "newline" });
  }
  await log.close();
  return { run: await readRun(folder), layout: log.layout };
}

test("the log of a run is opened; of one in parts, the part that is picked", async (context) => {
  const { run } = await makeRun(context, 10);
  await openRunLog(run);
  assert.deepEqual(fake.shownDocuments, [join(run.folder, "train.log")]);
  const long = await makeRun(context, 1_000);
  const { parts = [] } = long.layout ?? {};
  fake.quickPick = (items) => {
    const labels = parts.toReversed().map((first) => (first === 1 ? "train.log" : `train.${first}.log`));
    assert.deepEqual(
      items.map(({ label }) => label),
      labels,
    );
    return items[0];
  };
  await openRunLog(long.run);
  assert.equal(fake.shownDocuments.at(-1), join(long.run.folder, `train.${parts.at(-1)}.log`));
  fake.quickPick = () => undefined;
  await openRunLog(long.run);
  assert.equal(fake.shownDocuments.length, 2);
});

test("a run that printed nothing has no log to open", async (context) => {
  const { run } = await makeRun(context, 0);
  await assert.rejects(openRunLog(run), /^UserError: Run \S+ has no log: it printed nothing\.$/);
});

test("the line that proves an alarm is opened in the part that has it, and said to be gone where it is", async (context) => {
  const { run, layout } = await makeRun(context, 1_000);
  const { parts: [, second = 0] = [], missing: [gap] = [] } = layout ?? {};
  using client = openMetrics();
  const open = (line: number) => answerAction({ kind: "open-alarm", runId: run.record.id, line }, [run], client);
  await open(3);
  await open(second + 3);
  const opened = [join(run.folder, "train.log:3"), join(run.folder, `train.${second}.log:4`)];
  assert.deepEqual(fake.shownDocuments, opened);
  await assert.rejects(open(gap?.last ?? 0), /^UserError: Line \d+ of run \S+ is no longer in its log/);
  await unlink(join(run.folder, `train.${second}.log`));
  await assert.rejects(open(second + 3), /is no longer in its log/);
});
