import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError } from "../../../src/core/base/errors.ts";
import { parseTolerantJson } from "../../../src/core/checkpoints/tolerantJson.ts";

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
