import assert from "node:assert/strict";
import { test } from "node:test";
import { TextLines } from "../../../src/core/metrics/lineBlocks.ts";

/** The lines of a text that arrives in pieces of a size. */
function linesOf(text: string, size: number): string[] {
  const lines = new TextLines();
  const bytes = new TextEncoder().encode(text);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    found.push(...lines.push(bytes.subarray(at, at + size)));
  }
  return found.filter((line) => line !== "");
}

test("lines are the same however they arrive", () => {
  for (const size of [1, 2, 3, 7, 100]) {
    assert.deepEqual(linesOf("a\nbc\n\nd,é\nrest", size), ["a", "bc", "d,é"], `pieces of ${size}`);
  }
});

test("of a line that is too long nothing becomes a line of its own", () => {
  const long = `2,${"9".repeat(1_100_000)}7,123`;
  for (const size of [1_000, 65_536, 600_000, 5_000_000]) {
    const found = linesOf(`1,0.5\n${long}\n3,0.25\n`, size).map((line) => line.slice(0, 20));
    assert.deepEqual(found, ["1,0.5", "3,0.25"], `pieces of ${size}`);
  }
});
