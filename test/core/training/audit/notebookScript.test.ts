import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { notebookScript } from "../../../../src/core/training/audit/notebookScript.ts";
import { assertScales } from "../../../support/assertScales.ts";

function scriptOf(...sources: string[]): string {
  const cells = sources.map((source) => ({ cell_type: "code", source, metadata: {}, outputs: [] }));
  const script = notebookScript(JSON.stringify({ cells, metadata: {} }));
  return typeof script === "string" ? assert.fail(script) : script.text;
}

test("Python is left as it stands, also where its lines look like commands", () => {
  const python = [
    'print("loss=%f" % loss)',
    'print("accuracy = !important")',
    'message = ("%s %s"',
    "           % (a, b))",
    'url = "http://x/?q=%s" % q  # (not closed',
    "rest = total \\",
    "  % size",
    's = """',
    "!not a command",
    "%%time",
    "%d rows, x = !ls",
    '"""',
    "t = '(' + \"\\\"[\" + r'\\'",
    "rows = df.query('a != 1')",
    "x = {",
    "  'a': '%d'",
    "% 3, 'why': help?",
    "}",
    "if a == b: pass",
  ].join("\n");
  assert.equal(scriptOf(python), python);
  for (const name of ["correct.py", "mistaken.py"]) {
    const file = readFileSync(new URL(`../../../fixtures/mlCells/${name}`, import.meta.url), "utf8").trimEnd();
    assert.equal(scriptOf(file), file);
  }
});

test("commands are left out, and what is around them keeps its line", () => {
  const cases: Record<string, string> = {
    "!pip install 'torch\nx = 1": "pass\nx = 1",
    "%pip install a \\\n    b\nx = 1": "pass\n\nx = 1",
    "for f in files:\n    !rm {f}\ny = 2": "for f in files:\n    pass\ny = 2",
    "files, n = !ls (\nx = 1": "files, n = None\nx = 1",
    "self.took = %timeit -o f(')')\nx = 1": "self.took = None\nx = 1",
    "model.fit?\n?model\nx = 1": "pass\npass\nx = 1",
    "%%time\nmodel.fit(X, y)": "\nmodel.fit(X, y)",
    "%%bash\necho 'x\nls": "\n\n",
  };
  for (const [source, expected] of Object.entries(cases)) {
    assert.equal(scriptOf(source, "z = 3"), `${expected}\nz = 3`, source);
  }
});

test("a text that is never closed, or a long line, costs no more than its length", () => {
  const openings: Record<string, (size: number) => string> = {
    "an open text": () => 's = """',
    "an open bracket": () => "x = (",
    "an escaped end": () => "x = '\\\\",
    "many words before =": (size) => `${"a ".repeat(5 * size)}= `,
    "many blanks after =": (size) => `x =${" ".repeat(10 * size)}`,
  };
  for (const [what, opening] of Object.entries(openings)) {
    const work = (size: number) => {
      const source = `${opening(size)}\n${'"\\\n!x\n'.repeat(size)}`;
      assert.equal(scriptOf(source).split("\n").length, source.split("\n").length - 1);
    };
    assertScales(what, work, 2_000);
  }
});
