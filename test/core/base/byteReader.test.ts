import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, EndOfBytesError, readExactly } from "../../../src/core/base/byteReader.ts";
import { FormatError } from "../../../src/core/base/errors.ts";

const reader = (...bytes: number[]): ByteReader => new ByteReader(Uint8Array.from(bytes), "test", 100);

test("reads little-endian numbers in order", () => {
  const bytes = reader(1, 2, 0, 3, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 4, 0, 0, 0, 1, 0, 0, 0);
  assert.deepEqual([bytes.u8(), bytes.u16(), bytes.u32(), bytes.i32(), bytes.u64()], [1, 2, 3, -1, 0x1_0000_0004]);
  assert.equal(bytes.remaining, 0);
});

test("reads the floating point numbers of pickle from their most significant byte", () => {
  assert.equal(reader(0x3f, 0xe0, 0, 0, 0, 0, 0, 0).f64BigEndian(), 0.5);
});

test("refuses to read past the end and names the offset in the file", () => {
  const bytes = reader(1, 2);
  assert.throws(
    () => bytes.u32(),
    (error) => error instanceof EndOfBytesError && error.offset === 100,
  );
  assert.throws(() => bytes.bytes(Number.MAX_SAFE_INTEGER), EndOfBytesError);
  assert.equal(bytes.u16(), 0x0201, "a refused read moves nothing");
});

test("refuses 64-bit numbers that a double cannot hold", () => {
  assert.throws(() => reader(0, 0, 0, 0, 0, 0, 0x20, 0).u64(), FormatError);
});

test("reads lines without their end, and none without one", () => {
  const bytes = new ByteReader(new TextEncoder().encode("ab\n\ncd"), "test");
  assert.equal(bytes.line(10).length, 2);
  assert.equal(bytes.line(10).length, 0);
  assert.throws(() => bytes.line(10), EndOfBytesError);
  assert.throws(
    () => bytes.line(1),
    (error) => error instanceof FormatError && !(error instanceof EndOfBytesError),
    "a line that is too long already is no matter of missing bytes",
  );
});

test("tells a source that became shorter from one that was never long enough", async () => {
  const shrunk = { sizeBytes: 10, read: () => Promise.resolve(new Uint8Array(3)) };
  await assert.rejects(readExactly(shrunk, { offset: 0, length: 8 }, "test"), /became shorter/);
  await assert.rejects(readExactly(shrunk, { offset: 8, length: 8 }, "test"), /8 bytes are promised at byte 8/);
});
