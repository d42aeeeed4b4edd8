import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ReadAhead } from "../../../src/node/metrics/readAhead.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const SIZE = 1_500_000;
const content = randomBytes(SIZE);

function writeContent(context: TestContext): string {
  const path = join(temporaryFolder(context), "log");
  writeFileSync(path, content);
  return path;
}

/** Reads from place to place, where `next` gives the offset behind the piece that was read. */
async function readAll(path: string, next: (end: number, piece: number) => number, until = SIZE): Promise<number> {
  const handle = await open(path);
  try {
    const pieces = new ReadAhead(handle);
    let count = 0;
    for (let offset = 0; offset < until; count++) {
      const bytes = await pieces.read(offset, until);
      assert.ok(bytes.length > 0 && offset + bytes.length <= until);
      assert.ok(content.subarray(offset, offset + bytes.length).equals(bytes), `bytes from ${offset}`);
      offset = next(offset + bytes.length, count);
    }
    return count;
  } finally {
    await handle.close();
  }
}

test("a file comes in order, in few pieces, and no further than it was asked for", async (context) => {
  const path = writeContent(context);
  assert.equal(await readAll(path, (end) => end), Math.ceil(SIZE / (1 << 18)));
  assert.equal(await readAll(path, (end) => end, 300_000), 2);
});

test("bytes that are passed over, at once or after some pieces, are none of those that follow", async (context) => {
  const path = writeContent(context);
  await readAll(path, (end) => end + 10_000);
  await readAll(path, (end, piece) => (piece === 1 ? end + 70_000 : end));
  await readAll(path, (end, piece) => (piece === 0 ? end - 1 : end));
});

test("a file that ends early gives what there is, then nothing, and one left in the middle is closed in peace", async (context) => {
  const path = writeContent(context);
  const handle = await open(path);
  const pieces = new ReadAhead(handle);
  await pieces.read(0, SIZE);
  await truncate(path, 400_000);
  const second = await pieces.read(1 << 18, SIZE);
  assert.ok(second.length > 0);
  assert.equal((await pieces.read(SIZE, SIZE + 10)).length, 0);
  await handle.close();
});
