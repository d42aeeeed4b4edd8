import assert from "node:assert/strict";
import { test } from "node:test";
import { firstIndentFault } from "../../../src/core/base/indentation.ts";

/** The line, counted from zero, that Python 3 refuses with a TabError or an IndentationError. */
function check(lines: readonly string[], expected: number | undefined): void {
  assert.equal(firstIndentFault(lines.join("\n"))?.range.start.line, expected, lines.join("\n"));
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

test("a line deeper than the one above needs a colon there, whatever stands behind it", () => {
  check(["a = 1", "    b = 2", ""], 1);
  check(["if a:  # as: before", "    b = 1", "        c = 2"], 2);
  check(["if a: b = 1", "    c = 2"], 1);
  check(["if a:", "", "  # other", "    b = 1", "# none", "    c = 2"], undefined);
  check(
    ["a = call(", "        1,  # of: two", "    2)", "b = 1 + \\", "        2", "c = '''", "        d:", "'''"],
    undefined,
  );
});

test("a line that goes back stands as a block that is open", () => {
  check(["if a:", "    if b:", "        c = 1", "      d = 2"], 3);
  check(["if a:", "    if b:", "        c = 1", "    d = 2", "e = 3"], undefined);
  check(["def a():\r", "    b = (\r", "  1)\r", "   return b\r", ""], 3);
});
