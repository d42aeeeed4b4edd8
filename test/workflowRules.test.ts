import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../", import.meta.url);

function readText(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

type Rule = { id: string; code: string[]; tests: { path: string; name: string }[] };

/** `| B1 | what holds | `code`, `code` | `test`: name<br>`test`: name |` */
function readRules(): Rule[] {
  const rows = readText("docs/workflow-rules.md")
    .split("\n")
    .filter((line) => /^\| [BCW]\d+ /.test(line));
  return rows.map((row) => {
    const [, id = "", what = "", code = "", tests = ""] = row.split(/ *(?<!\\)\| */);
    assert.ok(what.endsWith("."), `${id} says in a sentence what holds`);
    return {
      id,
      code: [...code.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
      tests: tests.split("<br>").map((each) => {
        const [, path = "", name = ""] = /^`([^`]+)`: (.+)$/.exec(each) ?? [];
        return { path, name };
      }),
    };
  });
}

const rules = readRules();

function numbers(letter: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${letter}${from + index}`);
}

test("the rules of the workflows are numbered without a gap, each once", () => {
  const engine = rules.filter(({ id }) => id.startsWith("W")).length;
  assert.deepEqual(
    rules.map(({ id }) => id),
    [...numbers("B", 1, 38), ...numbers("B", 66, 69), ...numbers("C", 1, 55), ...numbers("W", 1, engine)],
  );
});

test("the code that a rule names is there", () => {
  for (const { id, code } of rules) {
    assert.ok(code.length > 0, `${id} names its code`);
    assert.deepEqual(
      code.filter((path) => !existsSync(new URL(path, root))),
      [],
      id,
    );
  }
});

test("the tests that a rule names are there by their names", () => {
  for (const { id, tests } of rules) {
    assert.ok(tests.length > 0, `${id} names its tests`);
    for (const { path, name } of tests) {
      assert.match(path, /^test\/.*\.test\.ts$/, id);
      assert.ok(readText(path).includes(`"${name}"`), `${id}: ${path} has no test "${name}"`);
    }
  }
});
