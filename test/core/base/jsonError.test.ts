import assert from "node:assert/strict";
import { test } from "node:test";
import { findJsonError } from "../../../src/core/base/jsonError.ts";
import { parseJson } from "../../../src/core/base/parseJson.ts";

/** `expected`: the line, counted from one, and the reason; nothing for JSON. */
function check(text: string, expected: string | undefined): void {
  const error = findJsonError(text);
  assert.equal(error && `${error.line + 1} ${error.reason}`, expected, text);
}

test("finds the line on which a text stops being JSON", () => {
  check('{"a": [1, -2.5e3, true, null, "x\\n\\u00e9"], "b": {}}\n', undefined);
  check("", "1 it ends too early");
  check('{\n "a": 1,\n', "2 it ends too early");
  check('{\n "a": "never closed', "2 it ends too early");
  check('{\n "a": 1\n "b": 2\n}', '3 `"b": 2` may not stand here');
  check('{\n "a": 1,\n}', "3 `}` may not stand here");
  check("[1,\n\n01]", "3 `01]` may not stand here");
  check("{\n<<<<<<< HEAD\n}", "2 `<<<<<<< HEAD` may not stand here");
  check('["a\nb"]', '1 `"a` may not stand here');
  check("[1]\n[2]", "2 `[2]` may not stand here");
  check('{"a" 1}', "1 `1}` may not stand here");
  check('{"a": 1]', "1 `]` may not stand here");
  check('["\\"", "a\\\\"]', undefined);
  check('["\\x"]', '1 `"\\x"]` may not stand here');
});

test("agrees with JSON.parse on every text with one character less or another", () => {
  const whole = '{"a": [1, -0.5e+3, {"b": "c\\"\\\\"}, [], {}], "d": [true, false, null, "\\u12ab"]}';
  for (let at = 0; at <= whole.length; at++) {
    for (const put of ["", '"', ",", "}", "]", "0", "-", "\\", " ", "\n"]) {
      const text = whole.slice(0, at) + put + whole.slice(at + 1);
      assert.equal(findJsonError(text) === undefined, parseJson(text) !== undefined, text);
    }
  }
});

test("takes a text of megabytes, half of it escapes", () => {
  const text = JSON.stringify(['"\n'.repeat(1_000_000)]);
  assert.deepEqual([findJsonError(text), findJsonError(text.slice(0, -1))?.line], [undefined, 0]);
});
