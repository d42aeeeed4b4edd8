import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { type CheckpointEntry, newestWhole } from "../../../src/core/checkpoints/checkpointListing.ts";
import { type CheckpointSummary, emptyContents } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { describeTrust } from "../../../src/core/checkpoints/importedName.ts";
import { type CheckpointDetails, readCheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { chooseResumePoint } from "../../../src/core/checkpoints/resumeChoice.ts";
import { planPrune } from "../../support/planPrune.ts";

const folder = "test/fixtures/checkpoints/formats";
type Row = readonly [name: string, dtype: string, shape: readonly number[], sizeBytes: number];
const reported: Record<string, readonly Row[]> = JSON.parse(readFileSync(`${folder}/tensors.json`, "utf8"));

function read(name: string): Promise<CheckpointDetails> {
  return readCheckpointDetails(byteSourceOf(new Uint8Array(readFileSync(`${folder}/${name}`))), name);
}

function rowsOf({ tensors }: CheckpointDetails): unknown[] {
  return tensors.map(({ name, dtype, shape, sizeBytes }) => [name, dtype, shape, sizeBytes]);
}

/** Objects are references to what lies elsewhere: numpy counts the references, which are not in the file. */
function withoutReferences(rows: readonly Row[]): unknown[] {
  return rows.map(([name, dtype, shape, sizeBytes]) => [
    name,
    dtype,
    shape,
    dtype === "object" ? undefined : sizeBytes,
  ]);
}

for (const name of Object.keys(reported).filter((each) => /\.(npy|npz)$/.test(each))) {
  test(`${name} names its arrays as numpy does`, async () => {
    const details = await read(name);
    assert.equal(details.summary.completeness.state, "whole", details.summary.completeness.reason);
    assert.deepEqual(rowsOf(details), withoutReferences(reported[name] ?? []));
  });
}

test("reads the second and third version of the header of an array", async () => {
  assert.deepEqual(rowsOf(await read("version2.npy")), [["version2", "float32", [3, 4], 48]]);
  assert.deepEqual(rowsOf(await read("version3.npy")), [["version3", "[('größe', '<f4')]", [2], 8]]);
});

test("takes epoch and metrics from the single numbers of a .npz, compressed or not", async () => {
  for (const name of ["params.npz", "compressed.npz"]) {
    const { summary } = await read(name);
    assert.deepEqual([summary.epoch, summary.metrics, summary.hasOptimizerState], [7, { val_loss: 0.25 }, true], name);
  }
});

test("says what loading the objects of an array would import", async () => {
  const { summary } = await read("objects.npz");
  assert.deepEqual(
    summary.imports.map(({ trust }) => trust),
    summary.imports.map(() => "known"),
  );
  const [start, end] = [Buffer.from("\x93NUMPY\x01\x00\x46\x00", "latin1"), Buffer.from("cos\nsystem\n(S'true'\ntR.")];
  const header = Buffer.from("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(69) + "\n");
  const hostile = await readCheckpointDetails(byteSourceOf(Buffer.concat([start, header, end])), "labels.npy");
  assert.equal(hostile.summary.completeness.state, "whole", hostile.summary.completeness.reason);
  assert.equal(describeTrust(hostile.summary.imports), "would run code when loaded: os.system");
});

for (const name of ["model.joblib", "gzip.joblib", "model.pkl", "protocol0.pkl"]) {
  test(`${name} is described with class, parameters and arrays as scikit-learn has them`, async () => {
    const details = await read(name);
    const { summary } = details;
    assert.equal(summary.completeness.state, "whole", summary.completeness.reason);
    assert.deepEqual(rowsOf(details), reported[name]);
    assert.deepEqual(summary.framework, { name: "scikit-learn", version: "1.9.1" });
    assert.equal(summary.hyperParameters?.["class"], "sklearn.linear_model._logistic.LogisticRegression");
    assert.deepEqual([summary.hyperParameters["C"], summary.hyperParameters["n_features_in_"]], [0.5, 4]);
    assert.equal(
      describeTrust(summary.imports),
      "imports code of its own when loaded: sklearn.linear_model._logistic.LogisticRegression",
    );
  });
}

test("finds the model inside a dictionary of joblib, beside an array of objects", async () => {
  const { summary, tensors } = await read("zlib.joblib");
  assert.deepEqual([summary.format, summary.completeness.state, summary.epoch], ["joblib", "whole", 3]);
  assert.equal(summary.hyperParameters?.["class"], "sklearn.linear_model._logistic.LogisticRegression");
  assert.deepEqual(
    tensors.map(({ name }) => name),
    ["model.classes_", "model.n_iter_", "model.coef_", "model.intercept_", "labels"],
  );
});

test("names the compression that is not unpacked, and reads several pickles of one file", async () => {
  assert.equal(
    (await read("xz.joblib")).summary.completeness.reason,
    "it is compressed with xz, which is not unpacked",
  );
  assert.equal((await read("two.pkl")).summary.completeness.reason, "all 2 pickles are complete");
});

test("does not call a file a pickle for its name alone once its bytes are something else", async () => {
  const bytes = new TextEncoder().encode("this is a text and no pickle at all\n");
  const { summary } = await readCheckpointDetails(byteSourceOf(bytes), "notes.pkl");
  assert.deepEqual([summary.format, summary.completeness.state], ["pickle", "unknown"]);
});

function entry(name: string, format: CheckpointSummary["format"], modifiedMs: number): CheckpointEntry {
  const completeness = { state: "whole", reason: "" } as const;
  const summary = { ...emptyContents, name, kind: "file" as const, format, completeness, sizeBytes: 1 };
  return { path: `/c/${name}`, modifiedMs, summary };
}

test("neither resumes from nor prunes arrays and pickles that lie beside checkpoints", () => {
  const model = entry("epoch_2.pt", "torch-zip", 1);
  const entries = [
    model,
    entry("epoch_1.pt", "torch-zip", 0),
    entry("data.npz", "npz", 3),
    entry("labels.pkl", "pickle", 4),
  ];
  assert.equal(newestWhole(entries), model);
  assert.equal(chooseResumePoint(entries).chosen, model);
  assert.deepEqual(
    planPrune(entries, { keepBest: 0, keepLast: 0 }).removed.map(({ path }) => path),
    ["/c/epoch_1.pt"],
  );
  const arrays = [entry("params.npz", "npz", 1), entry("images.npy", "npy", 2)];
  assert.equal(newestWhole(arrays)?.path, "/c/params.npz", "a training that saves nothing else means its .npz");
});
