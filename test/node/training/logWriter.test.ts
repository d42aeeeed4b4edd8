import assert from "node:assert/strict";
import { readFile, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { monotonicMs } from "../../../src/node/base/monotonicClock.ts";
import { readLogEnd } from "../../../src/node/training/logEnd.ts";
import { LogWriter } from "../../../src/node/training/logWriter.ts";
import { makeWorkspace, waitUntil } from "../../support/runFixtures.ts";

test("numbers its lines as an editor does and keeps a note on one line", async (context) => {
  const path = join(await makeWorkspace(context), "train.log");
  const log = new LogWriter(path);
  assert.equal(log.append({ text: "one", end: "newline" }), 1);
  log.note("two\n  lines");
  assert.equal(log.append({ text: "three", end: "return" }), 3);
  await log.close();
  const texts = (await readFile(path, "utf8")).split("\n").map((line) => line.slice(25));
  assert.deepEqual(texts, ["one", "[trainyard] two lines", "three\r", ""]);
});

test("says in the log how many lines a full disk cost, where they are missing", async (context) => {
  const path = join(await makeWorkspace(context), "train.log");
  await symlink("/dev/full", path);
  const log = new LogWriter(path, { bufferBytes: 1_000 });
  for (let i = 1; i <= 40; i++) {
    log.append({ text: `line ${i}`, end: "newline" });
  }
  await waitUntil("the disk is found full", () => log.problem?.includes("no space is left on the disk (ENOSPC)"));
  const lost = Number(/(\d+) lines are missing from train\.log already/.exec(log.problem ?? "")?.[1]);
  assert.ok(lost > 0 && lost < 40);
  await unlink(path);
  await waitUntil("the log is written", () => {
    log.retry(monotonicMs());
    return log.problem?.includes("in time");
  });
  log.append({ text: "after", end: "newline" });
  await log.close();
  const texts = (await readFile(path, "utf8")).split("\n").map((line) => line.slice(25));
  assert.deepEqual(texts.slice(0, 2), ["line 1", "line 2"]);
  assert.deepEqual(texts.slice(-4), [
    `line ${40 - lost}`,
    `[trainyard] ${lost} lines were lost here: train.log could not be written in time.`,
    "after",
    "",
  ]);
});

test("goes on below what a killed writer left, and counts its lines", async (context) => {
  const path = join(await makeWorkspace(context), "train.log");
  const empty = { lineCount: 0, isInsideLine: false, parts: [{ firstLine: 1, sizeBytes: 0 }], missing: [] };
  assert.deepEqual(await readLogEnd(path), empty);
  await writeFile(path, "one\ntwo\nthr");
  const after = await readLogEnd(path);
  assert.deepEqual(after, {
    lineCount: 2,
    isInsideLine: true,
    parts: [{ firstLine: 1, sizeBytes: 11 }],
    missing: [],
  });
  const log = new LogWriter(path, { after });
  assert.equal(log.append({ text: "four", end: "newline" }), 4);
  await log.close();
  assert.match(await readFile(path, "utf8"), /^one\ntwo\nthr\n\S{24} four\n$/);
});
