import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import type { CheckpointEntry } from "../../../src/core/checkpoints/checkpointListing.ts";
import { folderLister, listCheckpointFolder } from "../../../src/node/checkpoints/listCheckpointFolder.ts";
import { FolderPrune } from "../../../src/node/checkpoints/pruneFolder.ts";
import { moveToTrash, pathsOf, restoreTrash } from "../../../src/node/checkpoints/trash.ts";
import { buildCheckpoint, buildSafetensors } from "../../support/checkpointBuilders.ts";
import { cliPath, spawnNode } from "../../support/runFixtures.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

/** Five epochs, a torn one, a Trainer's folder, and a link to the first. */
function workspace(context: TestContext): { root: string; folder: string } {
  const root = temporaryFolder(context);
  const folder = join(root, "saved");
  mkdirSync(folder);
  for (const epoch of [1, 2, 3, 4, 5]) {
    writeFileSync(join(folder, `epoch_${epoch}.pt`), buildCheckpoint(epoch));
    utimesSync(join(folder, `epoch_${epoch}.pt`), 1_000_000 + epoch, 1_000_000 + epoch);
  }
  writeFileSync(join(folder, "torn.pt"), buildCheckpoint(9, 64));
  truncateSync(join(folder, "torn.pt"), 200);
  utimesSync(join(folder, "torn.pt"), 1_000_000, 1_000_000);
  for (const step of [20, 30, 40]) {
    const trainer = join(folder, `checkpoint-${step}`);
    cpSync("test/fixtures/checkpoints/checkpoint-40", trainer, { recursive: true });
    const state = { global_step: step, log_history: [{ eval_accuracy: step }] };
    writeFileSync(join(trainer, "trainer_state.json"), JSON.stringify(state));
    for (const name of readdirSync(trainer)) {
      utimesSync(join(trainer, name), 900_000, 900_000);
    }
  }
  symlinkSync("epoch_1.pt", join(folder, "newest.pt"));
  return { root, folder };
}

async function prune(root: string, ...args: string[]): Promise<string> {
  const call = spawnNode([cliPath, "prune", ...args], { cwd: root });
  return `${await call.ended}\n${call.output}`;
}

test("prune shows what would go and moves nothing, until --yes, and --undo puts it back", async (context) => {
  const { root, folder } = workspace(context);
  const before = readdirSync(folder).toSorted();
  const shown = await prune(root, "saved", "--keep-last", "2");
  assert.match(
    shown,
    /^0\n4 checkpoints go, [\s\S]*epoch_3\.pt[\s\S]*torn\.pt: [\s\S]*checkpoint-20: [\s\S]*Nothing was moved\./,
  );
  const [, ...lines] = (await prune(root, "saved", "--json", "--keep-last", "1")).split("\n");
  const data: unknown = JSON.parse(lines.join("\n"));
  assert.ok(typeof data === "object" && data !== null && "judgedBy" in data && "unjudged" in data && "kept" in data);
  assert.deepEqual([data.judgedBy, data.unjudged], [["eval_accuracy"], 3]);
  assert.match(shown, /epoch_1\.pt: newest\.pt is a link to it[\s\S]*checkpoint-40: the best by eval_accuracy: 40/);
  assert.deepEqual(readdirSync(folder).toSorted(), before);

  const done = await prune(root, "saved", "--keep-last", "2", "--yes");
  const trash = /moved to (\S+); delete/.exec(done)?.[1] ?? "";
  assert.ok(trash.startsWith(join(root, ".trainyard", "trash")), done);
  assert.deepEqual(readdirSync(folder).toSorted(), [
    "checkpoint-30",
    "checkpoint-40",
    "epoch_1.pt",
    "epoch_4.pt",
    "epoch_5.pt",
    "newest.pt",
  ]);
  assert.ok(existsSync(join(trash, "saved/checkpoint-20/trainer_state.json")));
  assert.match(await prune(root, "--undo", trash), /^0\n\d+ files or folders are back where they were/);
  assert.deepEqual(readdirSync(folder).toSorted(), before);
});

test("refuses a policy that is none, and a trash that is none", async (context) => {
  const { root } = workspace(context);
  assert.match(await prune(root, "saved", "--keep-last", "few"), /^2\n[\s\S]*--keep-last takes a whole number/);
  assert.match(await prune(root, "nowhere"), /^1\n[\s\S]*does not exist/);
  assert.match(await prune(root, "--undo", "saved"), /^1\n[\s\S]*is no trash folder of Trainyard/);
});

test("one checkpoint is not taken apart, and what Trainer writes around its checkpoints does not make one of them", async (context) => {
  const { root, folder } = workspace(context);
  const before = readdirSync(join(folder, "checkpoint-40"));
  assert.match(
    await prune(root, "saved/checkpoint-40", "--keep-last", "1", "--yes"),
    /^1\n[\s\S]*checkpoint-40 is one checkpoint and no folder of checkpoints\. Name the folder that holds it instead: \S+saved$/m,
  );
  assert.deepEqual(readdirSync(join(folder, "checkpoint-40")), before);
  writeFileSync(join(folder, "trainer_state.json"), "{}");
  assert.match(await prune(root, "saved", "--keep-last", "2"), /^0\n4 checkpoints go, /);
});

test("of runs whose Trainer has finished each keeps its own checkpoints", async (context) => {
  const { root, folder } = workspace(context);
  for (const run of ["a", "b"]) {
    cpSync(folder, join(root, "runs", run), { recursive: true });
    writeFileSync(join(root, "runs", run, "trainer_state.json"), "{}");
  }
  const plan = await prune(root, "runs", "--keep-last", "1");
  assert.match(plan, /^0\n/);
  assert.doesNotMatch(plan, /^\s*(?:runs\/)?[ab]\s/m, "no run goes as a whole");
  assert.match(plan, /checkpoint-20/);
});

test("what changed after it was agreed to stays, and nothing is put back over something new", async (context) => {
  const { root, folder } = workspace(context);
  const plans = new FolderPrune(
    folder,
    { keepBest: 0, keepLast: 1 },
    {
      listFolder: folderLister(),
      listAfresh: listCheckpointFolder,
      readWriters: async () => [],
    },
  );
  const agreed = (await plans.plan()).removed.filter(({ summary }) => /epoch_[23]/.test(summary.name));
  writeFileSync(join(folder, "epoch_3.pt"), buildCheckpoint(3, 8));
  const same = (await plans.planAgain(agreed)).removed;
  assert.deepEqual(
    same.map(({ summary }) => summary.name),
    ["epoch_2.pt"],
  );
  const { trash = "" } = await moveToTrash(await pathsOf(same), { root, folder });
  writeFileSync(join(folder, "epoch_2.pt"), "new");
  await assert.rejects(restoreTrash(trash), /epoch_2\.pt exists again, so nothing was put back/);
});

test("the shards of an index go with it", async (context) => {
  const root = temporaryFolder(context);
  const names = ["m.safetensors.index.json", "m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"];
  names.forEach((name) => writeFileSync(join(root, name), "{}"));
  const listing = await listCheckpointFolder(root);
  assert.ok(listing.kind === "listed");
  const { trash = "" } = await moveToTrash(await pathsOf(listing.entries), { root, folder: root });
  assert.deepEqual(readdirSync(trash).toSorted(), [...names, "moved.json"].toSorted());
  assert.equal(await restoreTrash(trash), 3);
});

test("shards without an index are one checkpoint, whole when all of them are", async (context) => {
  const root = temporaryFolder(context);
  for (const shard of [1, 2, 3, 4]) {
    writeFileSync(join(root, `pytorch_model-0000${shard}-of-00004.bin`), buildCheckpoint(shard));
    writeFileSync(join(root, `stale-0000${shard}-of-00005.safetensors`), buildSafetensors({}, 0));
  }
  const before = readdirSync(root).filter((name) => name.startsWith("pytorch"));
  const size = buildCheckpoint(1).length;
  const listing = await listCheckpointFolder(root, { now: () => Date.now() + 3_600_000 });
  assert.ok(listing.kind === "listed");
  assert.deepEqual(
    new Map(listing.entries.map(({ summary }) => [summary.name, summary.completeness.reason])),
    new Map([
      ["pytorch_model-00001-of-00004.bin", "all 4 shards are complete"],
      ["stale-00001-of-00005.safetensors", "4 of 5 shards are there, without stale-00005-of-00005.safetensors"],
    ]),
  );
  assert.equal(listing.entries.find(({ path }) => path.endsWith(".bin"))?.summary.sizeBytes, 4 * size);
  await prune(root, ".", "--keep-last", "1", "--yes");
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith("pytorch")),
    before,
  );
});

test("an index whose shard vanished after it was read does not make the one whole checkpoint go", async (context) => {
  for (const [first, second] of [
    ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
    ["left.safetensors", "right.safetensors"],
  ] as const) {
    const root = temporaryFolder(context);
    const add = (name: string, content: string | Uint8Array, time: number) => {
      writeFileSync(join(root, name), content);
      utimesSync(join(root, name), time, time);
    };
    const further = { ...tensor, data_offsets: [8, 16] };
    add("old.safetensors", buildSafetensors({ w: tensor, v: further }, 16), 1_000);
    add("model-step-1.safetensors.index.json", JSON.stringify({ weight_map: { w: "old.safetensors" } }), 1_000);
    add(first, buildSafetensors({ a: tensor }, 8), 500);
    add(second, buildSafetensors({ b: tensor }, 8), 500);
    add("model-step-2.safetensors.index.json", JSON.stringify({ weight_map: { a: first, b: second } }), 2_000);
    const plans = new FolderPrune(
      root,
      { keepBest: 0, keepLast: 1 },
      { listFolder: folderLister(), listAfresh: listCheckpointFolder, readWriters: async () => [] },
    );
    const { removed } = await plans.plan();
    assert.match(namesOf(removed), /model-step-1/);
    rmSync(join(root, second));
    assert.doesNotMatch(namesOf((await plans.plan()).removed), /model-step-1/);
    assert.doesNotMatch(namesOf((await plans.planAgain(removed)).removed), /model-step-1/);
  }
});

test("what is carried out is planned from files that were read anew", async (context) => {
  const { folder } = workspace(context);
  const before = await listCheckpointFolder(folder);
  const plans = new FolderPrune(
    folder,
    { keepBest: 0, keepLast: 1 },
    { listFolder: async () => before, listAfresh: listCheckpointFolder, readWriters: async () => [] },
  );
  const { removed } = await plans.plan();
  assert.match(namesOf(removed), /epoch_4/);
  truncateSync(join(folder, "epoch_5.pt"), 100);
  utimesSync(join(folder, "epoch_5.pt"), 1_000_005, 1_000_005);
  assert.doesNotMatch(namesOf((await plans.planAgain(removed)).removed), /epoch_4/);
});

test("what a link to a folder leads to stays, also by way of another link", async (context) => {
  const { root, folder } = workspace(context);
  symlinkSync("checkpoint-20", join(folder, "best_step"));
  symlinkSync("epoch_2.pt", join(folder, "second"));
  symlinkSync(join(folder, "second"), join(folder, "last.ckpt"));
  symlinkSync(join("saved", "epoch_3.pt"), join(root, "best.pt"));
  symlinkSync(folder, join(root, "newest_run"));
  const shown = await prune(root, "saved", "--keep-last", "1");
  assert.match(shown, /epoch_3\.pt: best\.pt is a link to it/);
  assert.match(shown, /^\d\n3 checkpoints go, /, "a link to the folder itself keeps nothing");
  assert.match(shown, /checkpoint-20: best_step is a link to it/);
  assert.match(shown, /epoch_2\.pt: second is a link to it/);
});

function namesOf(entries: readonly CheckpointEntry[]): string {
  return entries.map(({ summary }) => summary.name).join(" ");
}

test("what a training deleted while a person was asked makes its neighbour stay", async (context) => {
  const { folder } = workspace(context);
  const plans = new FolderPrune(
    folder,
    { keepBest: 0, keepLast: 1 },
    {
      listFolder: folderLister(),
      listAfresh: listCheckpointFolder,
      readWriters: () => Promise.resolve([]),
    },
  );
  const { removed } = await plans.plan();
  rmSync(join(folder, "epoch_5.pt"));
  const again = await plans.planAgain(removed);
  assert.equal(namesOf(removed), "epoch_4.pt epoch_3.pt epoch_2.pt torn.pt checkpoint-30 checkpoint-20");
  assert.equal(namesOf(again.removed), "epoch_3.pt epoch_2.pt torn.pt checkpoint-30 checkpoint-20");
});

test("an index keeps the parts that it names, and takes them with it, whatever they are called", async (context) => {
  for (const parts of [
    ["part_1.safetensors", "part_2.safetensors"],
    ["shard-00001-model-00001-of-00002.safetensors", "shard-00002-model-00002-of-00002.safetensors"],
  ]) {
    const root = temporaryFolder(context);
    const index = join(root, "model.safetensors.index.json");
    parts.forEach((name) => writeFileSync(join(root, name), buildSafetensors({ [name]: tensor }, 8)));
    writeFileSync(join(root, "train.py"), "");
    writeFileSync(index, JSON.stringify({ weight_map: Object.fromEntries(parts.map((name) => [name, name])) }));
    utimesSync(index, 1_000, 1_000);
    parts.forEach((name) => utimesSync(join(root, name), 900, 900));
    const shown = await prune(root, ".", "--keep-last", "1", "--yes");
    assert.match(shown, /^0\n[\s\S]*index\.json: the newest whole one/);
    assert.doesNotMatch(shown, /part_1|shard-/);

    writeFileSync(
      index,
      JSON.stringify({ weight_map: { a: parts[0], b: parts[1], c: "gone.safetensors", d: "train.py" } }),
    );
    utimesSync(index, 1_000, 1_000);
    writeFileSync(join(root, "whole.safetensors"), buildSafetensors({ w: tensor }, 8));
    const moved = await prune(root, ".", "--keep-last", "1", "--yes");
    assert.match(moved, /^0\n1 checkpoint goes, /);
    assert.deepEqual(
      readdirSync(root)
        .filter((name) => !name.startsWith("."))
        .toSorted(),
      ["train.py", "whole.safetensors"],
    );
  }
});

test("nothing is pruned where not all of the folder could be looked into", async (context) => {
  const { folder } = workspace(context);
  mkdirSync(join(folder, "run"));
  const partly = new FolderPrune(
    folder,
    { keepBest: 1, keepLast: 1 },
    {
      listFolder: folderLister(),
      listAfresh: (listed) => listCheckpointFolder(listed, { maxPlaces: 1 }),
      readWriters: async () => [],
    },
  );
  const { removed } = await partly.plan();
  await assert.rejects(partly.planAgain(removed), UserError);
});

test("keeps what a note or a log beside it singles out, and not what a log names among all others", async (context) => {
  const notes: [name: string, text: string, isKept: boolean | string][] = [
    ["best.txt", "epoch_3.pt\n", true],
    ["best_epoch.txt", "3", true],
    ["best.json", JSON.stringify({ epoch: 3, val_loss: 0.12 }), true],
    ["results.json", JSON.stringify({ best: { path: "/home/ada/saved/epoch_3.pt" } }), true],
    ["summary.yaml", "best_epoch: 3\n", true],
    ["README.md", "The table of the paper was made with `epoch_3`.", true],
    ["results.csv", "epoch,val_loss\n2,0.3\n3,0.2\n", "likely the best by val_loss in results.csv: 0.2"],
    ["config.json", JSON.stringify({ epochs: 3, epoch: 3, step: 3 }), false],
    ["saved.txt", [1, 2, 3, 4, 5].map((epoch) => `saved epoch_${epoch}.pt`).join("\n"), false],
  ];
  const { root, folder } = workspace(context);
  const plans = new FolderPrune(
    folder,
    { keepBest: 0, keepLast: 2 },
    { listFolder: folderLister(), listAfresh: listCheckpointFolder, readWriters: async () => [] },
  );
  for (const [name, text, isKept] of notes) {
    for (const holder of [folder, root]) {
      writeFileSync(join(holder, name), text);
      const { kept } = await plans.plan();
      const reason = kept.find(({ entry }) => entry.summary.name === "epoch_3.pt")?.reason;
      const expected = isKept === true ? `${name} names it` : isKept || undefined;
      assert.equal(reason, expected, `${name} in ${holder}`);
      rmSync(join(holder, name));
    }
  }
});

test("keeps what a file beside it names as the one to go on from", async (context) => {
  const pointers: [name: string, text: string, saves: (step: number) => string][] = [
    ["last_checkpoint", "model_0000001.pth", (step) => `model_000000${step}.pth`],
    ["last_checkpoint", "/home/ada/work_dirs/a/epoch_1.pth\n", (step) => `epoch_${step}.pth`],
    ["latest", "C:\\runs\\step_1.pt", (step) => `step_${step}.pt`],
  ];
  for (const [name, text, saves] of pointers) {
    const root = temporaryFolder(context);
    mkdirSync(join(root, "run", "checkpoint"), { recursive: true });
    writeFileSync(join(root, "run", name), text);
    for (const step of [1, 2, 3]) {
      writeFileSync(join(root, "run", saves(step)), buildCheckpoint(step));
      utimesSync(join(root, "run", saves(step)), step, step);
    }
    const plan = await prune(root, ".", "--keep-last", "1");
    assert.match(plan, /^0\n1 checkpoint goes/, plan);
    assert.ok(plan.includes(`${saves(1)}: ${name} names it`), plan);
  }
});

test("behind -- stands a folder whose name looks like an option", async (context) => {
  const { root, folder } = workspace(context);
  cpSync(folder, join(root, "-odd"), { recursive: true });
  assert.match(await prune(root, "-odd"), /^2\n/);
  assert.match(await prune(root, "--keep-last", "2", "--", "-odd"), /^0\n4 checkpoints go/);
});
