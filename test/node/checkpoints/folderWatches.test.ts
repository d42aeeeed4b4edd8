import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FolderWatches, type WatchBudget } from "../../../src/node/checkpoints/folderWatches.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const ignore = (): void => undefined;

test("all watches of the program share one budget, and give back what they took", (context) => {
  const top = temporaryFolder(context);
  const folders = ["a", "b"].map((name) => join(top, name));
  folders.forEach((folder) => mkdirSync(folder));
  const budget: WatchBudget = { left: 3 };
  const first = new FolderWatches(ignore, budget);
  using second = new FolderWatches(ignore, budget);
  const keep = (watches: FolderWatches) => folders.forEach((folder) => watches.keep(folder, folder));
  const state = () => [first.isComplete, second.isComplete, budget.left];
  keep(first);
  assert.deepEqual(state(), [true, true, 1]);
  keep(second);
  assert.deepEqual(state(), [true, false, 0]);
  first[Symbol.dispose]();
  assert.equal(budget.left, 2);
  keep(second);
  assert.deepEqual(state(), [true, true, 1]);
});

test("what is asked for after the end is not watched", (context) => {
  const folder = temporaryFolder(context);
  const budget: WatchBudget = { left: 1 };
  const watches = new FolderWatches(ignore, budget);
  watches[Symbol.dispose]();
  watches.keep(folder, folder);
  watches.keepNearest(folder);
  assert.equal(budget.left, 1);
});
