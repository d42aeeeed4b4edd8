import assert from "node:assert/strict";
import { test } from "node:test";
import { readCodeCells } from "../../../src/core/base/notebookCells.ts";

/** The rows of all cells of code, as `line: text`; a reason as it stands. */
function rowsOf(text: string): string[] | string {
  const notebook = readCodeCells(text);
  return "reason" in notebook
    ? notebook.reason
    : notebook.cells.flatMap(({ rows }) => rows.map((row) => `${row.line}: ${row.text}`));
}

const cell = (source: string) => `{"cell_type": "code", "source": ${JSON.stringify([source])}}`;

test("takes megabytes of escapes in one text beside a number that is no JSON", () => {
  const outputs = 'a\\n\\"\\\\'.repeat(3_000_000);
  const text = `{"k": NaN, "out": "${outputs}",\n"cells": [${cell("x = 1")}], "worst": -Infinity}`;
  assert.deepEqual(rowsOf(text), ["1: x = 1"]);
  assert.equal(rowsOf(text.slice(0, -1)), "it ends too early");
});

test("reads a notebook on one line in one pass", () => {
  const outputs = '"a", '.repeat(600_000);
  const start = performance.now();
  assert.deepEqual(rowsOf(`{"out": [${outputs}0], "cells": [${cell("x = 1")}]}`), ["0: x = 1"]);
  assert.ok(performance.now() - start < 5_000);
});

test("leaves what texts say of numbers, and tells lines that are escaped in several ways", () => {
  const text = `{"cells": [\n${cell('"NaN \\" NaN"')},\n{"cell_type": "code", "source": "\\u0061 = 1"}], "k": [NaN, Infinity]}`;
  assert.deepEqual(rowsOf(text), ['1: "NaN \\" NaN"', "2: a = 1"]);
});

test("no text makes it throw", () => {
  const whole = `{"cells": [${cell('x = "\\\\"\n')}, null, 1, {"source": [1, "a\\r", "\\nb"]}], "k": [NaN, -Infinity, "\\""]}`;
  for (let at = 0; at <= whole.length; at++) {
    for (const put of ["", '"', "\\", "\\\\", "NaN", "[", "}", "\n", "\u0000", "\ud800"]) {
      readCodeCells(whole.slice(0, at) + put + whole.slice(at + 1));
      readCodeCells(whole.slice(at) + put);
    }
  }
  for (const text of ["[".repeat(1_000_000), '"', '"\\', "null", "NaN", '{"cells": {}}', '{"cells": [[]]}']) {
    readCodeCells(text);
  }
});
