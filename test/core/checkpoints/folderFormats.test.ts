import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { CheckpointFolder } from "../../../src/core/checkpoints/checkpointFolder.ts";
import { readFileGroup } from "../../../src/core/checkpoints/fileGroup.ts";
import { folderLayoutOf } from "../../../src/core/checkpoints/folders/folderLayout.ts";
import { readCheckpointFolder } from "../../../src/core/checkpoints/folders/readCheckpointFolder.ts";
import type { CheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { buildSafetensors } from "../../support/checkpointBuilders.ts";
import { contentsOfFolder, folderFromDisk, folderOf } from "../../support/checkpointFolders.ts";

const root = "test/fixtures/checkpoints/formats";
type Row = readonly [name: string, dtype: string, shape: readonly number[], sizeBytes: number];
const reported: Record<string, readonly Row[]> = JSON.parse(readFileSync(`${root}/tensors.json`, "utf8"));

function rowsOf({ tensors }: CheckpointDetails): unknown[] {
  return tensors.map(({ name, dtype, shape, sizeBytes }) => [name, dtype, shape, sizeBytes]);
}

async function stateOf(folder: CheckpointFolder): Promise<string> {
  const { completeness, format } = (await readCheckpointFolder(folder)).summary;
  return `${format} ${completeness.state}: ${completeness.reason}`;
}

/** The folder without a file, or with other content in it. */
function changed(path: string, change: (contents: Record<string, Uint8Array | string>) => void): CheckpointFolder {
  const contents: Record<string, Uint8Array | string> = contentsOfFolder(path);
  change(contents);
  return folderOf(path.split("/").at(-1) ?? "", contents);
}

for (const name of ["distributed", "sharded"]) {
  test(`${name}/ names its tensors with global shapes as torch.distributed.checkpoint does`, async () => {
    const details = await readCheckpointFolder(folderFromDisk(`${root}/${name}`));
    assert.equal(details.summary.completeness.state, "whole", details.summary.completeness.reason);
    assert.deepEqual(rowsOf(details), reported[name]);
    assert.ok(details.summary.imports.every(({ trust }) => trust === "known"));
  });
}

test("reads epoch and step of a distributed checkpoint out of its pieces", async () => {
  const { summary } = await readCheckpointFolder(folderFromDisk(`${root}/distributed`));
  assert.deepEqual([summary.epoch, summary.step, summary.hasOptimizerState], [3, 12, true]);
  assert.deepEqual([summary.tensorCount, summary.parameterCount], [3, 20]);
  assert.equal((await readCheckpointFolder(folderFromDisk(`${root}/sharded`))).summary.step, 40);
});

test("says which part of a distributed checkpoint is missing or short", async () => {
  const path = `${root}/sharded`;
  const lacks = (name: string) => stateOf(changed(path, (contents) => delete contents[name]));
  assert.equal(await lacks("__1_0.distcp"), "distributed-folder torn: __1_0.distcp is missing");
  assert.equal(await lacks(".metadata"), "distributed-folder torn: .metadata, which is written last, is not there");
  const short = changed(path, (contents) => {
    contents["__0_0.distcp"] = new Uint8Array(100);
  });
  assert.equal(await stateOf(short), "distributed-folder torn: __0_0.distcp has 100 of 1577 bytes");
});

test("reads DeepSpeed's folder and names the rank whose file is missing", async () => {
  const path = `${root}/deepspeed/global_step20`;
  const { summary, tensors } = await readCheckpointFolder(folderFromDisk(path));
  assert.deepEqual([summary.completeness.state, summary.step, summary.hasOptimizerState], ["whole", 20, true]);
  assert.deepEqual(summary.framework, { name: "DeepSpeed", version: "0.18.0" });
  assert.deepEqual([summary.parameterCount, tensors[0]?.name], [24, "mp_rank_00_model_states.pt/module.weight"]);
  const lacks = (name: string) => stateOf(changed(path, (contents) => delete contents[name]));
  assert.equal(
    await lacks("bf16_zero_pp_rank_1_mp_rank_01_optim_states.pt"),
    "deepspeed-folder torn: zero_pp_rank_1_mp_rank_01_optim_states.pt is missing",
  );
  assert.equal(
    await lacks("mp_rank_01_model_states.pt"),
    "deepspeed-folder torn: mp_rank_01_model_states.pt is missing: 1 of 2 model-parallel ranks are there",
  );
});

test("does not trust a step of DeepSpeed or Megatron-LM that is later than the one named as complete", async () => {
  const speed = contentsOfFolder(`${root}/deepspeed/global_step20`);
  assert.equal(
    await stateOf(folderOf("global_step20", speed, { latest: "global_step10" })),
    'deepspeed-folder unknown: "latest" still names global_step10, so it was not finished or belongs to an earlier attempt',
  );
  const megatron = contentsOfFolder(`${root}/megatron/iter_0001000`);
  assert.match(
    await stateOf(folderOf("iter_0001000", megatron, { "latest_checkpointed_iteration.txt": "500" })),
    /^megatron-folder unknown: latest_checkpointed_iteration\.txt still says 500/,
  );
  assert.match(await stateOf(folderOf("iter_0001000", megatron)), /^megatron-folder whole: all 4 ranks are complete/);
});

test("reads Megatron's folder and names the rank whose folder is missing", async () => {
  const path = `${root}/megatron/iter_0001000`;
  const { summary } = await readCheckpointFolder(folderFromDisk(path));
  assert.deepEqual([summary.completeness.state, summary.step, summary.parameterCount], ["whole", 1000, 32]);
  assert.equal(summary.hyperParameters?.["tensor_model_parallel_size"], 2);
  const lacks = changed(path, (contents) => delete contents["mp_rank_01_001/model_optim_rng.pt"]);
  assert.equal(await stateOf(lacks), "megatron-folder torn: mp_rank_01_001 is missing: 3 of 4 ranks are there");
  assert.equal(await stateOf(folderOf("iter_0000500", {})), "megatron-folder torn: no rank has written to it yet");
});

test("looks into no folder of one that is no checkpoint, which may be locked", async () => {
  const folder = {
    ...folderOf("runs", { "a.pt": "x" }),
    folders: ["locked"],
    enter: () => Promise.reject(new Error("EACCES")),
  };
  assert.equal(await stateOf(folder), "unknown unknown: a folder of a layout that is not known");
});

test("reads accelerate's folder, and needs the random states that are written last", async () => {
  const path = `${root}/checkpoint_2`;
  const { summary } = await readCheckpointFolder(folderFromDisk(path));
  assert.deepEqual([summary.format, summary.completeness.state], ["accelerate-folder", "whole"]);
  assert.deepEqual([summary.step, summary.parameterCount], [25, 15]);
  assert.deepEqual([summary.hasOptimizerState, summary.hasSchedulerState], [true, true]);
  const named = changed(path, () => undefined);
  assert.equal((await readCheckpointFolder({ ...named, name: "step_30" })).summary.step, 30);
  const lacks = changed(path, (contents) => delete contents["random_states_0.pkl"]);
  assert.equal(
    await stateOf(lacks),
    "accelerate-folder torn: random_states_0.pkl, which is written last, is not there",
  );
  const gap = changed(path, (contents) => {
    contents["random_states_2.pkl"] = contents["random_states_0.pkl"] ?? "";
  });
  assert.equal(await stateOf(gap), "accelerate-folder torn: random_states_1.pkl is missing, so rank 1 was not done");
});

test("a folder named like Trainer's is accelerate's by its files, and a run by what else lies in it", async () => {
  const contents = contentsOfFolder(`${root}/checkpoint_2`);
  assert.match(await stateOf(folderOf("checkpoint-500", contents)), /^accelerate-folder whole/);
  const { "model.safetensors": adapter = new Uint8Array(), ...rest } = contents;
  const lora = folderOf("checkpoint-500", { ...rest, "pytorch_lora_weights.safetensors": adapter });
  assert.match(await stateOf(lora), /^accelerate-folder whole/);
  const unet = "unet/diffusion_pytorch_model.safetensors";
  const whole = { ...rest, [unet]: adapter, "unet_ema/diffusion_pytorch_model.safetensors": adapter };
  const { summary } = await readCheckpointFolder(folderOf("checkpoint-500", whole));
  assert.deepEqual([summary.completeness.state, summary.parameterCount], ["whole", 15], summary.completeness.reason);
  const cut = folderOf("checkpoint-500", { ...whole, [unet]: adapter.slice(0, -1) });
  assert.match(await stateOf(cut), /^accelerate-folder torn: unet: diffusion_pytorch_model\.safetensors: /);
  for (const begun of [
    [],
    ["config.json"],
    ["model.safetensors", "optimizer.pt"],
    ["adapter_model.bin"],
    ["global_step9"],
  ]) {
    assert.equal(folderLayoutOf("checkpoint-2024", begun), "trainer", begun.join(" "));
  }
  for (const other of [
    ["epoch_1.pt"],
    ["config.json", "model.pt", "optimizer.pt"],
    ["run1"],
    ["checkpoint-10", "config.json"],
  ]) {
    assert.equal(folderLayoutOf("checkpoint-2024", other), undefined, other.join(" "));
  }
});

const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] as const;
const INDEX = "model.safetensors.index.json";

/** The folder of a Trainer or of accelerate with the model in two shards instead of one file. */
function sharded(path: string, change: (contents: Record<string, Uint8Array | string>) => void = () => undefined) {
  return changed(path, (contents) => {
    delete contents["model.safetensors"];
    const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
    contents[SHARDS[0]] = buildSafetensors({ a: tensor }, 8);
    contents[SHARDS[1]] = buildSafetensors({ b: tensor }, 8);
    contents[INDEX] = JSON.stringify({ weight_map: { a: SHARDS[0], b: SHARDS[1] } });
    change(contents);
  });
}

for (const path of ["test/fixtures/checkpoints/checkpoint-40", `${root}/checkpoint_2`]) {
  test(`${path} with its model in shards is whole only when the shards are`, async () => {
    const { completeness, tensorCount } = (await readCheckpointFolder(sharded(path))).summary;
    assert.deepEqual([completeness.state, tensorCount], ["whole", 2], completeness.reason);
    const reasonWhere = async (change: (contents: Record<string, Uint8Array | string>) => void) =>
      (await stateOf(sharded(path, change))).replace(/^.*-folder /, "");
    const missing = `torn: ${SHARDS[1]} is missing`;
    assert.equal(await reasonWhere((contents) => delete contents[SHARDS[1]]), missing);
    assert.equal(await reasonWhere((contents) => delete contents[SHARDS[1]] && delete contents[INDEX]), missing);
    assert.equal(
      await reasonWhere((contents) => {
        contents[INDEX] = JSON.stringify({ weight_map: { a: SHARDS[0], b: SHARDS[1], c: SHARDS[1] } });
      }),
      `torn: c is not in ${SHARDS[1]}, where the index has it`,
    );
    assert.equal(
      await reasonWhere((contents) => {
        contents[INDEX] = '{"weight_map": {"a": ';
      }),
      `torn: ${INDEX}: a value is expected`,
    );
  });
}

test("misses the part that an index of PyTorch names, unless safetensors are loaded instead", async () => {
  const names = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"] as const;
  const path = "test/fixtures/checkpoints/checkpoint-40";
  const addIndex = (contents: Record<string, Uint8Array | string>) => {
    contents["pytorch_model.bin.index.json"] = JSON.stringify({ weight_map: { a: names[0], b: names[1] } });
  };
  const torch = changed(path, (contents) => {
    addIndex(contents);
    delete contents["model.safetensors"];
    contents[names[0]] = new Uint8Array(readFileSync("test/fixtures/checkpoints/weights_only.pth"));
  });
  assert.equal(await stateOf(torch), `trainer-folder torn: ${names[1]} is missing`);
  assert.match(await stateOf(changed(path, addIndex)), /^trainer-folder whole/);
});

test("finds the weights of FSDP in the folders inside those of accelerate and Trainer", async () => {
  const fsdp = Object.entries(contentsOfFolder(`${root}/distributed`)).map(
    ([name, bytes]) => [`pytorch_model_fsdp_0/${name}`, bytes] as const,
  );
  const trainer = folderOf("checkpoint-12", {
    ...Object.fromEntries(fsdp),
    "trainer_state.json": '{"global_step": 12}',
  });
  const { summary } = await readCheckpointFolder(trainer);
  assert.deepEqual([summary.format, summary.completeness.state, summary.tensorCount], ["trainer-folder", "whole", 3]);
});

test("reads Orbax's folder: arrays by name and shape, and whether it was committed", async () => {
  const path = `${root}/orbax/7`;
  const { summary, tensors } = await readCheckpointFolder(folderFromDisk(path));
  assert.deepEqual([summary.format, summary.completeness.state, summary.step], ["orbax-folder", "whole", 7]);
  assert.deepEqual(
    tensors.map(({ name, shape }) => [name, shape]),
    [
      ["opt_state.mu", [4, 3]],
      ["params.dense.bias", [3]],
      ["params.dense.kernel", [4, 3]],
    ],
  );
  const contents = contentsOfFolder(path);
  assert.match(
    await stateOf(folderOf("8.orbax-checkpoint-tmp-17", contents)),
    /^orbax-folder torn: it still has its temporary name/,
  );
  const lacks = changed(path, (all) => delete all["settings/metadata"] && delete all["settings/commit_success.txt"]);
  assert.equal(await stateOf(lacks), "orbax-folder torn: the item settings is missing");
  const cut = changed(path, (all) => {
    all["state/manifest.ocdbt"] = contents["state/manifest.ocdbt"]?.subarray(0, 60) ?? "";
  });
  assert.equal(await stateOf(cut), "orbax-folder torn: manifest.ocdbt of state ends early or is damaged");
});

test("reads a model of GGUF in three parts through any of them", async () => {
  const folder = folderFromDisk(root);
  const details = await readFileGroup(folder, "split-00002-of-00003.gguf");
  assert.equal(details.summary.completeness.reason, "all 3 parts are complete");
  assert.deepEqual(rowsOf(details), reported["split"]);
  const parts = Object.fromEntries(
    [1, 2, 3].map((part) => [
      `split-0000${part}-of-00003.gguf`,
      readFileSync(`${root}/split-0000${part}-of-00003.gguf`),
    ]),
  );
  const { "split-00003-of-00003.gguf": _last, ...others } = parts;
  const missing = await readFileGroup(folderOf("models", others), "split-00001-of-00003.gguf");
  assert.deepEqual(missing.summary.completeness, { state: "torn", reason: "split-00003-of-00003.gguf is missing" });
  const swapped = { ...parts, "split-00003-of-00003.gguf": parts["split-00002-of-00003.gguf"] ?? "" };
  const wrong = await readFileGroup(folderOf("models", swapped), "split-00001-of-00003.gguf");
  assert.match(wrong.summary.completeness.reason, /^split-00003-of-00003\.gguf says that it is part 2 of 3/);
});

test("reads a checkpoint of TensorFlow with names, dtypes and shapes as TensorFlow reports them", async () => {
  const { bundle }: { bundle: readonly (readonly [string, string, readonly number[]])[] } = JSON.parse(
    readFileSync(`${root}/tensorflow.json`, "utf8"),
  );
  const { summary, tensors } = await readFileGroup(folderFromDisk(`${root}/bundle`), "ckpt-1.index");
  assert.deepEqual(
    tensors.map(({ name, dtype, shape }) => [name, dtype, shape]),
    bundle,
  );
  assert.deepEqual([summary.completeness.state, summary.epoch, summary.step], ["whole", 3, 42]);
  assert.deepEqual([summary.hasOptimizerState, summary.parameterCount], [true, 4 * 3 + 3 + 3 + 1 + 10]);
});

test("says what is wrong with the data file of a TensorFlow checkpoint", async () => {
  const contents = contentsOfFolder(`${root}/bundle`);
  const data = contents["ckpt-1.data-00000-of-00001"] ?? new Uint8Array();
  const reasonWith = async (bytes: Uint8Array | undefined): Promise<string> => {
    const { [`ckpt-1.data-00000-of-00001`]: _, ...others } = contents;
    const folder = folderOf(
      "bundle",
      bytes === undefined ? others : { ...contents, "ckpt-1.data-00000-of-00001": bytes },
    );
    const { completeness } = (await readFileGroup(folder, "ckpt-1.index")).summary;
    return `${completeness.state}: ${completeness.reason}`;
  };
  assert.equal(await reasonWith(undefined), "torn: ckpt-1.data-00000-of-00001 is missing");
  assert.match(await reasonWith(data.subarray(0, -1)), /^torn: ckpt-1\.data-00000-of-00001 has \d+ of \d+ bytes$/);
  assert.match(await reasonWith(new Uint8Array(data.length)), /^torn: the bytes of .* do not match their checksum$/);
});
