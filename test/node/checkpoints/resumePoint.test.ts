import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderLister, listCheckpointFolder } from "../../../src/node/checkpoints/listCheckpointFolder.ts";
import { resumePointFinder } from "../../../src/node/checkpoints/resumePoint.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const STARTED_MS = Date.parse("2026-11-21T03:00:00.000Z");

test("a repair passes over what was saved with the lost loss, a moment before its line was read", async (context) => {
  const folder = temporaryFolder(context);
  for (const epoch of [1, 2, 3, 4]) {
    const path = join(folder, `epoch_${epoch}.pt`);
    writeFileSync(path, buildCheckpoint(epoch, 64));
    utimesSync(path, STARTED_MS / 1000 + epoch, STARTED_MS / 1000 + epoch);
  }
  const find = resumePointFinder(folderLister());
  const window = { sinceMs: STARTED_MS, untilMs: STARTED_MS + 60_000 };
  const epochBefore = async (lossBreak?: { timeMs?: number; step?: number; text: string }) =>
    (await find(folder, { ...window, lossBreak }))?.epoch;
  assert.equal(await epochBefore(), 4);
  assert.equal(await epochBefore({ timeMs: STARTED_MS + 3_300, text: "" }), 2);
  assert.equal(await epochBefore({ timeMs: STARTED_MS + 3_900, step: 3, text: "" }), 2);
  assert.equal(await epochBefore({ step: 2, text: "" }), 1);
  mkdirSync(join(folder, "run"));
  const partly = resumePointFinder((listed) => listCheckpointFolder(listed, { maxPlaces: 1 }));
  assert.equal(await partly(folder, window), undefined);
});
