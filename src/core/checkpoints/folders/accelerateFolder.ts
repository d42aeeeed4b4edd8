import type { CheckpointFolder } from "../checkpointFolder.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "../checkpointSummary.ts";
import type { FormatReading } from "../formatReading.ts";
import { parseCheckpointName } from "../namedFacts.ts";
import type { CheckpointDetails } from "../readCheckpointFile.ts";
import { readDeepspeedFolder } from "./deepspeedFolder.ts";
import { readDistributedFolder } from "./distributedFolder.ts";
import { folderLayoutOf } from "./folderLayout.ts";
import { firstMissing, mergeContents, mergeTensors, withImports } from "./folderParts.ts";
import { readFolderFiles } from "./folderWeights.ts";

/*
 * accelerate's save_state writes, in this order:
 *
 *   checkpoint_<i>/ (Diffusers: checkpoint-<step>/)
 *                    model.safetensors | pytorch_model.bin      one more per further model: model_1.safetensors
 *                    model-0000n-of-0000m.safetensors + index   above max_shard_size
 *                    optimizer.bin  scheduler.bin  sampler.bin  scaler.pt
 *                    random_states_<rank>.pkl                   last, one per process
 *                    pytorch_model_fsdp_0/  optimizer_0/        with FSDP instead: distributed checkpoints
 *                    pytorch_model/                             with DeepSpeed instead
 *                    unet/  unet_ema/                   with a hook of Diffusers' scripts instead
 *                    custom_checkpoint_<i>.pkl
 *
 * https://github.com/huggingface/accelerate/blob/main/src/accelerate/checkpointing.py
 */

const FORMAT = "accelerate-folder";
/** Diffusers' scripts let a hook save the adapter alone instead of the model. */
const weightsPattern = /^(model|pytorch_model|pytorch_lora_weights)(_\d+)?(-\d{5}-of-\d{5})?\.(safetensors|bin)$/;
const diffusersPattern = /^diffusion_pytorch_model\b.*\.(safetensors|bin)$/;
const optimizerPattern = /^optimizer(_\d+)?\.bin$/;
const randomPattern = /^random_states_(\d+)\.pkl$/;

type InnerReading = Pick<FormatReading, "completeness" | "contents" | "tensors">;
type Nested = { contents: CheckpointContents; tensors: FormatReading["tensors"]; problem: Completeness | undefined };

/** Reads every part of a folder of accelerate. Throws only what the folder throws. */
export async function readAccelerateFolder(folder: CheckpointFolder): Promise<FormatReading> {
  const names = folder.files.map(({ name }) => name);
  const { weights, others, problem } = await readFolderFiles(folder, weightsPattern);
  const nested = await readNested(folder);
  const contents = mergeContents([...weights.parts.map(({ summary }) => summary), nested.contents]);
  const hasWeights = weights.parts.length > 0 || nested.contents.tensorCount > 0;
  return {
    format: FORMAT,
    completeness: problem ?? nested.problem ?? missingPart(names, hasWeights) ?? whole("every part is complete"),
    contents: {
      ...withImports(
        contents,
        others.parts.flatMap(({ summary }) => summary.imports),
      ),
      ...stepOf(folder.name, others.parts),
      hasOptimizerState: contents.hasOptimizerState || names.some((name) => optimizerPattern.test(name)),
      hasSchedulerState: names.some((name) => /^scheduler(_\d+)?\.bin$/.test(name)),
      framework: { name: "Accelerate" },
    },
    tensors: [...mergeTensors(weights.parts), ...nested.tensors],
  };
}

/** Folders inside a folder of accelerate or Trainer that hold weights: distributed checkpoints, DeepSpeed's, models of Diffusers. */
export async function readNested(folder: CheckpointFolder): Promise<Nested> {
  const readings: { name: string; reading: InnerReading }[] = [];
  for (const name of folder.folders) {
    const inner = await folder.enter(name);
    const reading = inner && (await readInner(inner));
    if (reading !== undefined) {
      readings.push({ name, reading });
    }
  }
  const damaged = readings.find(({ reading }) => reading.completeness.state !== "whole");
  // Of the averaged weights that Diffusers keeps beside them there are as many once more.
  const models = readings.filter(({ name }) => !/^optimizer|_ema$/.test(name));
  const contents = mergeContents(models.map(({ reading }) => reading.contents));
  return {
    contents:
      readings.length === 0
        ? emptyContents
        : { ...contents, hasOptimizerState: contents.hasOptimizerState || models.length < readings.length },
    tensors: models.flatMap(({ reading }) => reading.tensors),
    problem: damaged && {
      state: damaged.reading.completeness.state,
      reason: `${damaged.name}: ${damaged.reading.completeness.reason}`,
    },
  };
}

async function readInner(folder: CheckpointFolder): Promise<InnerReading | undefined> {
  const names = folder.files.map(({ name }) => name);
  const layout = folderLayoutOf(folder.name, [...names, ...folder.folders]);
  if (layout === "deepspeed") {
    return readDeepspeedFolder(folder);
  }
  if (layout === "distributed") {
    return readDistributedFolder(folder);
  }
  return names.some((name) => diffusersPattern.test(name)) ? readDiffusersModel(folder) : undefined;
}

/** `unet/`, `transformer/` and the like, as `save_pretrained` of Diffusers writes them. */
async function readDiffusersModel(folder: CheckpointFolder): Promise<InnerReading> {
  const { weights, problem } = await readFolderFiles(folder, diffusersPattern);
  return {
    completeness: problem ?? whole("every part is complete"),
    contents: mergeContents(weights.parts.map(({ summary }) => summary)),
    tensors: mergeTensors(weights.parts),
  };
}

function missingPart(names: readonly string[], hasWeights: boolean): Completeness | undefined {
  const ranks = new Set(names.flatMap((name) => Number(randomPattern.exec(name)?.[1] ?? Number.NaN)));
  ranks.delete(Number.NaN);
  const missing = firstMissing(ranks, Math.max(1, ...[...ranks].map((rank) => rank + 1)));
  if (missing !== undefined) {
    return torn(
      ranks.size === 0
        ? "random_states_0.pkl, which is written last, is not there"
        : `random_states_${missing}.pkl is missing, so rank ${missing} was not done`,
    );
  }
  return hasWeights ? undefined : unknown("it holds no weights in a form that is known");
}

/**
 * The steps that the optimizer made, where the name of the folder says none. The `step` in the random states is another
 * thing: it counts the batches of one accumulation and begins anew with each epoch.
 */
function stepOf(name: string, parts: readonly CheckpointDetails[]): { step?: number } {
  const named = parseCheckpointName(name).step;
  const step = named ?? parts.find(({ summary }) => optimizerPattern.test(summary.name))?.summary.step;
  return step === undefined ? {} : { step };
}
