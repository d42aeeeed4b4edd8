import { join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { type CheckpointComparison, compareCheckpoints } from "../../core/checkpoints/compareCheckpoints.ts";
import { compareNumbers } from "../../core/checkpoints/compareNumbers.ts";
import type { ReadNumbers } from "../../core/checkpoints/describeComparison.ts";
import { withFileBytes } from "./fileByteSource.ts";
import { fileCalls } from "./fileCalls.ts";
import { readCheckpointWithTensors } from "./readCheckpoint.ts";

const WEIGHTS: ReadonlySet<string> = new Set([
  "model.safetensors",
  "adapter_model.safetensors",
  "pytorch_model.bin",
  "adapter_model.bin",
]);

export type ComparedFiles = {
  sides: { before: CheckpointSummary; after: CheckpointSummary };
  comparison: CheckpointComparison & ReadNumbers;
};

/**
 * What differs between two checkpoints. With `hasNumbers` the numbers in their tensors are read as well, block by block, as long as
 * `signal` lets it. Throws UserError where one of them cannot be read.
 */
export async function compareFiles(
  before: string,
  after: string,
  { hasNumbers, signal }: { hasNumbers: boolean; signal?: AbortSignal | undefined },
): Promise<ComparedFiles> {
  const first = await readCheckpointWithTensors(before);
  const second = await readCheckpointWithTensors(after);
  for (const [path, { summary }] of [[before, first] as const, [after, second] as const]) {
    if (summary.kind === "folder" && summary.format === "unknown") {
      throw new UserError(`${path} is a folder, and not one that is a checkpoint itself. Name a checkpoint in it.`);
    }
  }
  const sides = { before: first.summary, after: second.summary };
  const comparison = compareCheckpoints(first, second);
  return hasNumbers
    ? { sides, comparison: { ...comparison, tensorNumbers: await numbersOf(before, after, signal) } }
    : { sides, comparison };
}

/** Undefined for models in several files, whose parts lie in each their own way. */
async function numbersOf(
  before: string,
  after: string,
  signal: AbortSignal | undefined,
): Promise<ReadNumbers["tensorNumbers"]> {
  const [first, second] = await Promise.all([before, after].map(weightsAt));
  return first === undefined || second === undefined
    ? undefined
    : withFileBytes(first, (from) => withFileBytes(second, (to) => compareNumbers(from, to, signal)));
}

/** The one file of weights that a folder of Trainer or accelerate holds, under the name that they give it. */
async function weightsAt(path: string): Promise<string | undefined> {
  if (!(await fileCalls.stat(path)).isDirectory()) {
    return path;
  }
  const names = (await fileCalls.readdir(path)).map(({ name }) => name);
  const weights = names.filter((name) => WEIGHTS.has(name));
  const [only] = weights;
  return only === undefined || weights.length > 1 ? undefined : join(path, only);
}
