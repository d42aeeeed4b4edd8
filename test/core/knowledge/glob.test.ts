import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatches, parseGlob } from "../../../src/core/knowledge/glob.ts";
import { assertScales } from "../../support/assertScales.ts";
import { ignoredByGit, withoutGit } from "../../support/ignoredByGit.ts";

function matches(glob: string, path: string): boolean {
  const parsed = parseGlob(glob);
  return parsed !== undefined && globMatches(parsed, path.split("/"));
}

/** Every kind of name that a glob could mean, or fail to mean. */
const PATHS = (
  "a b c ab abc ax cx dx x z m aXbYc abcbc abcd a.txt .txt ab.txt a.py .py a.pyc a-b A 7 1 _ : ] [a] a] - \\\\ a\\ [abc [z-a] * ? ^ a^ ! " +
  "# da d/a d/b d/e/a d/e/f/a d/a.txt e/d/a x/a x/y/a a/b a/b/c a/x a/x/b a/x/y/b a/b/b b/a x/m.pt a/x/b/c/m.pt m.pt x/m.pth dx/a dx/e/a " +
  "d1 d/e1/a foo2/a/b"
).split(" ");
PATHS.push("\t", "a\t", "\u0001", "a b", "~");

const GLOBS = (
  "a * ? ?? a* *b *.py a*b*c ?.txt a.b a** ** **/a a/** a/**/b **/x/**/*.pt d/* d/** d/*/a */a *** ***/a d/***/a a/**/ " +
  "[ab] [a-c]x [!a-c]x [^a] []a] []-] []-a] [a-] [-a] [--1] [a-c-e] [a [abc [b-a] [z-a] [a-a] [A-Z] [!]a] [*] [\\]] [\\\\] [\\a-c] [a-\\c] [a\\ " +
  "[[:alpha:]] [[:digit:]_] [[:foo:]a] [[:print:]] [[:graph:]] [[:cntrl:]] [[:space:]] [[:blank:]] [[:punct:]] [[:upper:]] [[:lower:]] " +
  "[[:alnum:]] [[:xdigit:]] [![:alpha:]] [[:alpha:]-c] [a-[:alpha:]] [[.a.]] [[a] [[:alpha] [[:]a] a\\ \\a \\* \\? \\[a\\] \\\\ " +
  "d**/a d**/*/a d/**a d/e**/a x?d**/a *d**/a"
).split(" ");

/** The path with all folders that it lies in. */
const folders = (path: string): string[] =>
  path.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));

test("globs mean what they mean to git, which ignores what is in an ignored folder", { skip: withoutGit }, () => {
  const expected = ignoredByGit(
    GLOBS.map((glob) => `/${glob}`),
    PATHS,
  );
  for (const [index, glob] of GLOBS.entries()) {
    const isOnlyFolders = glob.endsWith("/");
    const ours = PATHS.filter((path) =>
      folders(path).some((part) => (!isOnlyFolders || part !== path) && matches(glob.replace(/\/$/, ""), part)),
    );
    assert.deepEqual(ours, [...(expected[index] ?? [])], glob);
  }
});

test("no glob can be made to take its time", () => {
  assertScales("stars in a name", (size) => matches(`${"*a".repeat(size)}b`, "a".repeat(2 * size)), 500);
  assertScales("stars of folders", (size) => matches(`${"**/a/".repeat(size)}b`, "a/".repeat(2 * size)), 500);
});
