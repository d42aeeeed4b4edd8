import assert from "node:assert/strict";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { FormatError } from "../../../src/core/base/errors.ts";
import { SqliteFile } from "../../../src/core/metrics/sqlite/sqliteFile.ts";
import { bytesOf } from "../../support/checkpointBuilders.ts";

const PAGE_BYTES = 512;
const [NODE, LEAF] = [5, 13];
/** Behind the header of the file, where the first page begins. */
const HEADER_BYTES = 100;

type Page = { type: number; cells: readonly Uint8Array[]; last?: number; next?: number };

/** A database of pages, each with its cells at its end. */
function databaseOf(pages: readonly Page[]): Uint8Array {
  const bytes = new Uint8Array(pages.length * PAGE_BYTES);
  bytes.set(bytesOf("SQLite format 3\0", [PAGE_BYTES >> 8, PAGE_BYTES & 255]));
  bytes[59] = 1;
  for (const [index, { type, cells, last = 0, next }] of pages.entries()) {
    const page = bytes.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
    const start = index === 0 ? HEADER_BYTES : 0;
    const places = start + (type === NODE ? 12 : 8);
    const view = new DataView(page.buffer, page.byteOffset, page.length);
    view.setUint8(start, type);
    view.setUint16(start + 3, cells.length);
    if (type === NODE) {
      view.setUint32(start + 8, last);
    }
    if (next !== undefined) {
      view.setUint32(0, next);
    }
    let at = PAGE_BYTES;
    for (const [number, cell] of cells.entries()) {
      at -= cell.length;
      page.set(cell, at);
      view.setUint16(places + number * 2, at);
    }
  }
  return bytes;
}

/** A row of one small number. */
const rowCell = (rowId: number) => bytesOf([3, rowId, 2, 1, rowId]);
const nodeCell = (child: number, key: number) => bytesOf([0, 0, 0, child, key]);

async function rowsOf(pages: readonly Page[], budget = Infinity): Promise<unknown[]> {
  let reads = 0;
  const whole = byteSourceOf(databaseOf(pages));
  const source = {
    ...whole,
    read: (offset: number, length: number) => {
      reads++;
      assert.ok(reads <= budget, `read ${reads} times`);
      return whole.read(offset, length);
    },
  };
  const file = await SqliteFile.open(source);
  assert.ok(file);
  const rows: unknown[] = [];
  for await (const { rowId, values } of file.rows({ rootPage: 2, columns: ["value"] })) {
    rows.push([rowId, ...values]);
  }
  return rows;
}

const first: Page = { type: LEAF, cells: [] };

test("the leaves of a tree give their rows in order", async () => {
  const pages = [
    first,
    { type: NODE, cells: [nodeCell(3, 2)], last: 4 },
    { type: LEAF, cells: [1, 2].map(rowCell) },
    { type: LEAF, cells: [3, 4].map(rowCell) },
  ];
  assert.deepEqual(await rowsOf(pages), [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
});

test("nodes that lead many times to the same child end the walk instead of being entered again and again", async () => {
  const levels = Array.from({ length: 11 }, (_, level) => ({
    type: NODE,
    cells: Array.from({ length: 40 }, (_cell, index) => nodeCell(level + 3, index + 1)),
    last: level + 3,
  }));
  const pages = [first, ...levels, { type: LEAF, cells: [rowCell(1)] }];
  await assert.rejects(rowsOf(pages, 100), FormatError);
  await assert.rejects(rowsOf([first, { type: NODE, cells: [], last: 2 }], 100), FormatError);
});

/** A page where a row goes on, whose first number is that of the next one. */
const overflowTo = (next: number): Page => ({ type: 0, cells: [], next });

test("a row that goes on where its page has ended is a damaged one", async () => {
  // 1,000 bytes, of which all that are in the leaf fit, but not the number of the page where they go on.
  const least = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;
  const local = least + ((1_000 - least) % (PAGE_BYTES - 4));
  const inLeaf = local <= PAGE_BYTES - 35 ? local : least;
  const cell = bytesOf([0x87, 0x68, 1], new Uint8Array(inLeaf));
  await assert.rejects(rowsOf([first, { type: LEAF, cells: [cell] }]), FormatError);
  const whole = bytesOf(cell, [0, 0, 0, 4]);
  await assert.rejects(rowsOf([first, { type: LEAF, cells: [whole] }]), /page 4 cannot be read/);
  const loop = bytesOf(cell, [0, 0, 0, 3]);
  await assert.rejects(rowsOf([first, { type: LEAF, cells: [loop] }, overflowTo(3)]), /page 3 .* in two places/);
});
