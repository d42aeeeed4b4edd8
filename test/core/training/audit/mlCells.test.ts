import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { checkMachineLearning } from "../../../../src/core/training/audit/checkMachineLearning.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

/** The cells of a notebook in `test/fixtures/mlCells`; each says in its first line which rules find something in it. */
function cellsOf(name: string): { text: string; expected: string[] }[] {
  const notebook = readFileSync(new URL(`../../../fixtures/mlCells/${name}`, import.meta.url), "utf8");
  return notebook.split(/^(?=# %%)/m).map((text) => ({
    text,
    expected: /^# %% finds: (.+)$/m.exec(text)?.[1]?.split(", ") ?? [],
  }));
}

const title = (text: string) =>
  text
    .split("\n")
    .slice(1)
    .filter((line) => !/^(?:import|from) /.test(line))
    .join("; ")
    .slice(0, 100);

for (const [name, least] of [
  ["mistaken.py", 50],
  ["correct.py", 45],
] as const) {
  describe(`a cell of ${name}, as people write them`, () => {
    const cells = cellsOf(name);
    for (const { text, expected } of cells) {
      test(`${expected.length === 0 ? "nothing is wrong" : expected.join(", ")}: ${title(text)}`, () => {
        const { findings } = checkMachineLearning(parser, text);
        assert.deepEqual([...new Set(findings.map(({ code }) => code))].toSorted(), expected.toSorted());
      });
    }
    test(`there are at least ${least}`, () => assert.ok(cells.length >= least, `${cells.length}`));
  });
}
