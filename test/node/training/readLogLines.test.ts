import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readLogLines } from "../../../src/node/training/readLogLines.ts";

test("a run that printed nothing has no lines", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  assert.deepEqual(await readLogLines(folder, 5), []);
  await writeFile(join(folder, "train.log"), "");
  assert.deepEqual(await readLogLines(folder, 5), []);
});

test("the last finished lines come without times, repainted progress and the torn end", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  const time = "2026-11-21T03:44:55.123Z";
  const lines = [`${time} epoch 1`, `${time} 45%\r`, `${time} epoch 2`, `${time} epoch 3`];
  await writeFile(join(folder, "train.log"), `${lines.join("\n")}\n${time} torn`);
  assert.deepEqual(await readLogLines(folder, 2), ["epoch 2", "epoch 3"]);
  assert.deepEqual(await readLogLines(folder, 9), ["epoch 1", "epoch 2", "epoch 3"]);
});

test("of a long log only the end is read, beginning with a whole line", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  const time = "2026-11-21T03:44:55.123Z";
  const count = 5000;
  const lines = Array.from({ length: count }, (_, index) => `${time} step ${index}`);
  await writeFile(join(folder, "train.log"), `${lines.join("\n")}\n`);
  const read = await readLogLines(folder, count);
  assert.equal(read.at(-1), "step 4999");
  assert.ok(read.length < count);
  assert.ok(read.every((line) => /^step \d+$/.test(line)));
});
