import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, maskedCrc32c } from "../../../src/core/base/crc32.ts";
import { readNumber } from "../../../src/core/metrics/loggedNumber.ts";
import { SeriesTable } from "../../../src/core/metrics/seriesTable.ts";
import { seededRandom } from "../../support/seededRandom.ts";

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

function checkNumber(text: string, expected: number | undefined): void {
  assert.ok(Object.is(readNumber(text), expected), `${text}: ${readNumber(text)}`);
}

test("a number is read as it was written, to the last bit", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 5_000; round++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
    for (const text of [
      String(value),
      value.toFixed(6),
      value.toExponential(),
      value.toPrecision(12),
      `  ${value}\r`,
    ]) {
      checkNumber(text, Number(text));
    }
  }
  // Sixteen to twenty digits, of which Python writes seventeen, and values halfway between two doubles.
  for (let round = 0; round < 20_000; round++) {
    const digits = Array.from({ length: 16 + (round % 5) }, () => Math.floor(random() * 10)).join("");
    const point = Math.floor(random() * digits.length);
    const text = `${digits.slice(0, point)}.${digits.slice(point)}`;
    checkNumber(text, Number(text));
  }
  for (let exponent = 0; exponent < 10; exponent++) {
    const half = (2n ** 53n + 1n) * 2n ** BigInt(exponent);
    for (const text of [half - 1n, half, half + 1n].map((integer) => `${integer}.0`)) {
      checkNumber(text, Number(text));
    }
  }
  checkNumber("9007199254740993", 9007199254740992);
  checkNumber("-0", -0);
  checkNumber("+.5", 0.5);
  checkNumber("5.", 5);
  checkNumber("123456789012345678901234567890", 1.2345678901234568e29);
  checkNumber("0.000000000000000000000000001", 1e-27);
  checkNumber("NaN", Number.NaN);
  checkNumber("-inf", -Infinity);
  checkNumber("Infinity", Infinity);
  for (const text of ["", " ", ".", "-", "e5", "1e", "1e+", "1.2.3", "0x10", "1,5", "12 34", "nano", "1_000"]) {
    checkNumber(text, undefined);
  }
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
