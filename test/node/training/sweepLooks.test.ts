import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { sweepLooks } from "../../../src/node/training/sweepLooks.ts";
import { buildPlan, makeWorkspace, testReceipt } from "../../support/runFixtures.ts";

const at = "2026-11-22T10:00:00.000Z";
const FINISHED = { schemaVersion: 1, state: "finished", startedAt: at, endedAt: at, heartbeatAt: at, exitCode: 0 };

const write = (folder: string, text: string) => writeFile(join(folder, "status.json"), text);

test("who waits for a sweep reads a run that has ended once, and one that goes on each time", async (context) => {
  const root = await makeWorkspace(context);
  const make = (index: number) => {
    const sweep = { id: "s1", title: "lr", index, size: 2, values: { lr: `${index}` } };
    return createRun(root, buildPlan(root, ["python3", "train.py"]), testReceipt, { sweep });
  };
  const [first, second] = [await make(1), await make(2)];
  await write(first, JSON.stringify(FINISHED));
  const look = sweepLooks(root, "s1");
  assert.equal((await look())?.isLive, true);

  await write(first, "{");
  await write(second, JSON.stringify(FINISHED));
  const now = await look();
  assert.deepEqual(
    now?.runs.map(({ state }) => state),
    ["finished", "finished"],
  );
  assert.equal(now?.isLive, false);
});
