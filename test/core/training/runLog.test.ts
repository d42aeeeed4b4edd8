import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogPainter, createLogReader, type LogLine, renderLogLine } from "../../../src/core/training/runLog.ts";

const time = new Date("2026-11-21T03:44:55.123Z");
const stamp = "2026-11-21T03:44:55.123Z";
const lines: LogLine[] = [
  { time: stamp, text: "é 1%", end: "return" },
  { time: stamp, text: "", end: "newline" },
  { time: stamp, text: " x ", end: "newline" },
];
const bytes = new TextEncoder().encode(lines.map((line) => renderLogLine(line, time)).join(""));

test("writes a segment as time, text and its end", () => {
  assert.equal(renderLogLine({ text: "a", end: "newline" }, time), `${stamp} a\n`);
  assert.equal(renderLogLine({ text: "1%", end: "return" }, time), `${stamp} 1%\r\n`);
});

test("reads back what was written, wherever the chunks are torn", () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = createLogReader();
    assert.deepEqual([...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))], lines);
  }
});

test("keeps a torn last line back and drops a torn first one", () => {
  const reader = createLogReader({ startsInsideLine: true });
  assert.deepEqual(reader.push(bytes.subarray(3, bytes.length - 1)), lines.slice(1, 2));
  assert.deepEqual(reader.push(bytes.subarray(bytes.length - 1)), lines.slice(2));
});

test("takes a line without a time as it is", () => {
  const foreign = new TextEncoder().encode("hello\n2026 no time\n");
  assert.deepEqual(createLogReader().push(foreign), [
    { text: "hello", end: "newline" },
    { text: "2026 no time", end: "newline" },
  ]);
});

test("does not collect a file without line ends in memory", () => {
  const reader = createLogReader();
  const found = [0, 1, 2, 3].flatMap(() => reader.push(new Uint8Array(200_000).fill(120)));
  assert.equal(found.length, 2);
});

function checkPaint(texts: readonly string[], expected: string, isTerminal = false): void {
  const painter = createLogPainter({ isTerminal });
  const painted = texts.map((text) => {
    const isReturn = text.endsWith("\r");
    return painter.paint({ text: isReturn ? text.slice(0, -1) : text, end: isReturn ? "return" : "newline" });
  });
  assert.equal(painted.join("") + painter.end(), expected);
}

test("paints a bar over the one before and goes on with a line that waited", () => {
  checkPaint(["a", "b"], "a\nb\n");
  checkPaint(["1%\r", "2%\r", "done"], "1%\r2%\rdone\n");
  checkPaint(["10%\r", "9%"], "10%\r\u001b[K9%\n", true);
  checkPaint(["Load\r", "Load ok"], "Load ok\n");
  checkPaint(["1%\r", ""], "1%\n");
  checkPaint(["1%\r"], "1%\n");
});
