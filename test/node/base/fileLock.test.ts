import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { withFileLock } from "../../../src/node/base/fileLock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const LONG_AGO = new Date(Date.now() - 60_000);

function leaveLock(path: string): string {
  const lock = `${path}.lock`;
  writeFileSync(lock, "of a process that died");
  utimesSync(lock, LONG_AGO, LONG_AGO);
  return lock;
}

async function count(path: string): Promise<void> {
  await withFileLock(path, async () => {
    const before = Number(await readFile(path, "utf8"));
    await writeFile(path, String(before + 1));
  });
}

test("many writers lose none of their changes, also when a dead one left its lock", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "count");
  writeFileSync(path, "0");
  leaveLock(path);
  await Promise.all(Array.from({ length: 40 }, () => count(path)));
  assert.equal(readFileSync(path, "utf8"), "40");
  assert.deepEqual(readdirSync(folder), ["count"]);
});

test("a stale lock is left to the one that removes it already", async (context) => {
  const path = join(temporaryFolder(context), "count");
  writeFileSync(path, "0");
  const lock = leaveLock(path);
  writeFileSync(`${lock}.removal`, "");
  await assert.rejects(count(path), /being changed by another window.*delete .*count\.lock and .*removal\.$/);
  assert.ok(existsSync(lock));
});

test("the lock goes when the change fails", async (context) => {
  const path = join(temporaryFolder(context), "count");
  await assert.rejects(
    withFileLock(path, () => Promise.reject(new Error("no"))),
    /^Error: no$/,
  );
  assert.equal(existsSync(`${path}.lock`), false);
});

test("a folder in which no lock can be made is a sentence that names it", async (context) => {
  const file = join(temporaryFolder(context), "file");
  writeFileSync(file, "");
  await assert.rejects(count(join(file, "below", "count")), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /count was not written: a part of its path is a file/);
    return true;
  });
});
