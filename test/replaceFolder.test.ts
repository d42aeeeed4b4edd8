import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { replaceFolder } from "../scripts/setup/replaceFolder.mjs";

test("a folder that is built takes the place of the one before", async (t) => {
  const { parent, folder } = await makeFolder(t);
  await replaceFolder(folder, () => fill(folder, "new"));
  assert.equal(await readFile(join(folder, "file"), "utf8"), "new");
  assert.deepEqual(await readdir(parent), ["venv"]);
});

test("the folder before stays where the new one cannot be built", async (t) => {
  const { parent, folder } = await makeFolder(t);
  await assert.rejects(
    replaceFolder(folder, () => failHalfway(folder)),
    /no network/,
  );
  assert.equal(await readFile(join(folder, "file"), "utf8"), "worked");
  assert.deepEqual(await readdir(parent), ["venv"]);
});

test("what an interrupted run left does not take the place of what worked", async (t) => {
  const { parent, folder } = await makeFolder(t);
  await fill(`${folder}.before`, "worked before the interrupted run");
  await assert.rejects(
    replaceFolder(folder, () => failHalfway(folder)),
    /no network/,
  );
  assert.equal(await readFile(join(folder, "file"), "utf8"), "worked before the interrupted run");
  assert.deepEqual(await readdir(parent), ["venv"]);
});

async function makeFolder(t: TestContext): Promise<{ parent: string; folder: string }> {
  const parent = await mkdtemp(join(tmpdir(), "trainyard-replace-"));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, "venv");
  await fill(folder, "worked");
  return { parent, folder };
}

async function fill(folder: string, text: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "file"), text);
}

async function failHalfway(folder: string): Promise<void> {
  await fill(folder, "half");
  throw new Error("no network");
}
