import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LogFolder } from "../../../src/node/metrics/logFolder.ts";
import { temporaryFolder } from "../../support/python.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

test("the curves of runs that were deleted are given back", async () => {
  await using folder = await temporaryFolder();
  const rows = Array.from({ length: 100_000 }, (_, step) => `${step},0.5`);
  const log = new LogFolder(folder.path);
  const before = heldBytes();
  let ofOne = 0;
  for (let run = 0; run < 6; run++) {
    const place = join(folder.path, `run${run}`);
    await mkdir(place);
    await writeFile(join(place, "metrics.csv"), ["step,loss", ...rows].join("\n"));
    await log.update();
    assert.equal(log.runs.length, 1);
    ofOne = Math.max(ofOne, run === 0 ? heldBytes() - before : 0);
    await rm(place, { recursive: true });
    await log.update();
    assert.equal(log.runs.length, 0);
  }
  assert.ok(ofOne > 1e6, `${ofOne} bytes`);
  // What the last look read may be referred to for a moment longer, and another thread sweeps what nothing refers to.
  const left = () => heldBytes() - before;
  for (let turn = 0; turn < 100 && left() >= 3 * ofOne; turn++) {
    await delay(50);
  }
  assert.ok(left() < 3 * ofOne, `${left()} bytes, ${ofOne} of a run`);
});
