import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { walkWorkspace } from "../../../src/node/base/workspaceWalk.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

test("lists a project without its packages, environments and hidden folders", async () => {
  await using workspace = await scriptWorkspace();
  for (const path of [
    "train.py",
    ".python-version",
    "src/a.py",
    "env/cartpole.py",
    "node_modules/x.js",
    ".git/config",
    ".trainyard/runs/1/run.json",
    "src/__pycache__/a.pyc",
    "my-python/pyvenv.cfg",
    "my-python/lib/b.py",
  ]) {
    await workspace.write(path, "");
  }
  const { files, folders, omissions } = await walkWorkspace(workspace.folder);
  assert.deepEqual(
    files.map(({ path }) => path),
    [".python-version", "train.py", "env/cartpole.py", "src/a.py"],
  );
  assert.deepEqual(folders, ["", "env", "my-python", "src"]);
  assert.deepEqual(omissions, []);
});

test("does not follow links, so that loops end", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("src/a.py", "");
  await symlink(workspace.folder, join(workspace.folder, "src/loop"));
  assert.deepEqual(
    (await walkWorkspace(workspace.folder)).files.map(({ path }) => path),
    ["src/a.py"],
  );
});

test("looks at some of a folder full of one kind and says so", async () => {
  await using workspace = await scriptWorkspace();
  for (let index = 0; index < 12; index++) {
    await workspace.write(`images/${index}.png`, "");
  }
  await workspace.write("images/labels.csv", "");
  const { files, omissions } = await walkWorkspace(workspace.folder, { limits: { maxSiblings: 5 } });
  assert.equal(files.filter(({ extension }) => extension === ".png").length, 5);
  assert.ok(files.some(({ path }) => path === "images/labels.csv"));
  assert.deepEqual(omissions, ["`images` holds at least 12 files ending in `.png`; 5 of them were looked at."]);
});

test("stops at its bounds and says what it left out", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("a/b/c/deep.py", "");
  await workspace.write("a/x.py", "");
  const shallow = await walkWorkspace(workspace.folder, { limits: { maxDepth: 1 } });
  assert.deepEqual(
    shallow.files.map(({ path }) => path),
    ["a/x.py"],
  );
  assert.deepEqual(shallow.omissions, ["Folders deeper than 1 levels were not searched."]);
  const few = await walkWorkspace(workspace.folder, { limits: { maxFiles: 1 } });
  assert.deepEqual([few.files.length, few.omissions.length], [1, 1]);
  const slow = await walkWorkspace(workspace.folder, { limits: { maxMs: -1 } });
  assert.deepEqual([slow.files.length, slow.omissions.length], [0, 1]);
});

test("stops when the request is cancelled", async () => {
  await using workspace = await scriptWorkspace();
  await assert.rejects(walkWorkspace(workspace.folder, { signal: AbortSignal.abort() }), { name: "AbortError" });
});
