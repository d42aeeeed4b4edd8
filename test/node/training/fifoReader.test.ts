import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FifoReader } from "../../../src/node/training/fifoReader.ts";
import { makeWorkspace } from "../../support/runFixtures.ts";

test("a training that prints much is looked at before its pipe is full, also between its bursts, and a quiet one seldom", async (context) => {
  const path = join(await makeWorkspace(context), "stdout");
  execFileSync("mkfifo", [path]);
  const end = openSync(path, constants.O_RDWR);
  const reader = new FifoReader(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  context.after(() => {
    reader.destroy();
    closeSync(end);
  });
  const usual = reader.patienceMs;
  const look = (printedBytes: number): number => {
    writeSync(end, Buffer.alloc(printedBytes));
    reader.look();
    return reader.patienceMs;
  };
  assert.equal(look(0), usual);
  assert.equal(look(1), usual);
  assert.ok(look(48 * 1024) < usual / 4);
  const afterBurst = look(0);
  assert.ok(afterBurst < usual / 2);
  const later = Array.from({ length: 20 }, () => look(0));
  assert.deepEqual([later.at(-1), later.toSorted((a, b) => a - b)], [usual, later]);
});
