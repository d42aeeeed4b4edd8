import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError } from "../../../src/core/base/errors.ts";
import { parseStrictJson, parseTolerantJson } from "../../../src/core/checkpoints/tolerantJson.ts";

test("reads JSON as Python writes it", () => {
  const text = ' {"a": [NaN, -Infinity, Infinity, -1.5e3, true, null], "b\\u00fc\\"": {}, "__proto__": []} ';
  assert.deepEqual(
    parseTolerantJson(text, "test"),
    new Map<string, unknown>([
      ["a", [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -1500, true, null]],
      ['bü"', new Map()],
      ["__proto__", []],
    ]),
  );
});

test("refuses what is no JSON, with the place where it stops", () => {
  const cases: [string, number][] = [
    ["", 0],
    ["{", 1],
    ['{"a" 1}', 5],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["{} x", 3],
    ['"\n"', 0],
    ['"\\q"', 0],
    ["nan", 0],
    ["-", 0],
    ["[01]", 2],
    ['{"a":1,"a":2}', 10],
  ];
  for (const [text, offset] of cases) {
    assert.throws(
      () => parseTolerantJson(text, "test"),
      (error) => error instanceof FormatError && error.offset === offset,
      text,
    );
  }
  assert.throws(() => parseTolerantJson("[".repeat(1000), "test"), /nested too deeply/);
});

test("refuses what a strict reader does not take for a text or a whole number", () => {
  const text = '{"a": [0, -1, 12345678901], "\\ud83d\\ude00": null, "b": true}';
  assert.deepEqual(parseStrictJson(text, "test"), parseTolerantJson(text, "test"));
  for (const refused of ["NaN", "1.0", "1e3", "-0", "-Infinity", '"\\ud800"', '{"\\udc00": 1}']) {
    assert.throws(() => parseStrictJson(refused, "test"), FormatError, refused);
    parseTolerantJson(refused, "test");
  }
});
