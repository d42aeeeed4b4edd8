import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { byteSourceOf } from "../../src/core/base/byteSource.ts";
import type { CheckpointSummary } from "../../src/core/checkpoints/checkpointSummary.ts";
import { describeCheckpoint, describeCheckpointFully } from "../../src/core/checkpoints/describeCheckpoint.ts";
import { readCheckpointFile } from "../../src/core/checkpoints/readCheckpointFile.ts";
import { leastCpuMs } from "./cpuTime.ts";

/** Small files of test/fixtures/checkpoints that are damaged in every place. */
export const damagedNames = [
  "checkpoint_epoch_3.pt",
  "weights_only.pth",
  "protocol_4.pt",
  "legacy.pt",
  "dtypes.pt",
  "epoch=4-step=500.ckpt",
  "malicious.pt",
  "model.safetensors",
  "model.gguf",
];
/** Far above the usual fraction of a millisecond, so that only a loop that grows with the damage fails. */
const MAX_CPU_MS_PER_FILE = 250;

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`test/fixtures/checkpoints/${name}`));
}

/** Reads it, fails where that takes long, and sees that something can be said of it. */
export async function readDamaged(bytes: Uint8Array, name: string): Promise<CheckpointSummary> {
  const { result: summary, cpuMs } = await leastCpuMs(
    () => readCheckpointFile(byteSourceOf(bytes), name),
    MAX_CPU_MS_PER_FILE,
  );
  assert.ok(cpuMs < MAX_CPU_MS_PER_FILE, `${name} took ${cpuMs} ms of the processor`);
  assert.notEqual(describeCheckpoint(summary), "");
  assert.notEqual(describeCheckpointFully(summary), "");
  return summary;
}
