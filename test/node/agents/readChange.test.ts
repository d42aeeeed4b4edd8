import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readChange } from "../../../src/node/agents/readChange.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = new AbortController().signal;

function repository(context: TestContext): { folder: string; git: (...args: string[]) => void } {
  const folder = temporaryFolder(context);
  const git = (...args: string[]) =>
    void execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], {
      cwd: folder,
      stdio: "ignore",
    });
  git("init");
  return { folder, git };
}

test("reads what differs from the last commit, with new files and without ignored ones", async (t) => {
  const { folder, git } = repository(t);
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/trän b.py"), "one\ntwo\n");
  writeFileSync(join(folder, "gone.py"), "x\n");
  writeFileSync(join(folder, ".gitignore"), "*.log\n");
  git("add", ".");
  git("commit", "-m", "first");
  appendFileSync(join(folder, "src/trän b.py"), "three\n");
  rmSync(join(folder, "gone.py"));
  writeFileSync(join(folder, "new.py"), "y = 1\n");
  writeFileSync(join(folder, "noise.log"), "z");
  writeFileSync(join(folder, "weights.bin"), "\0\0");
  const { files, leftOut } = await readChange(join(folder, "src"), signal);
  assert.deepEqual(
    files.map(({ path, before, after, hunks }) => [path, before, after, hunks.map(({ newLines }) => newLines)]),
    [
      ["src/trän b.py", "one\ntwo\n", "one\ntwo\nthree\n", [["three"]]],
      ["new.py", "", "y = 1\n", [["y = 1", ""]]],
      ["gone.py", "x\n", "", [[]]],
    ],
  );
  assert.deepEqual(leftOut, ["weights.bin"]);
});

test("a moved file differs in what was changed in it, whether git was told of the move or not", async (t) => {
  const { folder, git } = repository(t);
  const text = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join("");
  for (const name of ["a.py", "b.py", "c.py"]) {
    writeFileSync(join(folder, name), `${name}\n${text}`);
  }
  git("add", ".");
  git("commit", "-m", "first");
  mkdirSync(join(folder, "src"));
  git("mv", "a.py", "src/a.py");
  git("mv", "b.py", "src/b.py");
  appendFileSync(join(folder, "src/b.py"), "new\n");
  renameSync(join(folder, "c.py"), join(folder, "src/c.py"));
  const { files } = await readChange(folder, signal);
  assert.deepEqual(
    files.map(({ path, before, hunks }) => [path, before.slice(0, 4), hunks.map(({ newLines }) => newLines)]),
    [["src/b.py", "b.py", [["new"]]]],
  );
});

test("compares a repository without commits with nothing", async (t) => {
  const { folder } = repository(t);
  writeFileSync(join(folder, "a.py"), "x = 1\n");
  assert.deepEqual(
    (await readChange(folder, signal)).files.map(({ path, before }) => [path, before]),
    [["a.py", ""]],
  );
});

test("says what to do without a repository", async (t) => {
  await assert.rejects(readChange(temporaryFolder(t), signal), /is in no git repository.*git init/);
});
