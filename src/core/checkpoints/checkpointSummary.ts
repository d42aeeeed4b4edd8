import type { ImportedName } from "./importedName.ts";
import type { PlainValue } from "./plainValue.ts";

export type CheckpointFormat =
  | "torch-zip"
  | "torch-script"
  | "torch-legacy"
  | "torch-tar"
  | "safetensors"
  | "safetensors-index"
  | "trainer-folder"
  | "accelerate-folder"
  | "deepspeed-folder"
  | "megatron-folder"
  | "distributed-folder"
  | "orbax-folder"
  | "gguf"
  | "keras"
  | "hdf5"
  | "tensorflow"
  | "npy"
  | "npz"
  | "pickle"
  | "joblib"
  | "unknown";

/**
 * `whole`: its structure proves that nothing is missing. `torn`: something is. `writing`: something is, and it
 * changed moments ago. `unknown`: this format or file cannot be judged.
 */
export type CompletenessState = "whole" | "torn" | "writing" | "unknown";

/** The reason is half a sentence, to be read after the state: "torn: the directory at the end is missing". */
export type Completeness = { state: CompletenessState; reason: string };

export type CheckpointFramework = { name: string; version?: string };

/** What a checkpoint holds, as far as it can be told without running any of it. */
export type CheckpointContents = {
  epoch?: number;
  step?: number;
  metrics: Readonly<Record<string, number>>;
  /** The name of the checkpoint that the training itself calls its best so far, and goes back to. */
  bestName?: string;
  /** The configuration it carries, cut to a bounded size. */
  hyperParameters?: Readonly<Record<string, PlainValue>>;
  hasOptimizerState: boolean;
  hasSchedulerState: boolean;
  /** Tensors of the model; those of optimizer and scheduler are not counted. */
  tensorCount: number;
  /** Numbers in the model's tensors, buffers included; tensors that share storage count once. */
  parameterCount: number;
  dtypes: readonly string[];
  framework?: CheckpointFramework;
  /** What loading it with pickle would import; empty for formats that hold data alone. */
  imports: readonly ImportedName[];
};

export type CheckpointSummary = CheckpointContents & {
  /** The last part of its path. */
  name: string;
  kind: "file" | "folder";
  format: CheckpointFormat;
  completeness: Completeness;
  sizeBytes: number;
  /** Those of its metrics that only its name tells, where they may be misread: `precision_16` is none. */
  namedMetrics?: readonly string[];
  /** Of an index, the names of the files beside it that its model consists of. */
  parts?: readonly string[];
};

export const emptyContents: CheckpointContents = {
  metrics: {},
  hasOptimizerState: false,
  hasSchedulerState: false,
  tensorCount: 0,
  parameterCount: 0,
  dtypes: [],
  imports: [],
};

export function whole(reason: string): Completeness {
  return { state: "whole", reason };
}

export function torn(reason: string): Completeness {
  return { state: "torn", reason };
}

export function unknown(reason: string): Completeness {
  return { state: "unknown", reason };
}

/** How long an incomplete file may rest before it counts as torn: a slow disk may pause a writer for seconds. */
export const TORN_AFTER_MS = 30_000;
