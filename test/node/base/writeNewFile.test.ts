import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { UserError } from "../../../src/core/base/errors.ts";
import { resolveInsideWorkspace, workspaceRelative } from "../../../src/node/base/workspacePath.ts";
import { describeWriteFailure, writeNewFile } from "../../../src/node/base/writeNewFile.ts";
import { repositoryRoot, temporaryFolder } from "../../support/python.ts";

test("writes the file and its folders, and leaves nothing else", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a/b/flow.py");
  assert.equal(await writeNewFile(path, "text\n"), "written");
  assert.equal(await readFile(path, "utf8"), "text\n");
  assert.deepEqual(await readdir(join(folder.path, "a/b")), ["flow.py"]);
});

test("never overwrites, also when many write at once", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "flow.py");
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => writeNewFile(path, `text ${index}`)));
  const winner = outcomes.indexOf("written");
  assert.equal(outcomes.filter((outcome) => outcome === "written").length, 1);
  assert.equal(await readFile(path, "utf8"), `text ${winner}`);
  assert.deepEqual(await readdir(folder.path), ["flow.py"]);
});

test("a link that leads nowhere is a taken name", async () => {
  await using folder = await temporaryFolder();
  await symlink(join(folder.path, "gone"), join(folder.path, "flow.py"));
  assert.equal(await writeNewFile(join(folder.path, "flow.py"), "text"), "exists");
  assert.deepEqual(await readdir(folder.path), ["flow.py"]);
});

test("a file in the way of the folder is a sentence", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "flows"), "");
  for (const path of ["flows/flow.py", "flows/deep/flow.py"]) {
    await assert.rejects(writeNewFile(join(folder.path, path), ""), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /flow\.py was not written: a part of its path is a file, not a folder\./);
      return true;
    });
  }
});

test("a read-only folder is a sentence", async () => {
  await using folder = await temporaryFolder();
  const target = join(folder.path, "readonly");
  await mkdir(target);
  await chmod(folder.path, 0o755);
  await chmod(target, 0o555);
  const source = `import { writeNewFile } from ${JSON.stringify(join(repositoryRoot, "src/node/base/writeNewFile.ts"))};
    await writeNewFile(${JSON.stringify(join(target, "flow.py"))}, "").catch((error) => console.log(error.name, error.message));`;
  // Root may write anywhere, so as root the attempt is made by nobody.
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source], asNobody);
  assert.match(stdout, /^UserError .*flow\.py was not written: you have no permission to write to .*readonly\. Allow/);
});

function checkSentence(code: string, sentence: RegExp) {
  assert.match(describeWriteFailure(Object.assign(new Error("broken"), { code }), "/w/f.py"), sentence);
}

test("what else a file system answers is a sentence too", () => {
  checkSentence("ENOSPC", /^\/w\/f\.py was not written: no space is left on the disk of \/w\. Free some space/);
  checkSentence("EDQUOT", /your quota on the disk of \/w is used up/);
  checkSentence("EROFS", /\/w is on a disk that is read-only\. Make it writable/);
  checkSentence("ENAMETOOLONG", /the name is too long/);
  checkSentence("EIO", /the disk reports an error \(EIO\)/);
  checkSentence("EWEIRD", /not written: broken\./);
});

test("a folder of the workspace resolves, whether it exists or not", async () => {
  await using folder = await temporaryFolder();
  const check = async (typed: string, expected: string) => {
    const resolved = await resolveInsideWorkspace(folder.path, typed);
    assert.equal(workspaceRelative(folder.path, resolved), expected);
  };
  await check(".", "");
  await check("flows", "flows");
  await check("a/../b/c", "b/c");
  await check("..hidden", "..hidden");
  await check(join(folder.path, "flows"), "flows");
});

test("a folder outside the workspace is refused, also behind a link", async () => {
  await using folder = await temporaryFolder();
  await using outside = await temporaryFolder();
  await symlink(outside.path, join(folder.path, "link"));
  for (const typed of ["..", "../other", "a/../../b", "/", outside.path, "link", "link/new/deep"]) {
    await assert.rejects(resolveInsideWorkspace(folder.path, typed), /lies outside the workspace folder/, typed);
  }
});
