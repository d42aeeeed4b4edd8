import assert from "node:assert/strict";
import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { takeTaskLease } from "../../../src/node/workflow/taskLease.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const KEEP_YOUNG_MS = 20_000;
/** What a window on another machine writes. */
const others = JSON.stringify({ pid: 7, startTime: "x:1", host: "elsewhere", turn: "theirs" });

test("a lease is held by one at a time, and free again after its release", async (context) => {
  const folder = temporaryFolder(context);
  const lease = await takeTaskLease(folder, "sources");
  assert.ok(lease);
  assert.equal(await takeTaskLease(folder, "sources"), undefined);
  await lease.release();
  const next = await takeTaskLease(folder, "sources");
  assert.ok(next);
  await next.release();
});

test("who slept while another took the task neither keeps the other's lease young nor removes it", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const folder = temporaryFolder(context);
  const path = join(folder, "leases", "sources.json");
  const lease = await takeTaskLease(folder, "sources");
  await writeFile(path, others);
  await utimes(path, 1_000, 1_000);
  context.mock.timers.tick(KEEP_YOUNG_MS);
  await lease?.release();
  assert.equal(await readFile(path, "utf8"), others);
  assert.equal((await stat(path)).mtimeMs, 1_000_000);
});

test("a lease that this process left behind, or that a far window no longer keeps young, holds nobody", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "leases", "sources.json");
  const first = await takeTaskLease(folder, "sources");
  const own: unknown = JSON.parse(await readFile(path, "utf8"));
  await first?.release();
  const takes = async () => {
    const lease = await takeTaskLease(folder, "sources");
    await lease?.release();
    return lease !== undefined;
  };
  await writeFile(path, JSON.stringify({ ...Object(own), turn: "of a turn that ended without a word" }));
  assert.equal(await takes(), true);
  await writeFile(path, others);
  assert.equal(await takes(), false, "a far window that keeps it young is at work");
  const old = new Date(Date.now() - 91_000);
  await utimes(path, old, old);
  assert.equal(await takes(), true);
});
