import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { readCheckpointWithTensors } from "../../src/node/checkpoints/readCheckpoint.ts";
import { ownersPython } from "./ownersPython.ts";

type Row = readonly [name: string, dtype: string, shape: readonly number[], sizeBytes: number];

const script = "test/fixtures/checkpoints/formats/makeFormats.py";

/** How a model in parts is named in what the libraries report. */
const FILES: Readonly<Record<string, string>> = { split: "split-00001-of-00003.gguf" };

async function stateOf(path: string): Promise<string> {
  const { summary } = await readCheckpointWithTensors(path);
  return `${summary.format} ${summary.completeness.state}, step ${summary.step}`;
}

suite("files that NumPy, joblib, scikit-learn, h5py, gguf, accelerate and torch.distributed write now", () => {
  let folder = "";
  let reported: Record<string, readonly Row[]> = {};

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trainyard-formats-"));
    // The script writes beside itself.
    await copyFile(script, join(folder, "makeFormats.py"));
    await promisify(execFile)(ownersPython(), ["makeFormats.py"], { cwd: folder });
    reported = JSON.parse(await readFile(join(folder, "tensors.json"), "utf8"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("are whole, and their tensors have the names, dtypes, shapes and bytes that the library reports", async () => {
    assert.ok(Object.keys(reported).length > 15, "the script reports what it wrote");
    for (const [name, rows] of Object.entries(reported)) {
      const { summary, tensors } = await readCheckpointWithTensors(join(folder, FILES[name] ?? name));
      assert.equal(summary.completeness.state, "whole", `${name}: ${summary.completeness.reason}`);
      const found = tensors.map((tensor) => [tensor.name, tensor.dtype, tensor.shape]);
      assert.deepEqual(
        found,
        rows.map((row) => row.slice(0, 3)),
        name,
      );
      for (const [index, [tensor, dtype, , sizeBytes]] of rows.entries()) {
        // Objects lie elsewhere in the file; their libraries count the references to them.
        assert.equal(dtype === "object" ? sizeBytes : tensors[index]?.sizeBytes, sizeBytes, `${name} ${tensor}`);
      }
    }
  });

  test("are told as what they are where a folder is the checkpoint", async () => {
    assert.equal(await stateOf(join(folder, "distributed")), "distributed-folder whole, step 12");
    assert.equal(await stateOf(join(folder, "sharded")), "distributed-folder whole, step 40");
    assert.equal(await stateOf(join(folder, "checkpoint_2")), "accelerate-folder whole, step 25");
  });
});
