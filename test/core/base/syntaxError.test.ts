import assert from "node:assert/strict";
import { test } from "node:test";
import { firstEmptyBlock } from "../../../src/core/base/syntaxError.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";

/** The line, counted from zero, of the statement that Python 3 says lacks an indented block. */
async function check(lines: readonly string[], expected: number | undefined): Promise<void> {
  const parser = await loadPythonParser();
  for (const lineEnd of ["\n", "\r\n"]) {
    const text = lines.join(lineEnd);
    assert.equal(
      parser.read(text, (root) => firstEmptyBlock(root, text)?.startPosition.row),
      expected,
      text,
    );
  }
}

test("a statement that opens a block has one below it, past blank lines and comments", async () => {
  await check(["for x in y:", "print(x)", ""], 0);
  await check(["def a():", "    for x in y: # each", "", "        # later", "    return 1", ""], 1);
  await check(["class A:", "    def b(self):", "    def c(self):", "        pass", ""], 1);
  await check(["if a:", "\tif b:", "\tpass", ""], 1);
  await check(["for x in y:", "", "# only", "    # later", "    print(x)", ""], undefined);
});

test("a colon opens no block in a dictionary, a slice, an annotation or a text", async () => {
  await check(["a = {", "    'b':", "    1,", "}", "c: int = d[1:", "2]", ""], undefined);
  await check(['"""', "Args:", "nothing", '"""', "if a: pass", "b = 1  # as: before", "c = 2", ""], undefined);
  await check(["if a: \\", "  b = 1", "c = 2", ""], undefined);
});
