import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { checkpointCommands } from "../../../src/editor/checkpoints/checkpointCommands.ts";
import { WatchedFolders } from "../../../src/editor/checkpoints/watchedFolders.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";

beforeEach(() => {
  resetFake();
  fake.workspaceFolder = "/w";
});

const state = { keys: () => [], get: <T>(_key: string, fallback?: T) => fallback, update: () => Promise.resolve() };

async function reveal(path: string): Promise<string[]> {
  const { revealInFolder } = checkpointCommands({
    watched: new WatchedFolders(state),
    runFolders: () => Promise.resolve([]),
    foundFolders: () => Promise.resolve([]),
    readWriters: () => Promise.resolve([]),
  });
  await revealInFolder?.(path);
  return fake.executed.map(({ command }) => command);
}

test("a checkpoint of the window is shown in its explorer", async () => {
  fake.builtInCommands.push("revealInExplorer", "revealFileInOS");
  assert.deepEqual(await reveal("/w/checkpoints/a.pt"), ["revealInExplorer"]);
});

test("a checkpoint outside of the window is shown by the system, or its place is told", async () => {
  await assert.rejects(reveal("/data/a.pt"), { name: "UserError", message: /^\/data\/a\.pt lies outside/ });
  fake.builtInCommands.push("revealFileInOS");
  assert.deepEqual(await reveal("/data/a.pt"), ["revealFileInOS"]);
});
