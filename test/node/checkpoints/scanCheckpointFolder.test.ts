import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FALLBACK_DEPTH, scanCheckpointFolder } from "../../../src/node/checkpoints/scanCheckpointFolder.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

async function scanned(folder: string): Promise<{ runs: (string | undefined)[]; leftOut: number; places: number }> {
  const scan = await scanCheckpointFolder(folder, undefined, FALLBACK_DEPTH);
  assert.ok(scan.kind === "scanned");
  return { runs: scan.checkpoints.map(({ run }) => run), leftOut: scan.leftOut, places: scan.places.length };
}

function save(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "last.pt"), buildCheckpoint(1));
}

test("takes no model of an installed package for a checkpoint, whatever the environment is called", async (context) => {
  const folder = temporaryFolder(context);
  for (const packages of ["lib/python3.12/site-packages", "env/lib/dist-packages", "mine", "conda"]) {
    save(join(folder, packages, "lpips"));
  }
  writeFileSync(join(folder, "mine", "pyvenv.cfg"), "home = /usr/bin\n");
  mkdirSync(join(folder, "conda", "conda-meta"));
  save(join(folder, "env", "run"));
  assert.deepEqual((await scanned(folder)).runs, ["env/run"]);
});

test("gives up on deep folders of data without a checkpoint, and says what it left out beside a deeper one", async (context) => {
  const folder = temporaryFolder(context);
  const samples = Array.from({ length: 1_100 }, (_, index) => join(folder, "data", "set", "train", `${index}`));
  for (const sample of samples) {
    mkdirSync(sample, { recursive: true });
    utimesSync(sample, 1_000, 1_000);
  }
  // Itself, the three above the samples, and those samples that are tried.
  assert.deepEqual(await scanned(folder), { runs: [], leftOut: 0, places: 1_004 });
  const run = join(folder, "runs", "detect", "train", "weights");
  save(run);
  assert.deepEqual(await scanned(folder), {
    runs: ["runs/detect/train/weights"],
    leftOut: 0,
    places: 1_108,
  });
  rmSync(join(folder, "runs"), { recursive: true });
  save(join(samples[0] ?? "", "run"));
  assert.deepEqual((await scanned(folder)).leftOut, 100);
});
