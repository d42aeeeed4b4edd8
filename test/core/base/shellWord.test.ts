import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { withoutControls } from "../../../src/core/base/markdown.ts";
import { quoteControls, quoteWord } from "../../../src/core/base/shellWord.ts";

test("a word with control characters moves no cursor, and bash reads back what it was", () => {
  for (const word of ["new\nline\u001b[31m.pt", "it's\ta \\ tab.pt"]) {
    const quoted = quoteWord(word);
    assert.doesNotMatch(quoted, /\p{Cc}/u);
    assert.equal(execFileSync("bash", ["-c", `printf %s ${quoted}`], { encoding: "utf8" }), word);
  }
  assert.equal(quoteControls("\u0085 next line"), String.raw`$'\u0085 next line'`);
  assert.equal(quoteControls("it's plain.pt"), "it's plain.pt");
  assert.equal(withoutControls("two\nlines\u001b[2J\u009b"), "two\nlines [2J ");
});
