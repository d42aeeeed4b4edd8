import assert from "node:assert/strict";
import { test } from "node:test";
import { CsvRows } from "../../../src/core/metrics/csvRows.ts";
import { readDecimal } from "../../../src/core/metrics/decimalBytes.ts";
import { readNumber } from "../../../src/core/metrics/loggedNumber.ts";
import { seededRandom } from "../../support/seededRandom.ts";

/** The numbers of one column of a table, read in pieces that fall anywhere. */
function readColumn(cells: readonly string[], ending = "\n"): (number | undefined)[] {
  const found: (number | undefined)[] = [];
  const rows = new CsvRows({
    header: () => undefined,
    row: ({ values, isNumber }) => void found.push(isNumber[1] === 1 ? values[1] : undefined),
  });
  const bytes = new TextEncoder().encode(["first,second", ...cells.map((cell) => `7,${cell}`), ""].join(ending));
  for (let at = 0; at < bytes.length; at += 1_009) {
    rows.push(bytes.subarray(at, at + 1_009));
  }
  return found;
}

function check(texts: readonly string[], expected: (text: string) => number | undefined): void {
  for (const ending of ["\n", "\r\n"]) {
    const cells = readColumn(texts, ending);
    assert.equal(cells.length, texts.length);
    for (const [index, text] of texts.entries()) {
      assert.ok(Object.is(cells[index], expected(text)), `a cell with ${text}: ${cells[index]}`);
      assert.ok(Object.is(readNumber(text), expected(text)), `${text}: ${readNumber(text)}`);
    }
  }
}

test("a number is read as it was written, to the last bit", () => {
  const random = seededRandom(1);
  const texts: string[] = [];
  for (let round = 0; round < 5_000; round++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
    texts.push(String(value), value.toFixed(6), value.toExponential(), value.toPrecision(12), `  ${value}\t`);
  }
  // Up to twenty digits, of which Python writes seventeen.
  for (let round = 0; round < 30_000; round++) {
    const digits = Array.from({ length: 1 + (round % 20) }, () => Math.floor(random() * 10)).join("");
    const point = Math.floor(random() * digits.length);
    texts.push(
      `${digits.slice(0, point)}.${digits.slice(point)}`,
      `-0.${"0".repeat(round % 7)}${digits}e-0${round % 4}`,
    );
  }
  check(texts, Number);
});

test("a number between two doubles becomes the nearer one, and the even one where neither is", () => {
  const texts: string[] = [];
  for (let exponent = 0; exponent < 10; exponent++) {
    const half = (2n ** 53n + 1n) * 2n ** BigInt(exponent);
    texts.push(
      ...[half - 1n, half, half + 1n].flatMap((integer) => [`${integer}`, `${integer}.0`, `${integer}000e-3`]),
    );
  }
  // 1/2^k ends after k digits behind the point; half of the last bit of a double near 1 would need 53 of them.
  texts.push(
    "9007199254740993",
    "0.50000000000000011",
    "1.00000000000000011",
    "4503599627370497.5",
    "4503599627370496.5",
  );
  check(texts, Number);
});

test("the numbers that Python writes are read without a text of them", () => {
  const random = seededRandom(2);
  const values = new Float64Array(1);
  for (let round = 0; round < 10_000; round++) {
    const text = String((random() - 0.5) * 10 ** (round % 8));
    const bytes = new TextEncoder().encode(`${text},`);
    assert.equal(readDecimal(bytes, 0, values, 0), text.length, text);
    assert.equal(values[0], Number(text));
  }
});

test("signs, missing digits, exponents and the words for what is no number are taken as Python writes them", () => {
  const expected = new Map<string, number | undefined>([
    ["-0", -0],
    ["+.5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["1E-05", 0.00001],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["0.000000000000000000000000001", 1e-27],
    ["1e-9999", 0],
    ["NaN", Number.NaN],
    ["-inf", -Infinity],
    ["Infinity", Infinity],
  ]);
  for (const text of [
    "",
    " ",
    ".",
    "-",
    "-.",
    "e5",
    "1e",
    "1e+",
    ".e1",
    "1.2.3",
    "0x10",
    "12 34",
    "nano",
    "1_000",
    "é",
  ]) {
    expected.set(text, undefined);
  }
  check([...expected.keys()], (text) => expected.get(text));
  assert.equal(readNumber("1,5"), undefined);
});
