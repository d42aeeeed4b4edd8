import assert from "node:assert/strict";
import { test } from "node:test";
import { linkPlaces, placedFiles } from "../../../src/core/chat/linkPlaces.ts";
import { assertScales } from "../../support/assertScales.ts";

const KNOWN = new Set(["train.py", "src/my_data.py", "my notes.md"]);

/** The answer with its links, each to `file#line`. */
function linked(markdown: string): string {
  return linkPlaces(markdown, (path, line) => (KNOWN.has(path) ? `to:${path}#${line}` : undefined));
}

test("a place in a known file becomes a link, in code and in running text", () => {
  assert.equal(linked("1. `train.py:181` is slow"), "1. [train.py:181](to:train.py#181) is slow");
  assert.equal(
    linked("see train.py:7, then (train.py:9)."),
    "see [train.py:7](to:train.py#7), then ([train.py:9](to:train.py#9)).",
  );
  assert.equal(linked("**train.py:7:** late"), "**[train.py:7](to:train.py#7):** late");
  assert.equal(linked("src/my\\_data.py:3: x"), "[src/my\\_data.py:3](to:src/my_data.py#3): x");
  assert.equal(linked("| `src/my_data.py:3` |"), "| [src/my_data.py:3](to:src/my_data.py#3) |");
  assert.equal(linked("`` my notes.md:2 ``"), "[my notes.md:2](to:my notes.md#2)");
  assert.equal(linked("`train.py:4-9` `train.py:4:9`"), "[train.py:4-9](to:train.py#4) [train.py:4:9](to:train.py#4)");
});

test("what names no place in a known file stays as it is", () => {
  for (const text of [
    "`train.py` and `other.py:3` and `train.py:0`",
    "`python train.py:3 --lr 1`",
    "train.py:3.5, old-train.py:3, x/train.py:3, train.py:3rd",
    "[`train.py:3`](https://example.com/train.py:3) ![train.py:3](train.py:3) <https://example.com/train.py:3>",
    "\\`train\\`",
  ]) {
    assert.equal(linked(text), text);
  }
});

test("code blocks stay as they are, and what follows them does not", () => {
  const code = "```sh\ntrain.py:3\n`train.py:3`\n```";
  assert.equal(linked(`${code}\ntrain.py:3`), `${code}\n[train.py:3](to:train.py#3)`);
  assert.equal(linked("x\n\n    train.py:3\n\ttrain.py:3"), "x\n\n    train.py:3\n\ttrain.py:3");
});

test("the files that are named are known before anything is looked up", () => {
  assert.deepEqual([...placedFiles("`b.py:1`, a.py:2 and `b.py:9`\n```\nc.py:1\n```")], ["b.py", "a.py"]);
});

test("what opens many links and closes none costs the time of its length", () => {
  for (const opening of ["[", "![", "<", "`"]) {
    assertScales(opening, (size) => linked(opening.repeat(size)), 5_000);
  }
});
