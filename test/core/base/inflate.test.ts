import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { EndOfBytesError } from "../../../src/core/base/byteReader.ts";
import { FormatError } from "../../../src/core/base/errors.ts";
import { inflateRaw } from "../../../src/core/base/inflate.ts";

const text = Buffer.from(Array.from({ length: 3000 }, (_, index) => `layer.${index % 97}.weight `).join(""));
const noise = Buffer.from(Float64Array.from({ length: 5000 }, (_, index) => Math.sin(index * index)).buffer);
const samples: [what: string, bytes: Buffer][] = [
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from([7])],
  ["a run", Buffer.alloc(100_000, 3)],
  ["text", text],
  ["noise", noise],
  ["all of them", Buffer.concat([noise, text, Buffer.alloc(70_000), noise])],
];

test("gives what zlib compressed, with stored, fixed and dynamic codes", () => {
  for (const [what, bytes] of samples) {
    for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }]) {
      const compressed = deflateRawSync(bytes, options);
      const { bytes: found, isComplete, consumedBytes } = inflateRaw(Buffer.concat([compressed, noise]), 1_000_000);
      assert.ok(Buffer.from(found).equals(bytes), what);
      assert.deepEqual([isComplete, consumedBytes], [true, compressed.length], what);
    }
  }
});

test("stops at its limit, however much is compressed", () => {
  const bomb = deflateRawSync(Buffer.alloc(50_000_000));
  const { bytes, isComplete } = inflateRaw(bomb, 1_000);
  assert.deepEqual([bytes.length, isComplete], [1_000, false]);
});

test("tells an end that is missing from bytes that are no stream", () => {
  const compressed = deflateRawSync(text);
  for (let length = 0; length < compressed.length; length += 37) {
    assert.throws(() => inflateRaw(compressed.subarray(0, length), 1_000_000), EndOfBytesError);
  }
  for (let at = 0; at < compressed.length; at += 5) {
    const flipped = Buffer.from(compressed);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    try {
      inflateRaw(flipped, 1_000_000);
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
  }
});

test("a stream of blocks that hold nothing ends soon", () => {
  const empty = deflateRawSync(new Uint8Array(), { finishFlush: constants.Z_FULL_FLUSH });
  const stored = Buffer.concat(Array.from({ length: 1_000_000 }, () => empty));
  const before = process.cpuUsage();
  assert.throws(() => inflateRaw(stored, 1_000_000), /more than 8192 blocks/);
  assert.ok(process.cpuUsage(before).user / 1000 < 200);
});
