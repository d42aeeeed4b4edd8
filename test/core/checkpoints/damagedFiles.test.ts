import assert from "node:assert/strict";
import { test } from "node:test";
import { readCheckpointFolder } from "../../../src/core/checkpoints/folders/readCheckpointFolder.ts";

import { folderOf } from "../../support/checkpointFolders.ts";
import { damagedNames, fixture, readDamaged } from "../../support/damagedCheckpoints.ts";

const SWEEP = 200;

for (const name of damagedNames) {
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
