import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deepenHeadings,
  escapeMarkdown,
  escapeSentence,
  fencedBlock,
  inlineCode,
  plainText,
} from "../../../src/core/base/markdown.ts";

test("a block of code cannot be ended by what is in it", () => {
  assert.equal(fencedBlock("a\n", "sh"), "```sh\na\n```");
  assert.equal(fencedBlock("x\n````\ny", "text"), "`````text\nx\n````\ny\n`````");
});

test("inline code shows backticks, on one line", () => {
  assert.equal(inlineCode("a b"), "`a b`");
  assert.equal(inlineCode("a`b\nc"), "`` a`b c ``");
});

test("text shows as it is: no links, headings, tables or emphasis", () => {
  assert.equal(escapeMarkdown("[x](command:y) *z* | ~~a~~ <b>"), "\\[x\\](command:y) \\*z\\* \\| \\~~a\\~~ \\<b>");
  assert.equal(escapeMarkdown("# > not a _heading_"), "\\# > not a \\_heading\\_");
  assert.equal(escapeMarkdown("val_acc >= 0.9 #3"), "val_acc >= 0.9 #3");
  assert.equal(escapeMarkdown("one\n\ntwo"), "one two");
  assert.equal(escapeMarkdown("x".repeat(20), 10), `${"x".repeat(9)}…`);
});

test("a sentence keeps its names in backticks, and what it quotes stays text", () => {
  assert.equal(escapeSentence("`--lr` takes a number, not `1[e]`."), "`--lr` takes a number, not `1[e]`.");
  assert.equal(escapeSentence("not `a`[x](command:y)`."), "not `a`\\[x\\](command:y)\\`.");
  assert.equal(escapeSentence("``"), "\\`\\`");
});

test("a terminal gets the text without the marks", () => {
  assert.equal(plainText("- **a\\_b** · `c`  \n  \\`d\\` \\*e\\*"), "- a_b · c\n  `d` *e*");
});

test("headings go one level down, and lines of code that look like headings stay", () => {
  assert.equal(deepenHeadings("# A\n\n###### F\n#!x"), "## A\n\n###### F\n#!x");
  const code = "````sh\n# a\n```\n# b\n````";
  assert.equal(deepenHeadings(`${code}\n# C`), `${code}\n## C`);
  assert.equal(deepenHeadings("~~~\n# a\n~~~ x\n# b\n~~~\n# C"), "~~~\n# a\n~~~ x\n# b\n~~~\n## C");
});
