import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { checkMachineLearning } from "../../../../src/core/training/audit/checkMachineLearning.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

const folder = new URL("../../../fixtures/mlScripts/", import.meta.url);
const parser = await loadPythonParser();

/** What the comments `# finds: rule` of a script say stands on their lines. */
function expectedIn(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      (/# finds: ([\w-]+(?:, [\w-]+)*)/.exec(line)?.[1] ?? "").split(", ").map((rule) => ({ rule, index })),
    )
    .flatMap(({ rule, index }) => (rule === "" ? [] : [`${index + 1}: ${rule}`]));
}

describe("a whole script, as people write them", () => {
  const scripts = readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));
  for (const { name, text } of scripts) {
    const expected = expectedIn(text);
    test(`${name}: ${expected.length === 0 ? "nothing is wrong" : expected.join(", ")}`, () => {
      const { findings } = checkMachineLearning(parser, text);
      assert.deepEqual(
        findings.map(({ code, range }) => `${range.start.line + 1}: ${code}`).toSorted(),
        expected.toSorted(),
      );
    });
  }

  test("there are at least twenty with a mistake and twenty without", () => {
    const bad = scripts.filter(({ text }) => expectedIn(text).length > 0).length;
    assert.ok(bad >= 20 && scripts.length - bad >= 20, `${bad} of ${scripts.length}`);
  });
});
