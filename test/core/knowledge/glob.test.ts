import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatches, parseGlob } from "../../../src/core/knowledge/glob.ts";
import { assertScales } from "../../support/assertScales.ts";

function matches(glob: string, path: string): boolean {
  const parsed = parseGlob(glob);
  return parsed !== undefined && globMatches(parsed, path.split("/"));
}

function check(glob: string, matching: readonly string[], others: readonly string[]): void {
  for (const path of [...matching, ...others]) {
    assert.equal(matches(glob, path), matching.includes(path), `${glob} and ${path}`);
  }
}

test("stars and question marks stay inside of a name", () => {
  check("*.py", ["a.py", ".py"], ["a.pyc", "a/b.py"]);
  check("a*b*c", ["abc", "aXbYc", "abcbc"], ["ab", "abcd", "a/b/c"]);
  check("?.txt", ["a.txt"], [".txt", "ab.txt"]);
  check("a.b", ["a.b"], ["axb"]);
});

test("two stars stand for any number of folders", () => {
  check("**/a", ["a", "x/a", "x/y/a"], ["xa", "a/x"]);
  check("a/**", ["a/b", "a/b/c"], ["a", "b/a"]);
  check("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/b/b"], ["a", "ab", "a/x"]);
  check("**/x/**/*.pt", ["x/m.pt", "a/x/b/c/m.pt"], ["m.pt", "x/m.pth"]);
});

test("classes hold ranges, names of kinds and their opposites", () => {
  check("[a-c]x", ["ax", "cx"], ["dx", "x"]);
  check("[!a-c]x", ["dx"], ["ax"]);
  check("[^a]", ["b"], ["a"]);
  check("[]-]", ["]", "-"], ["a"]);
  check("[[:digit:]_]", ["7", "_"], ["a", ":"]);
  check(String.raw`\[a\]`, ["[a]"], ["a"]);
});

test("a class that is empty or never ends matches nothing, as with git", () => {
  check("[z-a]", [], ["z", "a", "m", "[z-a]"]);
  check("[abc", [], ["a", "[abc"]);
});

test("no glob can be made to take its time", () => {
  assertScales("stars in a name", (size) => matches(`${"*a".repeat(size)}b`, "a".repeat(2 * size)), 500);
  assertScales("stars of folders", (size) => matches(`${"**/a/".repeat(size)}b`, "a/".repeat(2 * size)), 500);
});
