import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

export function isTrainingConfig(path: string): boolean {
  return /\.(?:ya?ml|json)$/.test(path);
}

const HYPERPARAMETER =
  /^\s*["']?(?:lr|learning_rate|learning-rate|epochs|num_epochs|max_epochs|num_train_epochs|batch_size|batch-size|per_device_train_batch_size|weight_decay)["']?\s*:/;

/**
 * What a configuration file is for, by the first line that tells: a hyper-parameter, Hydra's defaults list, a setting
 * of accelerate or of DeepSpeed. No parser, since a workspace may have thousands of these files that are data.
 */
export function readTrainingConfig({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const found = new Set<string>();
  const isJson = path.endsWith(".json");
  for (const [line, written] of text.split("\n").entries()) {
    for (const [of, pattern, isOnlyYaml] of KINDS) {
      if (!found.has(of) && !(isOnlyYaml && isJson) && pattern.test(written)) {
        found.add(of);
        reading.add({ kind: "configuration", of, line });
      }
    }
  }
  return reading.reading;
}

type Kind = "hyperparameters" | "accelerate" | "deepspeed" | "hydra";

/** The third column: whether such a line stands in YAML only. */
const KINDS: readonly (readonly [Kind, RegExp, boolean])[] = [
  ["hyperparameters", HYPERPARAMETER, false],
  ["deepspeed", /^\s*["']?(?:zero_optimization|train_micro_batch_size_per_gpu)["']?\s*:/, false],
  ["accelerate", /^(?:distributed_type|compute_environment)\s*:/, true],
  ["hydra", /^(?:defaults:\s*$|hydra:|# @package)/, true],
];
