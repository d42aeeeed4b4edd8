import assert from "node:assert/strict";
import { test } from "node:test";
import { firstMixedIndent } from "../../../src/core/base/mixedIndent.ts";

/** The line, counted from zero, that Python 3 refuses with a TabError. */
function check(lines: readonly string[], expected: number | undefined): void {
  assert.equal(firstMixedIndent(lines.join("\n"))?.start.line, expected, lines.join("\n"));
}

test("tabs and spaces are mixed where only one width of a tab makes sense of them", () => {
  check(["if a:", "\tb = 1", "        c = 2"], 2);
  check(["if a:", "        b = 1", "\tc = 2"], 2);
  check(["if a:", "\tif b:", "        \tc = 1", "\td = 2"], undefined);
  check(["if a:", "    if b:", "\tc = 1"], 2);
  check(["if a:", "    b = 1", "if c:", "\td = 1"], undefined);
});

test("what is in a text, in brackets, blank or a comment has no indentation", () => {
  check(["if a:", "\tb = (1,", "        2)", '\tc = """', "        d", '"""', "", "        # e", "\tf = 1"], undefined);
  check(["if a:\r", "\tb = 1\r", "        \r", "\tc = 2\r"], undefined);
});
