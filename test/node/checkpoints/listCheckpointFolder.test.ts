import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newestWhole } from "../../../src/core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { describeCheckpointFolder } from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { requireNewestWhole } from "../../../src/core/checkpoints/newestCheckpoint.ts";
import { withFileBytes } from "../../../src/node/checkpoints/fileByteSource.ts";
import { diskAt, listCheckpointFolder, SummaryCache } from "../../../src/node/checkpoints/listCheckpointFolder.ts";
import { type FoundCheckpoint, seeFolder } from "../../../src/node/checkpoints/lookIntoFolder.ts";
import { readCheckpoint, readCheckpointWithTensors } from "../../../src/node/checkpoints/readCheckpoint.ts";
import { buildCheckpoint, buildSafetensors } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

test("lists files, runs, trainer folders, links and temporary names", async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "run-1", "checkpoint-5"), { recursive: true });
  mkdirSync(join(folder, ".cache"));
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(1));
  writeFileSync(join(folder, "run-1", "b.pt"), buildCheckpoint(2));
  writeFileSync(join(folder, "run-1", "checkpoint-5", "trainer_state.json"), '{"global_step": 5}');
  writeFileSync(join(folder, ".cache", "c.pt"), buildCheckpoint(3));
  writeFileSync(join(folder, "d.pt.tmp"), "x");
  writeFileSync(join(folder, "train.log"), "x");
  symlinkSync("a.pt", join(folder, "last.pt"));
  symlinkSync("gone.pt", join(folder, "dangling.pt"));
  symlinkSync(folder, join(folder, "run-1", "up"));
  const listing = await listCheckpointFolder(folder);
  assert.ok(listing.kind === "listed");
  const shown = listing.entries.map(({ run, summary, linkTarget }) => [run, summary.name, linkTarget].join(" ").trim());
  assert.deepEqual(shown.toSorted(), ["a.pt", "last.pt a.pt", "run-1 b.pt", "run-1 checkpoint-5"]);
  assert.deepEqual(listing.temporary, [{ path: join(folder, "d.pt.tmp"), sizeBytes: 1 }]);
  const reason = "It is a link to gone.pt, which does not exist.";
  assert.deepEqual(listing.unreadable, [{ path: join(folder, "dangling.pt"), reason }]);
  await assert.rejects(
    readCheckpoint(join(folder, "dangling.pt")),
    /dangling\.pt is a link to gone\.pt, which does not/,
  );
});

test("looks deeper than two folders of runs only where no training saved nearer", async (context) => {
  const folder = temporaryFolder(context);
  const namesNow = async () => {
    const listing = await listCheckpointFolder(folder);
    return listing.kind === "listed" && listing.entries.map(({ run, summary }) => `${run}/${summary.name}`).toSorted();
  };
  for (const run of ["runs/detect/train", "runs/detect/train2/weights", "runs/a/b/c/d/e"]) {
    mkdirSync(join(folder, run), { recursive: true });
    writeFileSync(join(folder, run, "last.pt"), buildCheckpoint(1));
  }
  assert.deepEqual(await namesNow(), ["runs/detect/train/last.pt", "runs/detect/train2/weights/last.pt"]);
  writeFileSync(join(folder, "runs", "detect", "epoch_1.pt"), buildCheckpoint(2));
  assert.deepEqual(await namesNow(), ["runs/detect/epoch_1.pt"]);
});

test("what a training began with hides none of what it saved deeper", async (context) => {
  const folder = temporaryFolder(context);
  const weights = join(folder, "runs", "detect", "train", "weights");
  mkdirSync(weights, { recursive: true });
  mkdirSync(join(folder, "pretrained"));
  for (const path of ["yolov8n.pt", "pretrained/resnet50-0676ba61.pth"]) {
    writeFileSync(join(folder, path), buildCheckpoint(1));
    utimesSync(join(folder, path), 1_000, 1_000);
  }
  writeFileSync(join(weights, "last.pt"), buildCheckpoint(2));
  assert.equal(requireNewestWhole(await listCheckpointFolder(folder)).path, join(weights, "last.pt"));
});

test("a second name of a file is told, and its bytes are not counted twice", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "epoch_1.pt"), buildCheckpoint(1));
  linkSync(join(folder, "epoch_1.pt"), join(folder, "last.pt"));
  const listing = await listCheckpointFolder(folder);
  assert.ok(listing.kind === "listed");
  const twins = listing.entries.map(({ summary, sameFileAs }) => [summary.name, sameFileAs].join(" "));
  assert.deepEqual(twins.toSorted(), ["epoch_1.pt ", "last.pt epoch_1.pt"]);
  const text = describeCheckpointFolder(listing);
  assert.match(text, /last\.pt\*\* · .* · the same file as epoch_1\.pt[\s\S]*2 checkpoints \(2 whole\), 516 B\./);
});

test("reads a model in several files through its index", async (context) => {
  const folder = temporaryFolder(context);
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const index = join(folder, "model.safetensors.index.json");
  writeFileSync(index, JSON.stringify({ weight_map: Object.fromEntries(shards.map((name) => [name, name])) }));
  for (const shard of shards) {
    writeFileSync(join(folder, shard), buildSafetensors({ [shard]: tensor }, 8));
  }
  const listing = await listCheckpointFolder(folder);
  assert.ok(listing.kind === "listed");
  assert.deepEqual(
    listing.entries.map(({ summary }) => [summary.name, summary.completeness.state, summary.tensorCount]),
    [["model.safetensors.index.json", "whole", 2]],
  );
  truncateSync(join(folder, shards[1] ?? ""), 30);
  assert.deepEqual((await readCheckpoint(index)).completeness.state, "torn");
  writeFileSync(index, JSON.stringify({ weight_map: { a: "../../etc/passwd" } }));
  assert.match((await readCheckpoint(index)).completeness.reason, /names something that is no file beside it/);
});

test("shows the parts of Llama as one checkpoint, and names those that are missing", async (context) => {
  const folder = temporaryFolder(context);
  const add = (run: string, ...numbers: string[]) => {
    mkdirSync(join(folder, run));
    for (const number of numbers) {
      writeFileSync(join(folder, run, `consolidated.${number}.pth`), buildCheckpoint(1));
    }
  };
  add("four", "00", "01", "02", "03");
  add("holes", "00", "03");
  add("one", "00");
  const listing = await listCheckpointFolder(folder);
  assert.ok(listing.kind === "listed");
  const shown = listing.entries.map(({ run, summary: { name, completeness, tensorCount } }) =>
    [run, name, tensorCount, completeness.state, completeness.reason.replace(/\d+ s ago/, "just now")].join(" "),
  );
  assert.deepEqual(shown.toSorted(), [
    "four consolidated.00.pth 4 unknown 4 parts, of how many the names do not say",
    "holes consolidated.00.pth 2 writing changed just now; 2 of its shards are there, without consolidated.01.pth, consolidated.02.pth",
    "one consolidated.00.pth 1 whole its one part is complete",
  ]);
});

test("the parts of Llama have the hyper-parameters that lie beside them", async (context) => {
  const folder = temporaryFolder(context);
  const params = { dim: 4, n_layers: 1, n_heads: 2, norm_eps: 1e-5, ffn_dim_multiplier: 1.3 };
  for (const part of ["00", "01"]) {
    writeFileSync(join(folder, `consolidated.${part}.pth`), buildCheckpoint(1));
  }
  writeFileSync(join(folder, "tokenizer.model"), "a tokenizer");
  const parametersIn = async () => {
    const listing = await listCheckpointFolder(folder);
    const [entry, ...others] = listing.kind === "listed" ? listing.entries : [];
    const page = await readCheckpointWithTensors(join(folder, "consolidated.00.pth"));
    assert.deepEqual([entry?.summary.hyperParameters, others], [page.summary.hyperParameters, []]);
    return page.summary.hyperParameters;
  };
  assert.equal(await parametersIn(), undefined);
  writeFileSync(join(folder, "params.json"), JSON.stringify(params));
  assert.deepEqual(await parametersIn(), params);
  for (const damaged of ["", "[]", "{", '{"dim": 4', "x".repeat(300_000)]) {
    writeFileSync(join(folder, "params.json"), damaged);
    assert.equal(await parametersIn(), undefined, damaged.slice(0, 20));
  }
});

test("the tensors of a part of Llama say how many parts there are", async (context) => {
  const folder = temporaryFolder(context);
  /** The model is 4 wide and in two parts. */
  const shapes = {
    "norm.weight": [4],
    "layers.0.attention.wq.weight": [2, 4],
    "layers.0.attention.wo.weight": [4, 2],
  };
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const begin = end;
      end += 4 * shape.reduce((product, length) => product * length, 1);
      return [name, { dtype: "F32", shape, data_offsets: [begin, end] }];
    }),
  );
  const listed = async (count: number) => {
    mkdirSync(join(folder, `${count}`));
    for (let part = 0; part < count; part++) {
      writeFileSync(join(folder, `${count}`, `consolidated.0${part}.safetensors`), buildSafetensors(header, end));
    }
    const listing = await listCheckpointFolder(join(folder, `${count}`), { now: () => Date.now() + 3_600_000 });
    assert.ok(listing.kind === "listed");
    return listing.entries.map(({ summary: { completeness } }) => `${completeness.state}: ${completeness.reason}`);
  };
  assert.deepEqual(await listed(1), ["torn: 1 of 2 shards are there, without consolidated.01.safetensors"]);
  assert.deepEqual(await listed(2), ["whole: all 2 shards are complete"]);
  assert.deepEqual(await listed(3), ["unknown: 3 parts, of 2"]);
});

test("picks the right one of a thousand with five torn newest, in one pass", async (context) => {
  const folder = temporaryFolder(context);
  for (let index = 0; index < 1000; index++) {
    const bytes = buildCheckpoint(index % 200, 64);
    const path = join(folder, `${index}.pt`);
    writeFileSync(path, index >= 995 ? bytes.subarray(0, -20) : bytes);
    utimesSync(path, index, index);
  }
  const cache = new SummaryCache();
  // Time of the processor and not of the clock, which other processes of the machine share.
  const started = process.cpuUsage();
  const listing = await listCheckpointFolder(folder, { cache });
  const { user, system } = process.cpuUsage(started);
  const firstMs = (user + system) / 1_000;
  assert.ok(listing.kind === "listed");
  assert.equal(newestWhole(listing.entries)?.summary.name, "994.pt");
  assert.ok(firstMs < 5_000, `took ${firstMs} ms`);
  context.diagnostic(`1,000 files: ${Math.round(firstMs)} ms`);
});

test("reads a file again only when it has changed", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "a.pt");
  writeFileSync(path, buildCheckpoint(1));
  const cache = new SummaryCache();
  const list = async (): Promise<unknown> => {
    const listing = await listCheckpointFolder(folder, { cache });
    return listing.kind === "listed" ? listing.entries[0]?.summary : undefined;
  };
  const first = await list();
  assert.equal(await list(), first, "the same object, so nothing was read");
  writeFileSync(path, buildCheckpoint(2, 8));
  const changed = await list();
  assert.notEqual(changed, first);
});

test("lists a file that is finished between being seen and being read as it was read", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "a.pt");
  writeFileSync(path, buildCheckpoint(1).subarray(0, 100));
  class SlowCache extends SummaryCache {
    override summaryOf(found: FoundCheckpoint): Promise<CheckpointSummary> {
      if (found.sizeBytes === 100) {
        writeFileSync(path, buildCheckpoint(1));
      }
      return super.summaryOf(found);
    }
  }
  const listing = await listCheckpointFolder(folder, { cache: new SlowCache() });
  const again = await listCheckpointFolder(folder);
  assert.deepEqual(listing, again);
  assert.ok(listing.kind === "listed");
  assert.equal(listing.entries[0]?.summary.completeness.state, "whole");
});

test("calls an incomplete file that changed moments ago one being written", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "a.pt");
  writeFileSync(path, buildCheckpoint(1).subarray(0, -9));
  utimesSync(path, 1000, 1000);
  const stateAt = async (seconds: number): Promise<string | undefined> => {
    const listing = await listCheckpointFolder(folder, { now: () => seconds * 1000 });
    return listing.kind === "listed" ? listing.entries[0]?.summary.completeness.state : undefined;
  };
  assert.equal(await stateAt(1010), "writing");
  assert.equal(await stateAt(1040), "torn");
});

test("answers a missing or unreadable folder with a sentence", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "file"), "");
  const missing = await listCheckpointFolder(join(folder, "none"));
  assert.ok(missing.kind === "folder-missing");
  assert.match(missing.message, /none does not exist/);
  const unreadable = await listCheckpointFolder(join(folder, "file"));
  assert.ok(unreadable.kind === "folder-unreadable");
  assert.match(unreadable.message, /file is not a folder\.$/);
  await assert.rejects(readCheckpoint(join(folder, "none.pt")), /none\.pt does not exist\.$/);
});

test("does not wait for a writer behind a named pipe", {
  skip: process.platform === "win32" && "no named pipes",
}, async (context) => {
  const folder = temporaryFolder(context);
  const pipe = join(folder, "pipe.pt");
  execFileSync("mkfifo", [pipe]);
  await assert.rejects(readCheckpoint(pipe), /no regular file/);
  const listing = await listCheckpointFolder(folder);
  assert.ok(listing.kind === "listed");
  assert.deepEqual(listing.entries, []);
});

test("gives fewer bytes for a file that shrinks while it is read", async (context) => {
  const path = join(temporaryFolder(context), "a.pt");
  writeFileSync(path, new Uint8Array(300_000));
  const length = await withFileBytes(path, async (source) => {
    truncateSync(path, 100);
    return (await source.read(50, 1000)).length;
  });
  assert.equal(length, 50);
});

test("looks into the folders that changed last where there are too many, and says how many it left out", async (context) => {
  const folder = temporaryFolder(context);
  for (let run = 0; run < 6; run++) {
    const place = join(folder, `run-${run}`);
    mkdirSync(place);
    writeFileSync(join(place, "last.pt"), buildCheckpoint(run));
    // The first by name is the last that changed.
    utimesSync(place, 2_000 - run, 2_000 - run);
  }
  const listing = await listCheckpointFolder(folder, { maxPlaces: 4 });
  assert.ok(listing.kind === "listed");
  assert.deepEqual(new Set(listing.entries.map(({ run }) => run)), new Set(["run-0", "run-1", "run-2"]));
  assert.equal(listing.leftOut, 3);
  assert.match(describeCheckpointFolder(listing), /too many folders in .*: the 3 that changed longest ago were not/);
  assert.throws(() => requireNewestWhole(listing), /nothing is chosen/);
  const all = await listCheckpointFolder(folder);
  assert.ok(all.kind === "listed" && all.entries.length === 6 && all.leftOut === 0);
  assert.equal(requireNewestWhole(all).run, "run-5");
});

test("tells how much room is left where a folder is", async (context) => {
  assert.ok(((await diskAt(temporaryFolder(context)))?.freeBytes ?? 0) > 0);
  assert.equal(await diskAt("/does/not/exist"), undefined);
});

const formats = "test/fixtures/checkpoints/formats";

test("lists each checkpoint folder, model in parts and index as the one checkpoint it is", async (context) => {
  const folder = temporaryFolder(context);
  for (const name of ["deepspeed", "megatron", "distributed", "orbax", "checkpoint_2", "bundle"]) {
    cpSync(join(formats, name), join(folder, name), { recursive: true });
  }
  for (const part of [
    "split-00001-of-00003.gguf",
    "split-00002-of-00003.gguf",
    "split-00003-of-00003.gguf",
    "plain.npy",
  ]) {
    cpSync(join(formats, part), join(folder, part));
  }
  const listing = await listCheckpointFolder(folder);
  assert.ok(listing.kind === "listed");
  assert.deepEqual(
    listing.entries
      .map(({ run, summary }) => `${run ?? "."}/${summary.name} ${summary.format} ${summary.completeness.state}`)
      .toSorted(),
    [
      "./checkpoint_2 accelerate-folder whole",
      "./distributed distributed-folder whole",
      "./plain.npy npy whole",
      "./split-00001-of-00003.gguf gguf whole",
      "bundle/ckpt-1.index tensorflow whole",
      "deepspeed/global_step20 deepspeed-folder whole",
      "megatron/iter_0001000 megatron-folder whole",
      "orbax/7 orbax-folder whole",
    ],
  );
});

test("reads a folder again once the file beside it names it as complete", async (context) => {
  const folder = temporaryFolder(context);
  const pointer = join(folder, "latest_checkpointed_iteration.txt");
  cpSync(join(formats, "megatron"), folder, { recursive: true });
  writeFileSync(pointer, "500");
  const cache = new SummaryCache();
  const state = async (): Promise<string | undefined> => {
    const listing = await listCheckpointFolder(folder, { cache });
    return listing.kind === "listed" ? listing.entries[0]?.summary.completeness.state : undefined;
  };
  assert.equal(await state(), "unknown");
  writeFileSync(pointer, "1000");
  assert.equal(await state(), "whole");
});

async function countTensors(path: string): Promise<number> {
  return (await readCheckpointWithTensors(join(formats, path))).tensors.length;
}

test("names the tensors of folders, of parts and of what stands for a folder", async () => {
  assert.equal(await countTensors("distributed"), 9);
  assert.equal(await countTensors("distributed/.metadata"), 9);
  assert.equal(await countTensors("split-00003-of-00003.gguf"), 3);
  assert.equal(await countTensors("bundle/ckpt-1.index"), 19);
  assert.equal(await countTensors("orbax/7"), 3);
});

test("a folder is as old as what its layout writes last, whatever is written into it later", async (context) => {
  const folder = temporaryFolder(context);
  for (const [name, source] of [
    ["checkpoint-40", "checkpoint-40"],
    ["checkpoint_2", "formats/checkpoint_2"],
    ["step_9", "formats/distributed"],
    ["global_step20", "formats/deepspeed/global_step20"],
    ["iter_0001000", "formats/megatron/iter_0001000"],
    ["7", "formats/orbax/7"],
  ] as const) {
    const path = join(folder, name);
    cpSync(`test/fixtures/checkpoints/${source}`, path, { recursive: true });
    readdirSync(path, { recursive: true }).forEach((each) => utimesSync(join(path, String(each)), 1_000, 1_000));
    const version = async () => (await seeFolder(path)).fileId;
    const before = await version();
    writeFileSync(join(path, "eval_results.json"), "{}");
    mkdirSync(join(path, "eval"));
    writeFileSync(join(path, "eval", "scores.pt"), "{}");
    const listing = await listCheckpointFolder(folder);
    assert.ok(listing.kind === "listed");
    assert.equal(listing.entries.find((entry) => entry.path === path)?.modifiedMs, 1_000_000, name);
    assert.notEqual(await version(), before, name);
  }
});

test("a folder that lacks a part is being written while any file in it changes", async (context) => {
  const path = join(temporaryFolder(context), "checkpoint-40");
  cpSync("test/fixtures/checkpoints/checkpoint-40", path, { recursive: true });
  utimesSync(join(path, "trainer_state.json"), 1_000, 1_000);
  truncateSync(join(path, "model.safetensors"), 100);
  const listing = await listCheckpointFolder(join(path, ".."));
  assert.deepEqual(listing.kind === "listed" && listing.entries.map(({ summary }) => summary.completeness.state), [
    "writing",
  ]);
  assert.equal((await readCheckpointWithTensors(path)).summary.completeness.state, "writing");
});
