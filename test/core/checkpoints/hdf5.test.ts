import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { type CheckpointDetails, readCheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";

const folder = "test/fixtures/checkpoints/formats";
type Row = readonly [name: string, dtype: string, shape: readonly number[], sizeBytes: number];
const reported: Record<string, readonly Row[]> = {
  ...JSON.parse(readFileSync(`${folder}/tensors.json`, "utf8")),
  ...JSON.parse(readFileSync(`${folder}/tensorflow.json`, "utf8")),
};

function read(name: string): Promise<CheckpointDetails> {
  return readCheckpointDetails(byteSourceOf(new Uint8Array(readFileSync(`${folder}/${name}`))), name);
}

function rowsOf({ tensors }: CheckpointDetails): unknown[] {
  return tensors.map(({ name, dtype, shape, sizeBytes }) => [name, dtype, shape, sizeBytes]);
}

/** h5py counts eight bytes for the place of a text of variable length; the file takes sixteen. */
function withTextsOfTheFile(rows: readonly Row[]): unknown[] {
  return rows.map(([name, dtype, shape, sizeBytes]) => [
    name,
    dtype,
    shape,
    dtype === "object" ? 2 * sizeBytes : sizeBytes,
  ]);
}

for (const name of ["earliest.h5", "latest.h5", "keras2.h5", "model.weights.h5"]) {
  test(`${name} names its data sets as h5py does`, async () => {
    const details = await read(name);
    assert.deepEqual(details.summary.completeness.reason, "its length is what its superblock says");
    assert.deepEqual(rowsOf(details), withTextsOfTheFile(reported[name] ?? []));
  });
}

test("lists the weights in a file of Keras and tells the optimizer's from the model's", async () => {
  const details = await read("model.keras");
  assert.deepEqual(rowsOf(details), reported["model.weights.h5"]);
  const { summary } = details;
  assert.deepEqual([summary.parameterCount, summary.hasOptimizerState], [4 * 3 + 3 + 3 + 1, true]);
  assert.deepEqual(summary.framework, { name: "Keras", version: "3.15.1" });
});

test("reads how many batches the optimizer of Keras has counted, and nothing where the file ends before", async () => {
  const steps = await Promise.all(
    ["model.keras", "model.weights.h5", "keras2.h5", "mixed.weights.h5", "earliest.h5"].map(stepOf),
  );
  assert.deepEqual(steps, [1, 1, 1, 12, undefined]);
  const bytes = new Uint8Array(readFileSync(`${folder}/model.weights.h5`));
  for (let length = 64; length < bytes.length; length += 97) {
    const { summary } = await readCheckpointDetails(byteSourceOf(bytes.subarray(0, length)), "model.weights.h5");
    assert.ok([1, undefined].includes(summary.step), `${length}`);
  }
});

async function stepOf(name: string): Promise<number | undefined> {
  return (await read(name)).summary.step;
}

test("reads what a file of HDF5 is annotated with: numbers, texts and lists of them", async () => {
  for (const name of ["earliest.h5", "latest.h5"]) {
    const { summary } = await read(name);
    assert.deepEqual([summary.epoch, summary.framework], [9, { name: "Keras", version: "3.15.1" }]);
    assert.deepEqual(summary.hyperParameters, { backend: "jax", layer_names: ["dense", "dense_1"] });
  }
});
