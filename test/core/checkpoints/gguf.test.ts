import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { readCheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";

const bytes = new Uint8Array(readFileSync("test/fixtures/checkpoints/model.gguf"));
const read = (changed: Uint8Array) => readCheckpointDetails(byteSourceOf(changed), "model.gguf");

test("lists tensors and settings of a GGUF file as the gguf package does", async () => {
  const { summary, tensors } = await read(bytes);
  assert.deepEqual([summary.format, summary.completeness.state, summary.parameterCount], ["gguf", "whole", 1028]);
  assert.deepEqual(
    tensors.map(({ name, dtype, shape, sizeBytes }) => [name, dtype, shape, sizeBytes]),
    [
      ["output_norm.weight", "F32", [4], 16],
      ["blk.0.attn_q.weight", "Q8_0", [4, 256], 1088],
    ],
  );
  assert.deepEqual(summary.hyperParameters, {
    "general.architecture": "llama",
    "general.name": "tiny",
    "llama.block_count": 1,
    "trainyard.scale": 0.5,
    "trainyard.tied": true,
    "trainyard.tokens_seen": String(2n ** 60n),
    "tokenizer.ggml.tokens": "3 texts",
    "trainyard.widths": "2 values",
  });
});

test("counts that no file could hold are refused before anything is allocated", async () => {
  for (const at of [8, 16, 24]) {
    const changed = Uint8Array.from(bytes);
    changed.fill(0xff, at, at + 6);
    const { summary } = await read(changed);
    assert.notEqual(summary.completeness.state, "whole");
  }
});

test("a tensor that does not begin where the one before it ends makes a file unclear, as llama.cpp refuses it", async () => {
  const name = Buffer.from(bytes).indexOf("blk.0.attn_q.weight");
  // Behind the name: number of dimensions, two of eight bytes, the type, then the offset.
  const offset = name + "blk.0.attn_q.weight".length + 4 + 16 + 4;
  assert.equal(bytes[offset], 32);
  const { summary } = await read(bytes.map((byte, at) => (at === offset ? 0 : byte)));
  assert.deepEqual(summary.completeness, {
    state: "unknown",
    reason: "blk.0.attn_q.weight is not where the tensor before it ends",
  });
});
