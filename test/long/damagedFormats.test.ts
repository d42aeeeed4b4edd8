import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../src/core/base/byteSource.ts";
import type { CheckpointSummary } from "../../src/core/checkpoints/checkpointSummary.ts";
import { readFileGroup } from "../../src/core/checkpoints/fileGroup.ts";
import { readCheckpointFolder } from "../../src/core/checkpoints/folders/readCheckpointFolder.ts";
import { readCheckpointDetails } from "../../src/core/checkpoints/readCheckpointFile.ts";
import { contentsOfFolder, folderOf } from "../support/checkpointFolders.ts";
import { leastCpuMs } from "../support/cpuTime.ts";

const root = "test/fixtures/checkpoints/formats";
const SWEEP = 200;
/** Far above the usual millisecond, so that only a loop that grows with the damage fails. */
const MAX_CPU_MS = 400;

type Read = (bytes: Uint8Array) => Promise<CheckpointSummary>;

async function timed(read: Read, bytes: Uint8Array, what: string): Promise<CheckpointSummary> {
  const { result: summary, cpuMs } = await leastCpuMs(() => read(bytes), MAX_CPU_MS);
  assert.ok(cpuMs < MAX_CPU_MS, `${what} took ${cpuMs} ms of the processor`);
  return summary;
}

/** Cuts at 200 places and at every one of the last 64 bytes, then flips a byte at up to 300 places. */
async function damage(bytes: Uint8Array, read: Read, intact: string): Promise<void> {
  assert.equal((await read(bytes)).completeness.state, intact);
  const cuts = new Set([
    ...Array.from({ length: SWEEP }, (_, index) => Math.floor((bytes.length * index) / SWEEP)),
    ...Array.from({ length: Math.min(64, bytes.length) }, (_, index) => bytes.length - 1 - index),
  ]);
  for (const length of cuts) {
    const { completeness } = await timed(read, bytes.subarray(0, length), `a cut at ${length}`);
    assert.notEqual(completeness.state, "whole", `${length} of ${bytes.length} bytes: ${completeness.reason}`);
  }
  for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 300))) {
    const flipped = Uint8Array.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8)) ^ 0x80;
    const { completeness } = await timed(read, flipped, `a flip at ${at}`);
    assert.ok(["whole", "torn", "unknown"].includes(completeness.state));
  }
}

const files = [
  "plain.npy",
  "structured.npy",
  "objects.npy",
  "params.npz",
  "compressed.npz",
  "model.joblib",
  "zlib.joblib",
  "gzip.joblib",
  "model.pkl",
  "protocol0.pkl",
  "earliest.h5",
  "latest.h5",
  "model.weights.h5",
  "model.keras",
];

for (const name of files) {
  test(`${name} is never whole when it is cut, and survives a changed byte`, async () => {
    const bytes = new Uint8Array(readFileSync(`${root}/${name}`));
    const read: Read = async (changed) => (await readCheckpointDetails(byteSourceOf(changed), name)).summary;
    await damage(bytes, read, "whole");
  });
}

const groups: [folder: string, index: string, damaged: string][] = [
  ["bundle", "ckpt-1.index", "ckpt-1.index"],
  ["bundle", "ckpt-1.index", "ckpt-1.data-00000-of-00001"],
  ["distributed", ".metadata", ".metadata"],
  ["distributed", ".metadata", "__0_0.distcp"],
];

for (const [folder, index, damaged] of groups) {
  test(`${folder}/ is never whole when ${damaged} is cut, and survives a changed byte`, async () => {
    const contents = contentsOfFolder(`${root}/${folder}`);
    const read: Read = async (changed) =>
      (await readFileGroup(folderOf(folder, { ...contents, [damaged]: changed }), index)).summary;
    await damage(contents[damaged] ?? new Uint8Array(), read, "whole");
  });
}

test("a part of a model of GGUF is never whole when it is cut", async () => {
  const names = [1, 2, 3].map((part) => `split-0000${part}-of-00003.gguf`);
  const contents = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(`${root}/${name}`))]));
  for (const name of names) {
    const read: Read = async (changed) =>
      (await readFileGroup(folderOf("models", { ...contents, [name]: changed }), names[0] ?? "")).summary;
    await damage(contents[name] ?? new Uint8Array(), read, "whole");
  }
});

const layouts: [path: string, parts: readonly string[]][] = [
  ["deepspeed/global_step20", ["mp_rank_00_model_states.pt", "bf16_zero_pp_rank_1_mp_rank_00_optim_states.pt"]],
  ["megatron/iter_0001000", ["mp_rank_01_001/model_optim_rng.pt"]],
  ["checkpoint_2", ["model.safetensors", "optimizer.bin", "scheduler.bin", "random_states_0.pkl"]],
  ["orbax/7", ["_CHECKPOINT_METADATA", "state/_METADATA", "state/manifest.ocdbt", "state/d/*"]],
];

for (const [path, parts] of layouts) {
  test(`${path}/ is never whole when one of its parts is cut or gone`, async () => {
    const name = path.split("/").at(-1) ?? "";
    const contents = contentsOfFolder(`${root}/${path}`);
    const read = async (changed: Record<string, Uint8Array>) =>
      (await readCheckpointFolder(folderOf(name, changed))).summary.completeness;
    assert.equal((await read(contents)).state, "whole");
    for (const part of Object.keys(contents).filter((each) => parts.includes(each.replace(/\/d\/\w+$/, "/d/*")))) {
      const bytes = contents[part] ?? new Uint8Array();
      for (let cut = 0; cut < 50; cut++) {
        const length = Math.floor(((bytes.length - 1) * cut) / 49);
        const { state, reason } = await read({ ...contents, [part]: bytes.subarray(0, length) });
        assert.notEqual(state, "whole", `${part} cut to ${length} of ${bytes.length}: ${reason}`);
      }
    }
  });
}
