import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import type { CheckpointFolder } from "./checkpointFolder.ts";
import { isCheckpointName, trainerFolderStep } from "./checkpointName.ts";
import {
  type CheckpointContents,
  type CheckpointSummary,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { isMetricName } from "./metricNames.ts";
import { readCheckpointFile } from "./readCheckpointFile.ts";
import { readSafetensorsIndex } from "./safetensorsIndex.ts";
import { type JsonValue, parseTolerantJson } from "./tolerantJson.ts";

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

const STATE_NAME = "trainer_state.json";
const INDEX_NAME = "model.safetensors.index.json";
const FORMAT = "trainer_state.json";
/** A run of a million logged steps writes some 200 MB; the numbers wanted are at its end, but JSON is read whole. */
const MAX_STATE_BYTES = 64 * 1024 * 1024;
/** A folder of one checkpoint holds a few dozen files; each costs a few reads. */
const MAX_FILES = 256;
const weightsPattern = /^(model|adapter_model|pytorch_model|diffusion_pytorch_model)\b.*\.(safetensors|bin)$/;

export function isTrainerFolder(name: string, fileNames: readonly string[]): boolean {
  return trainerFolderStep(name) !== undefined || fileNames.includes(STATE_NAME);
}

/** Reads a Trainer's folder as the one checkpoint it is. Throws only what the folder throws. */
export async function readTrainerFolder(folder: CheckpointFolder): Promise<CheckpointSummary> {
  const state = await readState(folder);
  const parts = await readParts(folder);
  const version = await readTransformersVersion(folder);
  const names = new Set(folder.files.map((file) => file.name));
  const contents = contentsOf(state.kind === "read" ? state.value : new Map<string, JsonValue>(), parts.contents);
  return {
    ...contents,
    name: folder.name,
    kind: "folder",
    format: "trainer-folder",
    sizeBytes: folder.files.reduce((sum, file) => sum + file.sizeBytes, 0),
    hasOptimizerState: names.has("optimizer.pt") || names.has("optimizer.bin"),
    hasSchedulerState: names.has("scheduler.pt") || names.has("scheduler.bin"),
    framework: { name: "Transformers", ...(version !== undefined && { version }) },
    completeness: judge(folder, state, parts),
  };
}

type State =
  | { kind: "missing" }
  | { kind: "unreadable"; reason: string }
  | { kind: "read"; value: Map<string, JsonValue> };
type Parts = { problem?: Completeness; hasWeights: boolean; contents: CheckpointContents };

async function readState(folder: CheckpointFolder): Promise<State> {
  try {
    const value = await folder.open(STATE_NAME, (source) => readJson(source));
    if (value === undefined) {
      return { kind: "missing" };
    }
    return value instanceof Map ? { kind: "read", value } : { kind: "unreadable", reason: "it is no JSON object" };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return { kind: "unreadable", reason: error.message };
  }
}

/** A version is worth showing, but a broken config.json is no reason to call the checkpoint torn. */
async function readTransformersVersion(folder: CheckpointFolder): Promise<string | undefined> {
  try {
    const settings = await folder.open("config.json", (source) => readJson(source));
    const version = settings instanceof Map ? settings.get("transformers_version") : undefined;
    return typeof version === "string" ? version.slice(0, 40) : undefined;
  } catch (error) {
    if (error instanceof FormatError) {
      return undefined;
    }
    throw error;
  }
}

async function readJson(source: ByteSource): Promise<JsonValue> {
  if (source.sizeBytes > MAX_STATE_BYTES) {
    throw new FormatError(FORMAT, 0, `it is larger than ${MAX_STATE_BYTES} bytes`);
  }
  return parseTolerantJson(new TextDecoder().decode(await source.read(0, source.sizeBytes)), FORMAT);
}

/** Every file that holds tensors or pickles must be whole: a torn optimizer.pt ends a resumed run as surely as torn weights. */
async function readParts(folder: CheckpointFolder): Promise<Parts> {
  const parts: Parts = { hasWeights: false, contents: emptyContents };
  for (const { name } of folder.files.slice(0, MAX_FILES)) {
    if (!isCheckpointName(name) || name === INDEX_NAME) {
      continue;
    }
    const part = await folder.open(name, (source) => readCheckpointFile(source, name));
    if (part !== undefined && part.completeness.state !== "whole") {
      parts.problem ??= { ...part.completeness, reason: `${name}: ${part.completeness.reason}` };
    }
    if (part !== undefined && weightsPattern.test(name)) {
      parts.hasWeights = true;
      parts.contents = addWeights(parts.contents, part);
    } else if (part !== undefined) {
      parts.contents = { ...parts.contents, imports: [...parts.contents.imports, ...part.imports] };
    }
  }
  const sharded = await folder.open(INDEX_NAME, (source) => readSafetensorsIndex(source, folder));
  if (sharded !== undefined && sharded.completeness.state !== "whole") {
    parts.problem ??= sharded.completeness;
  }
  return parts;
}

function addWeights(sum: CheckpointContents, part: CheckpointContents): CheckpointContents {
  return {
    ...sum,
    tensorCount: sum.tensorCount + part.tensorCount,
    parameterCount: sum.parameterCount + part.parameterCount,
    dtypes: [...new Set([...sum.dtypes, ...part.dtypes])],
    imports: [...sum.imports, ...part.imports],
  };
}

function judge(folder: CheckpointFolder, state: State, parts: Parts): Completeness {
  if (state.kind === "missing") {
    return torn("trainer_state.json, which is written last, is not there");
  }
  if (state.kind === "unreadable") {
    return torn(`trainer_state.json cannot be read: ${state.reason}`);
  }
  if (parts.problem !== undefined) {
    return parts.problem;
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
  return {
    ...parts,
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
      if (typeof value === "number" && isMetricName(name)) {
        metrics.set(name.slice(0, 80), value);
      }
    }
  }
  const best = state.get("best_metric");
  if (typeof best === "number") {
    metrics.set("best_metric", best);
  }
  return new Map([...metrics].slice(0, 40));
}
