import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { readCheckpoint } from "../../src/node/checkpoints/readCheckpoint.ts";
import { ownersPython } from "./ownersPython.ts";

const script = join(import.meta.dirname, "trainWithLightning.py");

suite("a checkpoint that PyTorch Lightning wrote", () => {
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trainyard-lightning-"));
    await promisify(execFile)(ownersPython(), [script, folder], { cwd: folder });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("is whole, and its epoch, step, settings and size are read without running it", async () => {
    const summary = await readCheckpoint(join(folder, "model.ckpt"));
    assert.equal(summary.format, "torch-zip");
    assert.equal(summary.completeness.state, "whole");
    // Lightning counts finished epochs and steps: two epochs of four batches.
    assert.deepEqual([summary.epoch, summary.step], [2, 8]);
    assert.equal(summary.hyperParameters?.["learning_rate"], 0.01);
    assert.equal(summary.hasOptimizerState, true);
    assert.equal(summary.parameterCount, 4 * 3 + 3);
  });

  test("is torn when its last bytes are missing", async () => {
    const bytes = await readFile(join(folder, "model.ckpt"));
    const cut = join(folder, "cut.ckpt");
    await writeFile(cut, bytes.subarray(0, bytes.length - 100));
    const summary = await readCheckpoint(cut);
    assert.notEqual(summary.completeness.state, "whole");
  });
});
