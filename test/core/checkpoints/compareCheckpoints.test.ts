import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { emptyContents, whole } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { compareCheckpoints } from "../../../src/core/checkpoints/compareCheckpoints.ts";
import { describeComparison } from "../../../src/core/checkpoints/describeComparison.ts";
import type { PlainValue } from "../../../src/core/checkpoints/plainValue.ts";
import { type CheckpointDetails, readCheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";

type Side = {
  tensors?: readonly (readonly [name: string, dtype: string, shape: readonly number[]])[];
  settings?: Readonly<Record<string, PlainValue>>;
  metrics?: Readonly<Record<string, number>>;
  epoch?: number;
};

function details({ tensors = [], settings, metrics = {}, epoch }: Side): CheckpointDetails {
  return {
    summary: {
      ...emptyContents,
      name: "a.pt",
      kind: "file",
      format: "torch-zip",
      completeness: whole("all there"),
      sizeBytes: 10,
      metrics,
      ...(settings && { hyperParameters: settings }),
      ...(epoch !== undefined && { epoch }),
    },
    tensors: tensors.map(([name, dtype, shape]) => ({ name, dtype, shape, sizeBytes: 4, isShared: false })),
  };
}

const before = details({
  tensors: [
    ["kept", "float32", [2, 2]],
    ["grown", "float32", [2]],
    ["halved", "float32", [2]],
    ["both", "float32", [2]],
    ["gone", "float32", []],
  ],
  settings: { lr: 0.1, model: { depth: 2, width: 8 }, seed: 1 },
  metrics: { loss: 0.5 },
  epoch: 1,
});
const after = details({
  tensors: [
    ["both", "float16", [3]],
    ["kept", "float32", [2, 2]],
    ["grown", "float32", [3]],
    ["halved", "float16", [2]],
    ["new|one", "int64", [1]],
  ],
  settings: { lr: 0.01, model: { depth: 2, width: 16 }, dropout: null },
  metrics: { loss: 0.25, acc: 0.9 },
  epoch: 2,
});

test("names what was added, removed, reshaped and retyped, whatever the order", () => {
  const { added, removed, ...rest } = compareCheckpoints(before, after);
  assert.deepEqual([added.map(({ name }) => name), removed.map(({ name }) => name)], [["new|one"], ["gone"]]);
  assert.deepEqual(rest, {
    reshaped: [
      { name: "both", before: [2], after: [3] },
      { name: "grown", before: [2], after: [3] },
    ],
    retyped: [
      { name: "both", before: "float32", after: "float16" },
      { name: "halved", before: "float32", after: "float16" },
    ],
    alikeCount: 1,
    hyperParameters: [
      { name: "lr", before: 0.1, after: 0.01 },
      { name: "model.width", before: 8, after: 16 },
      { name: "seed", before: 1 },
      { name: "dropout", after: null },
    ],
    numbers: [
      { name: "epoch", before: 1, after: 2 },
      { name: "loss", before: 0.5, after: 0.25 },
      { name: "acc", after: 0.9 },
    ],
  });
});

test("a comparison is written as tables whose cells no name can break", () => {
  const text = describeComparison({ before: before.summary, after: after.summary }, compareCheckpoints(before, after));
  assert.match(text, /^\| loss \| 0\.5 \| 0\.25 \|$/m);
  assert.match(text, /^\| acc \| – \| 0\.9 \|$/m);
  assert.match(text, /^\| new\\\|one \| int64 \| 1 \|$/m);
  assert.match(text, /^\*\*Tensors reshaped\*\* \(2\)$/m);
  assert.match(text, /^1 tensors? ha(s|ve) the same name, shape and dtype in both\. /m);
});

test("a checkpoint differs in nothing from itself", () => {
  const text = describeComparison(
    { before: before.summary, after: before.summary },
    compareCheckpoints(before, before),
  );
  assert.match(text, /5 tensors have .* in both; none differs\./);
  assert.doesNotMatch(text, /\*\*(Tensors|Hyper-parameters)/);
});

/** `tensors.json` beside the fixtures holds what torch and safetensors themselves report. */
const reported: unknown = JSON.parse(readFileSync("test/fixtures/checkpoints/tensors.json", "utf8"));

async function readFixture(name: string): Promise<CheckpointDetails> {
  const bytes = new Uint8Array(readFileSync(`test/fixtures/checkpoints/${name}`));
  return readCheckpointDetails(byteSourceOf(bytes), name);
}

test("every fixture lists the tensors that the library itself reports", async () => {
  assert.ok(typeof reported === "object" && reported !== null);
  for (const [name, expected] of Object.entries(reported)) {
    const { tensors } = await readFixture(name);
    assert.deepEqual(
      tensors.map(({ name: tensor, dtype, shape }) => [tensor, dtype, shape]),
      expected,
      name,
    );
  }
});

test("the older format and safetensors list their tensors with their bytes", async () => {
  for (const name of ["legacy.pt", "model.safetensors"]) {
    const { tensors, summary } = await readFixture(name);
    assert.equal(tensors.length >= summary.tensorCount && tensors.length > 0, true, name);
    assert.deepEqual(
      tensors.filter(({ sizeBytes = 0 }) => sizeBytes <= 0),
      [],
      name,
    );
  }
});

test("tied weights and views say that they share a storage", async () => {
  const { tensors } = await readFixture("tied_views.pt");
  assert.ok(tensors.some(({ isShared }) => isShared));
  const { tensors: alone } = await readFixture("weights_only.pth");
  assert.deepEqual(
    alone.filter(({ isShared }) => isShared),
    [],
  );
});

function textOfSizes(first: number, second: number): string {
  const sides = {
    before: { ...before.summary, sizeBytes: first },
    after: { ...after.summary, sizeBytes: second },
  };
  return describeComparison(sides, compareCheckpoints(before, after));
}

test("sizes that look the same are told apart by their bytes", () => {
  assert.match(textOfSizes(180_000, 180_020), /Both have 180 kB; they differ by 20 bytes\./);
  assert.match(textOfSizes(180_000, 190_000), /The size changed from 180 kB to 190 kB\./);
});
