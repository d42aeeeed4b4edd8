import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, maskedCrc32c } from "../../../src/core/base/crc32.ts";
import { EventLog } from "../../../src/core/metrics/eventLog.ts";
import { SeriesTable } from "../../../src/core/metrics/seriesTable.ts";
import { assertScales } from "../../support/assertScales.ts";
import { restartRecord, scalarRecord } from "../../support/eventRecords.ts";

function fill(table: SeriesTable, values: readonly number[]) {
  const series = table.open("x");
  assert.ok(series);
  values.forEach((value, step) => table.add(series, step, 0, value));
  return series;
}

test("a table beyond its budget keeps the ends, the extremes and what is no number of its series", () => {
  const values = Array.from({ length: 5_000 }, (_, step) => Math.sin(step / 10));
  values[1_234] = 7;
  values[2_345] = -7;
  values[3_456] = Number.NaN;
  const table = new SeriesTable(1_000);
  const series = fill(table, values);
  assert.ok(series.length <= 1_000 && series.length > 400, String(series.length));
  assert.equal(series.length + series.omitted, 5_000);
  assert.deepEqual([series.steps[0], series.steps.at(-1)], [0, 4_999]);
  assert.deepEqual(
    [1_234, 2_345, 3_456].map((step) => series.values[series.steps.indexOf(step)]),
    [7, -7, Number.NaN],
  );
  assert.deepEqual(
    [...series.steps],
    [...series.steps].toSorted((a, b) => a - b),
  );
  assert.match(table.problem ?? "", /More than 1000 values/);
});

test("a restart takes the steps behind it, and says that something was taken", () => {
  const table = new SeriesTable();
  const series = fill(table, [1, 2, 3, 4]);
  table.purgeFrom(4);
  assert.deepEqual([series.length, series.generation], [4, 0]);
  table.purgeFrom(2);
  assert.deepEqual([[...series.values], series.generation], [[1, 2], 1]);
});

test("times that nobody told are no numbers, before the first that was told and where there is none", () => {
  const table = new SeriesTable();
  const [silent, timed] = [table.open("silent"), table.open("timed")];
  assert.ok(silent && timed);
  for (let step = 0; step < 20; step++) {
    table.add(silent, step, Number.NaN, step);
    table.add(timed, step, step < 12 ? Number.NaN : step * 1000, step);
  }
  table.purgeFrom(14);
  assert.deepEqual([...silent.times], Array(14).fill(Number.NaN));
  assert.deepEqual([...timed.times], [...Array(12).fill(Number.NaN), 12_000, 13_000]);
});

test("a series has room at once for what is expected of it, and goes on where more comes", () => {
  const table = new SeriesTable();
  const series = fill(table, [1, 2, 3, 4]);
  table.expect(5);
  for (let step = 4; step < 9; step++) {
    table.add(series, step, 0, step);
  }
  const room = series.values.buffer.byteLength / 8;
  assert.ok(room >= 20 && room < 25, String(room));
  for (let step = 9; step < 100; step++) {
    table.add(series, step, 0, step);
  }
  assert.deepEqual([...series.values], [1, 2, 3, 4, ...Array.from({ length: 96 }, (_, index) => index + 4)]);
});

test("a restart takes what lies behind it from between other steps as well", () => {
  const table = new SeriesTable();
  const series = table.open("x");
  assert.ok(series);
  for (const step of [1, 9, 2, 8, 3]) {
    table.add(series, step, 0, step);
  }
  table.purgeFrom(10);
  assert.deepEqual([[...series.steps], series.generation], [[1, 9, 2, 8, 3], 0]);
  table.purgeFrom(3);
  assert.deepEqual([[...series.steps], series.generation], [[1, 2], 1]);
  table.add(series, 5, 0, 5);
  table.purgeFrom(2);
  assert.deepEqual([[...series.steps], series.generation], [[1], 2]);
});

function stepsThatGoOn(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, step) => [scalarRecord("a", step), restartRecord(step + 1)]).flat();
}

function oneStepAgain(count: number): Uint8Array[] {
  const before = Array.from({ length: count }, (_, step) => scalarRecord("a", step));
  return [...before, ...before.flatMap(() => [scalarRecord("a", count), restartRecord(count)])];
}

test("an event file of many restarts is read in the time of its size", () => {
  for (const recordsOf of [stepsThatGoOn, oneStepAgain]) {
    const files = new Map<number, Uint8Array>();
    const read = (size: number) => {
      const bytes = files.get(size) ?? Buffer.concat(recordsOf(size));
      files.set(size, bytes);
      new EventLog().push(bytes);
    };
    assertScales(`restarts of ${recordsOf.name}`, read, 2_000);
  }
});

test("the room for what is expected of many series stays within what is kept of all", () => {
  const table = new SeriesTable(10_000);
  const all = Array.from({ length: 100 }, (_, index) => table.open(String(index)) ?? assert.fail());
  all.forEach((series) => table.add(series, 0, Number.NaN, 1));
  table.expect(1e6);
  for (let step = 1; step < 50; step++) {
    all.forEach((series) => table.add(series, step, Number.NaN, 1));
  }
  const room = all.reduce((sum, series) => sum + series.values.buffer.byteLength / 8, 0);
  assert.ok(room <= 20_000, String(room));
});

test("the checksums are those of the formats", () => {
  const bytes = new TextEncoder().encode("123456789");
  // The check values of CRC-32C and CRC-32 in the catalogue of parametrised CRC algorithms.
  const crc32c = 0xe3069283;
  assert.equal(maskedCrc32c(bytes), (((crc32c >>> 15) | (crc32c << 17)) + 0xa282ead8) >>> 0);
  assert.equal(crc32(0x31, bytes.subarray(1)), 0xcbf43926);
  const padded = new Uint8Array(30);
  padded.set(bytes, 11);
  assert.equal(maskedCrc32c(padded, 11, 20), maskedCrc32c(bytes));
});
