import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { checkpointCommands } from "../../../src/editor/checkpoints/checkpointCommands.ts";
import { checkpointsSlashCommand } from "../../../src/editor/checkpoints/checkpointsReply.ts";
import { WatchedFolders } from "../../../src/editor/checkpoints/watchedFolders.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { Uri } from "../../support/fakeVscodeTypes.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

beforeEach(() => {
  resetFake();
  fake.workspaceFolder = "/w";
});

const state = { keys: () => [], get: <T>(_key: string, fallback?: T) => fallback, update: () => Promise.resolve() };

function commandsWith(foundFolders: readonly string[] = []) {
  return checkpointCommands({
    watched: new WatchedFolders(state),
    runFolders: () => Promise.resolve([]),
    foundFolders: () => Promise.resolve(foundFolders),
    readWriters: () => Promise.resolve([]),
  });
}

async function reveal(path: string): Promise<string[]> {
  await commandsWith()["revealInFolder"]?.(path);
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

test("one checkpoint is not pruned, and nothing is asked before that is said", async (context) => {
  const root = temporaryFolder(context);
  const checkpoint = join(root, "checkpoint-40");
  mkdirSync(checkpoint);
  for (const name of ["pytorch_model.bin", "optimizer.pt"]) {
    writeFileSync(join(checkpoint, name), buildCheckpoint(1, 64));
  }
  await assert.rejects(async () => commandsWith()["pruneCheckpoints"]?.(checkpoint), {
    name: "UserError",
    message: `${checkpoint} is one checkpoint and no folder of checkpoints. Name the folder that holds it instead: ${root}`,
  });
});

test("to choose from are the folders that hold checkpoints, each once, and no checkpoint", async (context) => {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  const found = ["hf/checkpoint-2", "hf/checkpoint-4", "plain"].map((name) => join(root, name));
  for (const folder of found) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pytorch_model.bin"), buildCheckpoint(1, 64));
  }
  const labels: string[] = [];
  fake.quickPick = (items) => void labels.push(...items.map(({ label }) => label));
  for (const command of ["pruneCheckpoints", "watchCheckpoints"]) {
    labels.length = 0;
    await commandsWith(found)[command]?.(undefined);
    assert.deepEqual(labels.slice(0, -1), ["hf", "plain"], command);
  }
});

test("a question about checkpoints is no folder, and a wish to delete them deletes none", async (context) => {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  for (const [name, epoch] of [
    ["checkpoints", 3],
    ["other", 7],
  ] as const) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, `epoch_${epoch}.pt`), buildCheckpoint(1, 64));
  }
  const checkpoints = checkpointsSlashCommand({
    watched: new WatchedFolders(state),
    runFolders: () => Promise.resolve([join(root, "checkpoints")]),
    foundFolders: () => Promise.resolve([]),
  });
  const ask = (prompt: string) => checkpoints.answer({ prompt, references: [] }, new AbortController().signal);
  const known = (await ask("")).markdown;
  assert.match(known, /epoch_3\.pt/);
  for (const prompt of ["which is best?", "which checkpoint is best?", "best?", "best", "list checkpoints"]) {
    assert.equal((await ask(prompt)).markdown, known, prompt);
  }
  for (const prompt of ["delete all old checkpoints except the best 3", "rm -rf checkpoints"]) {
    const { markdown, buttons } = await ask(prompt);
    assert.match(markdown, /^Nothing was deleted;/, prompt);
    assert.deepEqual(
      buttons?.map(({ command }) => command),
      ["trainyard.pruneCheckpoints"],
    );
  }
  for (const prompt of ["other", "which is best in other?", "`other`", join(root, "other")]) {
    assert.match((await ask(prompt)).markdown, /epoch_7\.pt/, prompt);
  }
  for (const prompt of ["othre", "which is best in ./othre?"]) {
    assert.match((await ask(prompt)).markdown, /othre.*does not exist/, prompt);
  }
});

test("before the first run the chat tells of the folders that are found, a few of them", async (context) => {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  const answerFor = async (...names: readonly string[]) => {
    for (const name of names) {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, "epoch_3.pt"), buildCheckpoint(3, 64));
    }
    const checkpoints = checkpointsSlashCommand({
      watched: new WatchedFolders(state),
      runFolders: () => Promise.resolve([]),
      foundFolders: () => Promise.resolve(names.map((name) => join(root, name))),
    });
    return (await checkpoints.answer({ prompt: "", references: [] }, new AbortController().signal)).markdown;
  };
  assert.match(await answerFor(), /^No checkpoint folder is known yet/);
  assert.match(await answerFor("ckpts"), /^\*\*ckpts\*\*\n\n- \*\*epoch_3\.pt\*\*/);
  const many = await answerFor("a", "b", "c", "d", "e", "f", "g");
  assert.equal(many.match(/epoch_3/g)?.length, 5);
  assert.match(many, /\n2 more folders with checkpoints: name one to see it\.$/);
});

test("each checkpoint is told once, where a model lies in the folder above those of a training", async (context) => {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  const weights = join(root, "runs", "train", "weights");
  mkdirSync(weights, { recursive: true });
  writeFileSync(join(root, "yolov8n.pt"), buildCheckpoint(1));
  writeFileSync(join(weights, "last.pt"), buildCheckpoint(2));
  const checkpoints = checkpointsSlashCommand({
    watched: new WatchedFolders(state),
    runFolders: () => Promise.resolve([]),
    foundFolders: () => Promise.resolve([root, weights]),
  });
  const { markdown } = await checkpoints.answer({ prompt: "", references: [] }, new AbortController().signal);
  assert.equal(markdown.match(/last\.pt/g)?.length, 1, markdown);
  assert.match(markdown, /yolov8n\.pt[\s\S]*1 checkpoint \(1 whole\)[\s\S]*last\.pt/);
});

test("to compare are the checkpoints of the workspace, and not those in the packages of its environment", async (context) => {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  for (const place of [
    "checkpoints/a.pt",
    "checkpoints/b.pt",
    ".venv/lib/python3.11/site-packages/joblib/test/data.pkl",
  ]) {
    mkdirSync(join(root, place, ".."), { recursive: true });
    writeFileSync(join(root, place), buildCheckpoint(1, 64));
  }
  const offered: string[][] = [];
  fake.quickPick = (items) => {
    offered.push(items.map(({ label }) => label));
    return undefined;
  };
  await commandsWith()["compareCheckpoints"]?.(Uri.file(join(root, "checkpoints/b.pt")));
  assert.deepEqual(offered, [["a.pt", "$(folder-opened) Browse…"]]);
});
