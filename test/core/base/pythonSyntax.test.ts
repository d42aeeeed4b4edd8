import assert from "node:assert/strict";
import { test } from "node:test";
import { importsIn } from "../../../src/core/base/pythonImports.ts";
import { literalText, moduleConstants, readConstant } from "../../../src/core/base/pythonLiteral.ts";
import { callsIn, classesIn, decoratorsOf, parametersOf } from "../../../src/core/base/pythonSyntax.ts";
import { firstSyntaxError } from "../../../src/core/base/syntaxError.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

function checkLiteral(expression: string, expected: string | undefined): void {
  const text = parser.read(`CONSTANT = 4\nx(${expression})`, (root) =>
    literalText(readConstant(callsIn(root)[0]?.positional[0], moduleConstants(root))),
  );
  assert.equal(text, expected, expression);
}

test("reads literals as a command line would carry them", () => {
  checkLiteral("1e-3", "1e-3");
  checkLiteral("-1_000", "-1_000");
  checkLiteral("0x10", "0x10");
  checkLiteral("True", "True");
  checkLiteral("\"a\" 'b'", "ab");
  checkLiteral('"""line\\n\\x41\\u00e9\\q"""', "line\nAé\\q");
  checkLiteral("r'a\\n'", "a\\n");
  checkLiteral(`"""it's "so"\nand "" ends"""`, `it's "so"\nand "" ends`);
  checkLiteral("'''one\r\ntwo'''", "one\ntwo");
  checkLiteral('""""""', "");
  checkLiteral('("parenthesised")', "parenthesised");
  checkLiteral("(0.9, 0.999)", "0.9 0.999");
  checkLiteral("CONSTANT", "4");
  checkLiteral('Path("runs/default")', "runs/default");
  checkLiteral('pathlib.Path("/data/") / "runs" / "a"', "/data/runs/a");
  checkLiteral('os.path.join("runs", "a")', "runs/a");
});

const PATHS_OF_A_RUN = ["Path()", "Path(home)", "Path('a') / name", "Path(*parts, 'a')", "Path('a') / '/b'", "8 / 2"];

test("gives nothing for what only running the file could tell", () => {
  for (const expression of ["None", "f'{x}'", "b'bytes'", "x()", "UNKNOWN", "[1, y]", "2 * 3", ...PATHS_OF_A_RUN]) {
    checkLiteral(expression, undefined);
  }
});

test("does not trust a constant that is assigned twice", () => {
  const names = parser.read("A = 1\nB = 2\nA = 3\n", (root) => [...moduleConstants(root).keys()]);
  assert.deepEqual(names, ["B"]);
});

test("reads imports with their names and whether the file needs them", () => {
  const source =
    "import torch.nn as nn, os.path\nfrom .data import (A as B, C)\ntry:\n    import apex\nexcept ImportError:\n    pass\nfrom x import *\n";
  const imports = parser.read(source, importsIn);
  assert.deepEqual(
    imports.map(({ module, name, local, line, isUnconditional }) => [module, name, local, line, isUnconditional]),
    [
      ["torch.nn", undefined, "nn", 0, true],
      ["os.path", undefined, "os", 0, true],
      [".data", "A", "B", 1, true],
      [".data", "C", "C", 1, true],
      ["apex", undefined, "apex", 3, false],
      ["x", "*", "*", 6, true],
    ],
  );
});

test("reads calls, classes, decorators and parameters", () => {
  const source =
    "@card(type='x')\n@step\ndef f(self, a, b: int = 2, *args, c='x', **kw): pass\nclass A(pkg.Base, metaclass=M): pass\nmake().run(1, *rest, key=2)\n";
  parser.read(source, (root) => {
    const [definition] = root.descendantsOfType("function_definition");
    assert.ok(definition);
    assert.deepEqual(
      decoratorsOf(definition).map((node) => node.text),
      ["card(type='x')", "step"],
    );
    assert.deepEqual(
      parametersOf(definition).map(({ name, annotation, default: value }) => [name, annotation, value?.text]),
      [
        ["a", undefined, undefined],
        ["b", "int", "2"],
        ["c", undefined, "'x'"],
      ],
    );
    assert.deepEqual(
      classesIn(root).map(({ name, bases, line }) => [name, bases, line]),
      [["A", ["pkg.Base"], 3]],
    );
    const call = callsIn(root).find(({ method }) => method === "run");
    assert.deepEqual(
      [call?.callee, call?.positional.length, [...(call?.keywords.keys() ?? [])], call?.hasSplat],
      ["", 1, ["key"], true],
    );
  });
});

/** Where a text is no Python, line and column from zero; nothing where all of it is. */
const brokenAt = (text: string) =>
  parser.read(text, (root) => {
    const node = firstSyntaxError(root);
    return node && [node.startPosition.row, node.startPosition.column];
  });

test("defaults of type parameters are Python, and move nothing that stands behind them", () => {
  for (const text of [
    "type X[T = int] = list[T]",
    "type Y[T: (int, str) = int, *Ts = *tuple[int, ...], **P = [int]] = dict[T, P]",
    "def first[T = int](rows: list[T], n=1) -> T:\n    return rows[n]",
    "class Box[\n    K = dict[str, int],\n    V = K,\n]:\n    pass",
  ]) {
    assert.equal(brokenAt(text), undefined, text);
  }
  assert.deepEqual(brokenAt("type X[T = int] = list[T]\nx = = 1"), [1, 4]);
  assert.deepEqual(brokenAt("def f[T = int\n    return 1\n")?.[0], 0);
  const [call] = parser.read("class A[T = f(0)](B):\n    x = g(2)", (root) =>
    callsIn(root).map(({ node }) => [node.text, node.startPosition.column]),
  );
  assert.deepEqual(call, ["g(2)", 8]);
});
