import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pickFolder } from "../../../src/editor/dashboard/pickFolder.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("a folder that was found is picked by its row, and any other by the path that is typed", async (context) => {
  const root = temporaryFolder(context);
  await mkdir(join(root, "w", "final"), { recursive: true });
  resetFake();
  fake.workspaceFolder = root;
  const client = { findLogs: () => Promise.resolve([{ path: join(root, "w"), places: 3, modifiedMs: 0 }]) };
  const pick = (row: number, typed: string) => {
    fake.quickPick = (items) => items[row];
    fake.quickPickText = typed;
    return pickFolder(client);
  };
  assert.equal(await pick(0, "w"), join(root, "w"));
  assert.equal(await pick(1, "w/final"), join(root, "w", "final"));
  assert.equal(await pick(1, join(root, "w")), join(root, "w"));
  assert.equal(await pick(2, ""), undefined, "left without an answer");
});

test("however many places of logs were found, each is in the list", async (context) => {
  const root = temporaryFolder(context);
  resetFake();
  fake.workspaceFolder = root;
  const found = Array.from({ length: 11 }, (_, at) => ({ path: join(root, `logs${at}`), places: 1, modifiedMs: 0 }));
  fake.quickPick = (items) => items[10];
  assert.equal(await pickFolder({ findLogs: () => Promise.resolve(found) }), join(root, "logs10"));
});
