import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import type { CheckpointSummary } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { describeCheckpoint, describeCheckpointFully } from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { readCheckpointFolder } from "../../../src/core/checkpoints/folders/readCheckpointFolder.ts";
import { readCheckpointFile } from "../../../src/core/checkpoints/readCheckpointFile.ts";

import { folderOf } from "../../support/checkpointFolders.ts";

const names = [
  "checkpoint_epoch_3.pt",
  "weights_only.pth",
  "protocol_4.pt",
  "legacy.pt",
  "dtypes.pt",
  "epoch=4-step=500.ckpt",
  "malicious.pt",
  "model.safetensors",
  "model.gguf",
];
const SWEEP = 200;
/** Far above the usual fraction of a millisecond, so that only a loop that grows with the damage fails. */
const MAX_CPU_MS_PER_FILE = 250;

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`test/fixtures/checkpoints/${name}`));
}

async function readDamaged(bytes: Uint8Array, name: string): Promise<CheckpointSummary> {
  // Time of the processor and not of the clock, which other processes of the machine share.
  const before = process.cpuUsage();
  const summary = await readCheckpointFile(byteSourceOf(bytes), name);
  const cpuMs = process.cpuUsage(before).user / 1000;
  assert.ok(cpuMs < MAX_CPU_MS_PER_FILE, `${name} took ${cpuMs} ms of the processor`);
  assert.notEqual(describeCheckpoint(summary), "");
  assert.notEqual(describeCheckpointFully(summary), "");
  return summary;
}

for (const name of names) {
  test(`${name} is never whole when it is cut`, async () => {
    const bytes = fixture(name);
    for (let cut = 0; cut < SWEEP; cut++) {
      const length = Math.floor((bytes.length * cut) / SWEEP);
      const { completeness } = await readDamaged(bytes.subarray(0, length), name);
      assert.notEqual(completeness.state, "whole", `${length} of ${bytes.length} bytes`);
    }
    for (let missing = 1; missing <= 64; missing++) {
      const { completeness } = await readDamaged(bytes.subarray(0, bytes.length - missing), name);
      assert.equal(completeness.state, "torn", `${missing} bytes missing: ${completeness.reason}`);
    }
  });

  test(`${name} with one byte changed gives a summary`, async () => {
    const bytes = fixture(name);
    for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 1500))) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8)) ^ 0x80;
      const summary = await readDamaged(flipped, name);
      assert.ok(["whole", "torn", "unknown"].includes(summary.completeness.state));
    }
  });

  test(`${name} is not whole where zeros replace its end`, async () => {
    const bytes = fixture(name);
    for (let blank = 1; blank < bytes.length; blank += 97) {
      const zeroed = Uint8Array.from(bytes).fill(0, bytes.length - blank);
      if (Buffer.compare(zeroed, bytes) === 0) {
        continue;
      }
      const { completeness } = await readDamaged(zeroed, name);
      const carriesItsEnd = /\.(safetensors|gguf)$/.test(name) || name === "legacy.pt";
      // Known gap: formats that end with raw numbers cannot tell zeros from weights.
      assert.ok(carriesItsEnd || completeness.state !== "whole", `${blank} bytes blank`);
    }
  });
}

test("a trainer folder is never whole when any of its parts is cut", async () => {
  const files = ["model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json"];
  const contents = Object.fromEntries(files.map((file) => [file, fixture(`checkpoint-40/${file}`)]));
  const intact = (await readCheckpointFolder(folderOf("checkpoint-40", contents))).summary;
  assert.equal(intact.completeness.state, "whole");
  for (const file of files) {
    for (let cut = 0; cut < 40; cut++) {
      const bytes = contents[file] ?? new Uint8Array();
      const length = Math.floor(((bytes.length - 2) * cut) / 40);
      const folder = folderOf("checkpoint-40", { ...contents, [file]: bytes.subarray(0, length) });
      const { completeness } = (await readCheckpointFolder(folder)).summary;
      assert.notEqual(completeness.state, "whole", `${file} cut to ${length}`);
    }
    const { [file]: _, ...others } = contents;
    const { completeness } = (await readCheckpointFolder(folderOf("checkpoint-40", others))).summary;
    const isNeeded = file === "model.safetensors" || file === "trainer_state.json";
    assert.equal(completeness.state === "whole", !isNeeded, `without ${file}`);
  }
});
