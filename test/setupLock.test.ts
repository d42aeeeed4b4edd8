import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../scripts/paths.mjs";
import { takeLock } from "../scripts/setup/setupLock.mjs";
import { waitFor } from "./support/poll.ts";

const GONE_PID = 2 ** 22 + 1;

/** Takes the lock, notes its coming and going, and ends. */
const WORKER = `
  import { appendFileSync } from "node:fs";
  const [lockModule, lock, notes] = process.argv.slice(1);
  const { takeLock } = await import(lockModule);
  const release = await takeLock(lock);
  appendFileSync(notes, "in ");
  await new Promise((resolve) => setTimeout(resolve, 30));
  appendFileSync(notes, "out ");
  await release();`;

test("a lock whose owner is gone, or whose number is another process's by now, is taken", async (t) => {
  const { folder, lock } = await makeFolder(t);
  for (const text of [`${GONE_PID} 1`, `${process.pid} 1`, "no number"]) {
    await writeFile(lock, text);
    const release = await takeLock(lock);
    assert.match(await readFile(lock, "utf8"), new RegExp(`^${process.pid}\\b`));
    await release();
    assert.deepEqual(await readdir(folder), []);
  }
});

test("a lock that its owner has not written into yet is waited for", async (t) => {
  const { lock, notes } = await makeFolder(t);
  await writeFile(lock, "");
  const waiter = startWorker(lock, notes);
  await waitFor("the worker to wait", () => waiter.printed().includes("waiting for it"));
  await assert.rejects(readFile(notes), /ENOENT/);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  await waiter.ended;
  assert.equal(await readFile(notes, "utf8"), "in out ");
});

test("of many that find a stale lock, one at a time goes on", { timeout: 60_000 }, async (t) => {
  const { folder, lock, notes } = await makeFolder(t);
  await writeFile(lock, `${GONE_PID} 1`);
  const count = 6;
  await Promise.all(Array.from({ length: count }, () => startWorker(lock, notes).ended));
  assert.equal(await readFile(notes, "utf8"), "in out ".repeat(count));
  assert.deepEqual(await readdir(folder), ["notes"]);
});

function startWorker(lock: string, notes: string): { printed: () => string; ended: Promise<unknown> } {
  const lockModule = pathToFileURL(join(root, "scripts", "setup", "setupLock.mjs")).href;
  const worker = spawn(process.execPath, ["--input-type=module", "-e", WORKER, lockModule, lock, notes]);
  let printed = "";
  worker.stdout.on("data", (chunk) => {
    printed += String(chunk);
  });
  return { printed: () => printed, ended: once(worker, "close") };
}

async function makeFolder(t: TestContext): Promise<{ folder: string; lock: string; notes: string }> {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-lock-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return { folder, lock: join(folder, "setup.lock"), notes: join(folder, "notes") };
}
