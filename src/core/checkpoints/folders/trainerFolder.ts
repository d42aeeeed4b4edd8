import { FormatError } from "../../base/errors.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import { trainerFolderStep } from "../checkpointName.ts";
import { nameIn } from "../checkpointParts.ts";
import { type CheckpointContents, type Completeness, torn, unknown, whole } from "../checkpointSummary.ts";
import type { FormatReading } from "../formatReading.ts";
import { isMetricName } from "../metricNames.ts";
import type { TensorEntry } from "../tensorEntry.ts";
import { type JsonValue, parseTolerantJson } from "../tolerantJson.ts";
import { readNested } from "./accelerateFolder.ts";
import { mergeContents, mergeTensors, readSmallFile, withImports } from "./folderParts.ts";
import { readFolderFiles } from "./folderWeights.ts";
import { readTrainerState, type TrainerState } from "./trainerState.ts";

/*
 * Hugging Face's Trainer saves a folder, in this order:
 *
 *   checkpoint-<step>/  model.safetensors | model-0000n-of-0000m.safetensors + index | adapter_model.safetensors
 *                       config.json, tokenizer files, training_args.bin
 *                       optimizer.pt  scheduler.pt  scaler.pt  rng_state.pth
 *                       trainer_state.json      last, so its presence says that the others were written
 *
 * https://github.com/huggingface/transformers/blob/main/src/transformers/trainer.py
 */

const SETTINGS_NAME = "config.json";
const MAX_SETTINGS_BYTES = 8 * 1024 * 1024;
/** More than a training logs. */
const MAX_METRICS = 40;
const MAX_NAME = 255;
const weightsPattern = /^(model|adapter_model|pytorch_model|diffusion_pytorch_model)\b.*\.(safetensors|bin)$/;

/** Reads a Trainer's folder as the one checkpoint it is. Throws only what the folder throws. */
export async function readTrainerFolder(folder: CheckpointFolder): Promise<FormatReading> {
  const state = await readTrainerState(folder);
  const parts = await readAllParts(folder);
  const version = await readTransformersVersion(folder);
  const names = new Set(folder.files.map((file) => file.name));
  const contents = contentsOf(state.kind === "read" ? state.value : new Map<string, JsonValue>(), parts.contents);
  return {
    format: "trainer-folder",
    completeness: judge(folder, state, parts),
    contents: {
      ...contents,
      hasOptimizerState: contents.hasOptimizerState || names.has("optimizer.pt") || names.has("optimizer.bin"),
      hasSchedulerState: contents.hasSchedulerState || names.has("scheduler.pt") || names.has("scheduler.bin"),
      framework: { name: "Transformers", ...(version !== undefined && { version }) },
    },
    tensors: parts.tensors,
  };
}

type Parts = {
  problem?: Completeness | undefined;
  hasWeights: boolean;
  contents: CheckpointContents;
  tensors: readonly TensorEntry[];
};

/** A version is worth showing, but a broken config.json is no reason to call the checkpoint torn. */
async function readTransformersVersion(folder: CheckpointFolder): Promise<string | undefined> {
  try {
    const bytes = await readSmallFile(folder, SETTINGS_NAME, MAX_SETTINGS_BYTES);
    const settings = bytes && parseTolerantJson(new TextDecoder().decode(bytes), SETTINGS_NAME);
    const version = settings instanceof Map ? settings.get("transformers_version") : undefined;
    return typeof version === "string" ? version.slice(0, 40) : undefined;
  } catch (error) {
    if (error instanceof FormatError) {
      return undefined;
    }
    throw error;
  }
}

/** Every file that holds tensors or pickles must be whole: a torn optimizer.pt ends a resumed run as surely as torn weights. */
async function readAllParts(folder: CheckpointFolder): Promise<Parts> {
  const { weights, others, problem } = await readFolderFiles(folder, weightsPattern);
  // FSDP and DeepSpeed leave their own folders inside.
  const nested = await readNested(folder);
  const contents = mergeContents([...weights.parts.map(({ summary }) => summary), nested.contents]);
  return {
    problem: problem ?? nested.problem,
    hasWeights: weights.parts.length > 0 || nested.contents.tensorCount > 0,
    contents: withImports(
      // Epoch, step and metrics are those of trainer_state.json alone.
      withoutProgress(contents),
      others.parts.flatMap(({ summary }) => summary.imports),
    ),
    tensors: [...mergeTensors(weights.parts), ...nested.tensors],
  };
}

function withoutProgress(contents: CheckpointContents): CheckpointContents {
  const { metrics, hasOptimizerState, hasSchedulerState, tensorCount, parameterCount, dtypes, imports } = {
    ...contents,
    metrics: {},
  };
  return { metrics, hasOptimizerState, hasSchedulerState, tensorCount, parameterCount, dtypes, imports };
}

function judge(folder: CheckpointFolder, state: TrainerState, parts: Parts): Completeness {
  if (state.kind === "missing") {
    return torn("trainer_state.json, which is written last, is not there");
  }
  if (state.kind === "unreadable") {
    return torn(`trainer_state.json cannot be read: ${state.reason}`);
  }
  if (parts.problem !== undefined) {
    return parts.problem;
  }
  if (state.kind === "too-large") {
    return unknown(`trainer_state.json is too large: ${state.reason}`);
  }
  const named = trainerFolderStep(folder.name);
  const stated = state.value.get("global_step");
  if (named !== undefined && stated !== named) {
    return unknown(
      `its name says step ${named}, its trainer_state.json says ${typeof stated === "number" ? stated : "nothing"}`,
    );
  }
  return parts.hasWeights
    ? whole("trainer_state.json is there and every part is complete")
    : unknown("it holds no weights in a form that is known");
}

function contentsOf(state: ReadonlyMap<string, JsonValue>, parts: CheckpointContents): CheckpointContents {
  const epoch = state.get("epoch");
  const step = state.get("global_step");
  const best = state.get("best_model_checkpoint");
  return {
    ...parts,
    ...(typeof best === "string" && { bestName: nameIn(best).slice(0, MAX_NAME) }),
    ...(typeof epoch === "number" && { epoch }),
    ...(typeof step === "number" && { step }),
    metrics: Object.fromEntries(metricsOf(state)),
  };
}

/** The last value of each logged measure, and the best one so far under Trainer's own name for it. */
function metricsOf(state: ReadonlyMap<string, JsonValue>): Map<string, number> {
  const metrics = new Map<string, number>();
  const history = state.get("log_history");
  for (const row of Array.isArray(history) ? history.slice(-200) : []) {
    for (const [name, value] of row instanceof Map ? row : []) {
      const shown = name.slice(0, 80);
      const isShown = metrics.has(shown) || (metrics.size < MAX_METRICS && isMetricName(name));
      if (typeof value === "number" && isShown) {
        metrics.set(shown, value);
      }
    }
  }
  const best = state.get("best_metric");
  if (typeof best === "number") {
    metrics.set("best_metric", best);
  }
  return new Map([...metrics].slice(0, MAX_METRICS));
}
