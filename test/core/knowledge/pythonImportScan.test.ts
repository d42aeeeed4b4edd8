import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { collectImports } from "../../../src/core/knowledge/pythonImportScan.ts";
import { samplePython } from "../../support/python.ts";

/** Every way in which an import can be written, and everything that only looks like one. */
const SOURCES = [
  "import torch",
  "import a.b.c as d, e, f . g\nimport h",
  "from torch import nn\nfrom torch.utils.data import (\n    DataLoader,\n    Dataset,\n)\nimport x",
  "from . import a\nfrom .. import b\nfrom ...c.d import e\nfrom .f import *",
  "from.g import h\nfrom . import(i)\nfrom ..j import*",
  "if x: import a\nelse: import b\ntry: import c\nexcept E: from d import e\n",
  "a = 1; import b; from c import d",
  '"""\nimport no\nfrom no import no\n"""\nimport yes',
  "'''\nimport no \\''' still\nimport no\n'''\nimport yes",
  "x = \"import no\"\ny = 'from no import no'\nimport yes",
  "x = 'a\\\nimport no'\nimport yes",
  "x = r'\\'; import no'\nimport yes",
  'x = """a\\"""\nimport no\n"""\nimport yes',
  "# import no\nimport yes  # import no\n",
  "x = [\n  1,  # ]\n  2,\n]\nimport yes",
  "def f():\n    import a\n    def g():\n        from b import c\n        return c\n    yield from g()\n",
  "from a \\\n    import b\nimport \\\n    c\nimport d, \\\n    e",
  "raise X from error\nimport yes",
  "f = lambda: (yield)\nimport_this = 1\nimportlib = 2\nfromage = 3\nimport yes",
  "class A:\n    'import no'\n    import b\n",
  "\ufeffimport a\nimport b",
  "import a\r\nfrom b import c\r\nx = '''\r\nimport no\r\n'''\r\nimport d\r\n",
  "import a\rimport b\r# import no\rimport c",
  "x = f'{a}import no'\ny = rb'import no'\nimport yes",
  "x = {'a': 1}\nif x == {'a': 1}: import b\n",
  "@decorator\ndef f(a: int = 1) -> 'import no': import b\n",
  "import módulo\nfrom ñandú.é import x",
  "\f\nimport a\n\fimport b\nif a:\n\timport c\n",
  "async def f():\n    async with a as b: import c\n    await d\n",
  "match x:\n    case 1: import a\n    case _: from b import c\n",
  "x = 1 if y else 2; import a",
  "x = '\\\\'; import a",
  "x = ''; import a\ny = ''''''; import b\nz = \"\"\"\"\"\"; import c",
  "x = a[1:2]; import b\nd = {1: 2}; from c import e",
  "print('no import')\nreturn_value = 'nothing'\n",
  "import a as b, c.d as e\nfrom f import g as h, i as j",
  "while True:\n    if a: break\n    import b\nelse:\n    import c",
];

test("finds the imports that Python finds, in every way to write one and in Python's own library", () => {
  const folder = mkdtempSync(join(tmpdir(), "trainyard-imports-"));
  try {
    const written = SOURCES.map((source, index) => {
      const path = join(folder, `case_${index}.py`);
      writeFileSync(path, source);
      return path;
    });
    const library = execFileSync(
      samplePython(),
      [
        "-c",
        "import sysconfig, glob; print('\\n'.join(sorted(glob.glob(sysconfig.get_paths()['stdlib'] + '/*/*.py'))[::6]))",
      ],
      { encoding: "utf8" },
    );
    const paths = [...written, ...library.trim().split("\n")];
    const script = join(import.meta.dirname, "pythonImports.py");
    const stdout = execFileSync(samplePython(), [script], {
      input: JSON.stringify(paths),
      maxBuffer: 1 << 26,
      encoding: "utf8",
    });
    const answers: Record<string, [string, number][] | null> = JSON.parse(stdout);
    const readable = Object.entries(answers).filter(([, expected]) => expected !== null);
    assert.deepEqual(
      written.filter((path) => answers[path] === null),
      [],
    );
    assert.ok(readable.length > 150, `${readable.length} files`);
    for (const [path, expected] of readable) {
      const found = collectImports(readFileSync(path, "utf8")).map(({ module, line }): [string, number] => [
        module,
        line,
      ]);
      assert.deepEqual(
        found.toSorted(byModule),
        expected?.toSorted(byModule),
        `${path}\n${readFileSync(path, "utf8").slice(0, 200)}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("gives what it understands of text that is no Python, and ends on anything", () => {
  assert.deepEqual(collectImports("import a\nprint 'old'\nimport b"), [
    { module: "a", line: 0 },
    { module: "b", line: 2 },
  ]);
  assert.deepEqual(collectImports("'''never ends\nimport a"), []);
  for (const hostile of [
    "import ".repeat(50_000),
    "import.".repeat(10_000),
    "'".repeat(99_999),
    "from ".repeat(50_000),
    "\\\n".repeat(50_000),
    '"""import'.repeat(20_000),
  ]) {
    const started = performance.now();
    collectImports(hostile);
    assert.ok(performance.now() - started < 2_000, hostile.slice(0, 12));
  }
});

function byModule(a: [string, number], b: [string, number]): number {
  return a[1] - b[1] || (a[0] < b[0] ? -1 : 1);
}
