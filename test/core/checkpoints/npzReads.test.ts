import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { readNpz } from "../../../src/core/checkpoints/npz.ts";
import { buildZip, bytesOf, u16 } from "../../support/checkpointBuilders.ts";
import { seededRandom } from "../../support/seededRandom.ts";

const COUNT = 400_000;

/** Numbers that do not become smaller, so that deflate stores them as they are. */
function compressedArray(): Uint8Array {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${COUNT},)}\n`;
  const random = seededRandom(3);
  const values = Uint8Array.from({ length: COUNT }, () => random() * 256);
  return bytesOf("\x93NUMPY\x01\x00", u16(header.length), header, values);
}

for (const level of [0, 1, 6]) {
  test(`of a large array at level ${level} a few kilobytes are read for its header`, async () => {
    const array = compressedArray();
    const bytes = new Uint8Array(deflateRawSync(array, { level }));
    const directory = { method: 8, sizeBytes: array.length, storedBytes: bytes.length };
    const names = ["a", "b", "c"];
    const zip = byteSourceOf(buildZip(names.map((name) => ({ name: `${name}.npy`, bytes, directory }))));
    const lengths: number[] = [];
    const reading = await readNpz({
      ...zip,
      read: (offset, length) => {
        lengths.push(offset < bytes.length * 2 ? length : 0);
        return zip.read(offset, length);
      },
    });
    assert.equal(reading.completeness.state, "whole", reading.completeness.reason);
    assert.deepEqual(
      reading.tensors.map(({ name, shape }) => [name, shape]),
      names.map((name) => [name, [COUNT]]),
    );
    assert.ok(Math.max(...lengths) <= 8 * 1024, `read ${Math.max(...lengths)} bytes at once`);
  });
}
