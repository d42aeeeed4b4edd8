import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_SEGMENT_LENGTH, OutputSplitter } from "../../../src/core/training/outputSplitter.ts";

/** Pushes each text at its time, flushing before it; `\n` and `\r` in the result say how a segment ended. */
function check(pushes: readonly [nowMs: number, text: string][], expected: readonly string[]): void {
  const splitter = new OutputSplitter();
  const segments = pushes.flatMap(([nowMs, text]) => [...splitter.flush(nowMs), ...splitter.push(text, nowMs)]);
  segments.push(...splitter.end(pushes.at(-1)?.[0] ?? 0));
  assert.deepEqual(
    segments.map(({ text, end }) => text + (end === "return" ? "\r" : "\n")),
    expected,
  );
}

test("gives each line once, whatever the chunks are", () => {
  check(
    [
      [0, "a\nb"],
      [1, "c\n\n"],
      [2, "d"],
    ],
    ["a\n", "bc\n", "\n", "d\n"],
  );
  check(
    [
      [0, "win\r"],
      [1, "\ndows\r\n"],
    ],
    ["win\n", "dows\n"],
  );
});

test("keeps one repaint per second and always the last one before a new line", () => {
  check(
    [
      [0, "1%\r"],
      [10, "2%\r"],
      [20, "3%\r"],
      [30, "done\n"],
    ],
    ["1%\r", "3%\r", "done\n"],
  );
  check(
    [
      [0, "\r1%"],
      [10, "\r2%"],
      [20, "\r3%\n"],
    ],
    ["1%\r", "2%\r", "3%\n"],
  );
  check(
    [
      [0, "1%\r"],
      [500, "2%\r"],
      [600, "\r"],
      [1700, ""],
    ],
    ["1%\r", "2%\r"],
  );
});

test("shows a line that waits for its end after a second, and the whole line when it ends", () => {
  check(
    [
      [0, "Download"],
      [900, "ing"],
      [1500, ""],
      [1600, ""],
      [3000, " done\n"],
    ],
    ["Downloading\r", "Downloading done\n"],
  );
  check(
    [
      [0, "bar 1"],
      [1500, ""],
      [1600, "\rbar 2"],
      [1700, "\n"],
    ],
    ["bar 1\r", "bar 2\n"],
  );
});

test("does not repaint a long growing line for every dot", () => {
  const dots = ".".repeat(1000);
  check(
    [
      [0, dots],
      [1000, "."],
      [2500, "."],
      [5000, "\n"],
    ],
    [`${dots}\r`, `${dots}..\n`],
  );
});

test("cuts an endless line, never through a character", () => {
  const splitter = new OutputSplitter();
  const [first, ...others] = splitter.push("😀".repeat(MAX_SEGMENT_LENGTH), 0);
  assert.equal(first?.text.length, MAX_SEGMENT_LENGTH);
  assert.equal(others.length, 0);
  const odd = new OutputSplitter();
  const [piece] = odd.push(`x${"😀".repeat(MAX_SEGMENT_LENGTH)}`, 0);
  assert.equal(piece?.text.length, MAX_SEGMENT_LENGTH - 1);
  assert.equal(piece?.text.endsWith("😀"), true);
});
