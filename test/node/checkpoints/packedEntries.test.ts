import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointEntry } from "../../../src/core/checkpoints/checkpointListing.ts";
import { emptyContents, unknown } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { packEntries, unpackEntries } from "../../../src/node/checkpoints/packedEntries.ts";

function entry(index: number, reason: string): CheckpointEntry {
  const metrics = { loss: index % 2 === 0 ? Number.NaN : index };
  return {
    path: `/runs/epoch_${index}.pt`,
    modifiedMs: index,
    summary: {
      ...emptyContents,
      metrics,
      name: `epoch_${index}.pt`,
      kind: "file",
      format: "pickle",
      completeness: unknown(reason),
      sizeBytes: 1,
    },
  };
}

test("entries are packed in pieces of a bounded size, and come out as they went in", async () => {
  const small = Array.from({ length: 3_000 }, (_, index) => entry(index, "small"));
  const large = [0, 1, 2].map((index) => entry(index, "large".repeat(100_000)));
  for (const entries of [[], small, [...large, ...small.slice(0, 2)]]) {
    const pieces = packEntries(entries);
    assert.ok(pieces.length <= 6, `${pieces.length} pieces`);
    assert.ok(pieces.every(({ length }) => length < 1_000_000));
    assert.deepEqual(await unpackEntries(pieces), entries);
  }
  assert.equal(packEntries(large).length, 3);
});

test("unpacking lets others work between the pieces, and stops when nobody wants them any more", async () => {
  const entries = Array.from({ length: 3_000 }, (_, index) => entry(index, "small"));
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  await assert.rejects(unpackEntries(packEntries(entries), stop.signal), { name: "AbortError" });
});
