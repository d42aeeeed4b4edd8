import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { parseGitIgnore } from "../../../src/node/knowledge/gitIgnore.ts";
import { scanTree } from "../../../src/node/knowledge/scanTree.ts";
import { leastCpuMs } from "../../support/cpuTime.ts";
import { ignoredByGit, withoutGit } from "../../support/ignoredByGit.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

/** What git says of paths under a .gitignore; a folder ends in a slash. */
function check(text: string, verdicts: Record<string, boolean | undefined>, base = ""): void {
  const rules = parseGitIgnore(text, base);
  for (const [written, expected] of Object.entries(verdicts)) {
    const path = written.replace(/\/$/, "");
    const name = path.slice(path.lastIndexOf("/") + 1);
    assert.equal(rules(path, name, written.endsWith("/")), expected, `${JSON.stringify(text)} and ${written}`);
  }
}

test("reads patterns as git does", () => {
  check("*.pt\n!keep.pt\n", { "a.pt": true, "x/a.pt": true, "keep.pt": false, "a.py": undefined });
  check("logs/\n", { "logs/": true, logs: undefined, "x/logs/": true });
  check("/top\nx/y\n", { top: true, "a/top": undefined, "x/y": true, "a/x/y": undefined });
  check("a/**\n**/b/c\n", { "a/x/y": true, a: undefined, "b/c": true, "z/b/c": true });
  check("# no\n\\#yes\n\\!yes\n\nblank  \n   \n", {
    "# no": undefined,
    "#yes": true,
    "!yes": true,
    blank: true,
    "   ": undefined,
  });
  check("/data\n", { "sub/data": true, "sub/x/data": undefined }, "sub");
});

const LINES = [
  "a",
  "a ",
  "a\t",
  "\t",
  "a\\ ",
  "a\\  ",
  "a\\\\ ",
  "a\\",
  " ",
  " a",
  "a b",
  "x.log\r",
  "#a",
  "\\#a",
  "\\!a",
  "a/",
  "/a",
  "d/a",
  "d/",
];
const PATHS = [
  "a",
  "a ",
  "a  ",
  "a\t",
  "\t",
  "a\\",
  "a\\ ",
  " a",
  "a b",
  "x.log",
  "#a",
  "!a",
  "d/a",
  "d/e/a",
  "e/d/a",
  "a/b",
];

test("blanks, tabs and backslashes of a line count as with git", { skip: withoutGit }, () => {
  const expected = ignoredByGit(LINES, PATHS);
  for (const [index, line] of LINES.entries()) {
    const rules = parseGitIgnore(`${line}\n`, "");
    const ours = PATHS.filter((path) =>
      path.split("/").some((name, depth, names) => {
        const part = names.slice(0, depth + 1);
        return rules(part.join("/"), name, part.length < names.length);
      }),
    );
    assert.deepEqual(ours, [...(expected[index] ?? [])], JSON.stringify(line));
  }
});

test("a class that git cannot read matches nothing, and the other lines count", () => {
  check("[[:no:]a]\n[abc\nx\n", { a: undefined, "[abc": undefined, x: true });
});

test("many stars before what does not follow cost nothing", async () => {
  const { cpuMs } = await leastCpuMs(() => check(`${"*a".repeat(40)}b\n`, { ["a".repeat(250)]: undefined }), 1_000);
  assert.ok(cpuMs < 1_000, `took ${cpuMs} ms of the processor`);
});

test("what git ignores by files around the folder and by info/exclude is not entered", {
  skip: withoutGit,
}, async () => {
  await using workspace = await scriptWorkspace();
  const git = (...words: string[]) => execFileSync("git", words, { cwd: workspace.folder, encoding: "utf8" });
  git("init", "--quiet");
  const ignores = {
    ".gitignore": "/a/old/\n*.tmp.txt\n",
    "a/.gitignore": "!keep.tmp.txt\n",
    ".git/info/exclude": "private/\n",
  };
  const manifests = ["old", "private", "sub/old"].map((folder) => `a/${folder}/requirements.txt`);
  const files = [...manifests, "a/requirements.tmp.txt", "a/keep.tmp.txt", "a/requirements.txt"];
  for (const [path, text] of [...Object.entries(ignores), ...files.map((file) => [file, "jax==0.4.1\n"] as const)]) {
    await workspace.write(path, text);
  }
  const kept = git("ls-files", "--others", "--exclude-standard", "--", ...files)
    .trim()
    .split("\n")
    .toSorted();
  assert.deepEqual(kept, ["a/keep.tmp.txt", "a/requirements.txt", "a/sub/old/requirements.txt"]);
  const seen = (folder: string) => scanTree(join(workspace.folder, folder)).files.filter(({ isIgnored }) => !isIgnored);
  assert.deepEqual(
    seen("a")
      .map(({ path }) => `a/${path}`)
      .filter((path) => files.includes(path))
      .toSorted(),
    kept,
  );
  // A folder that is named although git ignores it is looked at.
  assert.deepEqual(
    seen("a/old").map(({ path }) => path),
    ["requirements.txt"],
  );
});
