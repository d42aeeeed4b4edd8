import assert from "node:assert/strict";
import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { CheckpointMonitor } from "../../../src/editor/checkpoints/checkpointMonitor.ts";
import { makeWorkspace, waitUntil } from "../../support/runFixtures.ts";

const fixture = new URL("../../fixtures/checkpoints/checkpoint_epoch_3.pt", import.meta.url);

async function watchFolder(context: TestContext): Promise<{ monitor: CheckpointMonitor; folder: string }> {
  const folder = join(await makeWorkspace(context), "checkpoints");
  await mkdir(folder);
  await writeFile(join(folder, "a.pt"), await readFile(fixture));
  const monitor = new CheckpointMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  monitor.setFolders([folder]);
  await waitUntil("the folder is listed", () => monitor.contentsOf(folder).entries.length === 1);
  return { monitor, folder };
}

function shown(monitor: CheckpointMonitor, folder: string): string[] {
  const { entries, writing } = monitor.contentsOf(folder);
  return [
    ...entries.map((entry) => basename(entry.path)),
    ...writing.map(({ path, sizeBytes }) => `${basename(path)} ${sizeBytes}`),
  ];
}

test("a folder that vanishes keeps what it held beside the message, and loses the message when it is back", async (context) => {
  const { monitor, folder } = await watchFolder(context);
  await rename(folder, `${folder}-away`);
  const { problem } = await waitUntil("the loss is told", () => {
    const contents = monitor.contentsOf(folder);
    return contents.problem !== undefined && contents;
  });
  assert.match(problem ?? "", /does not exist/);
  assert.deepEqual(shown(monitor, folder), ["a.pt"]);
  await rename(`${folder}-away`, folder);
  await waitUntil("the folder is found again", () => monitor.contentsOf(folder).problem === undefined);
  assert.deepEqual(shown(monitor, folder), ["a.pt"]);
});

test("a link to a checkpoint beside it is listed and not announced, one to another folder is", async (context) => {
  const { monitor, folder } = await watchFolder(context);
  const announced: string[] = [];
  monitor.onDidComplete(({ path }) => void announced.push(basename(path)));
  const elsewhere = join(await makeWorkspace(context), "far.pt");
  await writeFile(elsewhere, await readFile(fixture));
  await symlink("a.pt", join(folder, "last.pt"));
  await symlink(elsewhere, join(folder, "best.pt"));
  await waitUntil("both are listed", () => shown(monitor, folder).toSorted().join() === "a.pt,best.pt,last.pt");
  assert.deepEqual(announced, ["best.pt"]);
});

test("a checkpoint that is rewritten is one row: being written, growing, then finished", async (context) => {
  const { monitor, folder } = await watchFolder(context);
  const bytes = await readFile(fixture);
  for (const size of [1_000, 2_000]) {
    await writeFile(join(folder, "a.pt"), bytes.subarray(0, size));
    await waitUntil(`${size} bytes are shown`, () => shown(monitor, folder).join() === `a.pt ${size}`);
  }
  await writeFile(join(folder, "a.pt"), bytes);
  await waitUntil("it is finished", () => shown(monitor, folder).join() === "a.pt");
});
