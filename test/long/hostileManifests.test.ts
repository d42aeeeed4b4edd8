import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG_READER, manifestReaderOf } from "../../src/core/knowledge/manifests/manifestReaders.ts";
import { readNotebook } from "../../src/core/knowledge/manifests/notebook.ts";
import type { Reading } from "../../src/core/knowledge/manifests/reading.ts";
import { readPythonFile } from "../../src/core/knowledge/pythonFile.ts";
import { assertScales } from "../support/assertScales.ts";

const lines = (size: number, line: (index: number) => string) =>
  Array.from({ length: size / 8 }, (_, index) => line(index)).join("\n");

/** What could make a reader look at the same characters again and again, each of about `size` characters. */
const HOSTILE: Record<string, (size: number) => string> = {
  "blanks in a line": (size) => `a${" ".repeat(size)}!`,
  "blanks in a requirement": (size) => `a==1${" ".repeat(size)}2`,
  "blanks in a text": (size) => `[packages]\nx = "1${" ".repeat(size)}2"\n`,
  "blanks in an item": (size) => `dependencies:\n  - "x 1${" ".repeat(size)}2"\n`,
  "blanks behind an option": (size) => `-r a${" ".repeat(size)}b`,
  "blanks in a header": (size) => `[${" ".repeat(size)}x`,
  "blanks behind a recipe": (size) => `a:\n\tb${" ".repeat(size)}c\n`,
  "blanks behind a call": (size) => `import torch\nSummaryWriter(${" ".repeat(size)}x`,
  "nested lists": (size) => `a = ${"[".repeat(size)}`,
  "nested items": (size) => "- ".repeat(size / 8),
  aliases: () => `a: &a [x,x]\n${lines(400, (index) => `b${index}: &b${index} [*a,*a]`)}`,
  dashes: (size) => `x${"-".repeat(size)}`,
  semicolons: (size) => `x ${";".repeat(size)}`,
  parentheses: (size) => `x; ${"(".repeat(size)}`,
  dots: (size) => `x==${"1.".repeat(size / 2)}`,
  brackets: (size) => `./${"[".repeat(size)}]`,
  quotes: (size) => '"'.repeat(size),
  "escaped quotes": (size) => `x = ${String.raw`\"`.repeat(size / 2)}`,
  "opened comments": (size) => "/*".repeat(size / 2),
  "opened variables": (size) => `FROM ${"${".repeat(size / 2)}`,
  "opened defaults": (size) => `FROM ${"${a:-".repeat(size / 5)}`,
  "joined lines": (size) => "a \\\n".repeat(size / 4),
  words: (size) => `train: ${"a ".repeat(size / 2)}`,
  controls: (size) => "\u0000\uFFFD".repeat(size / 2),
  image: (size) => `FROM ${"a/".repeat(size / 2)}`,
  channels: (size) => `dependencies:\n  - "${"a::".repeat(size / 3)} x"\n`,
  installs: (size) => `RUN pip install ${"'a\" ".repeat(size / 4)}`,
  "dotted imports": (size) => ". import ".repeat(size / 9),
  "joined imports": (size) => ".import".repeat(size / 7),
  "names of imports": (size) => `from ${"a.".repeat(size / 2)}b import c`,
  "opened strings": (size) => `import a\n${'"""\\'.repeat(size / 4)}\nimport b`,
  decorators: (size) => "@a\n".repeat(size / 3),
  classes: (size) => `import metaflow\n${"class A(\n".repeat(size / 9)}`,
  includes: (size) => "-r b.txt\n".repeat(size / 9),
  keys: (size) => `[tool.poetry.dependencies]\n${lines(size, (index) => `a${index}="1"`)}`,
  packages: (size) => `[project]\ndependencies = [\n${lines(size, (index) => `"a${index}",`)}\n]\n`,
  "the same package": (size) => `[project]\ndependencies = [\n${lines(size, () => '"a",')}\n]\n`,
  tables: (size) => lines(size, (index) => `[tool.hatch.envs.a${index}]\ndependencies=["x"]`),
  "groups that double": () =>
    `[dependency-groups]\n${lines(320, (index) => `g${index} = [${`{include-group="g${index + 1}"},`.repeat(2)}]`)}`,
};

const HOSTILE_PATHS =
  "requirements.txt pyproject.toml setup.cfg environment.yml Pipfile uv.lock Pipfile.lock pixi.lock pixi.toml Dockerfile " +
  "Makefile tox.ini run.sh .vscode/tasks.json conf.yaml script.py notebook.ipynb";

for (const path of HOSTILE_PATHS.split(" ")) {
  test(`reads hostile text of any kind as ${path} in the time of its length`, () => {
    for (const [name, write] of Object.entries(HOSTILE)) {
      assertScales(name, (size) => readAny(path, write(size)), 4_000);
    }
  });
}

const cell = (index: number) => `{"cell_type": "code", "source": ["\\u00e9${index}"]}`;

test("finds the texts of notebooks in one pass", () => {
  assertScales("cells", (size) => readAny("a.ipynb", `{"cells": [${lines(size, cell).replaceAll("\n", ",")}]}`), 4_000);
});

/** Also as Python, and as the code of a cell. */
function readAny(path: string, text: string): Reading {
  if (path.endsWith(".py")) {
    return readPythonFile({ text });
  }
  if (path.endsWith(".ipynb")) {
    return readNotebook({ path, text: JSON.stringify({ cells: [{ cell_type: "code", source: [text] }] }) });
  }
  const reader = manifestReaderOf(path) ?? CONFIG_READER;
  assert.ok(!reader.needsPython);
  return reader.read({ path, text });
}
