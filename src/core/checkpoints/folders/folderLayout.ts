import { isCheckpointName, isStateName, isTrainerWeights, trainerFolderStep } from "../checkpointName.ts";

/** Whose folder it is, as the names in it tell. */
export type FolderLayout = "trainer" | "accelerate" | "distributed" | "deepspeed" | "megatron" | "orbax";

const zeroPattern = /^(?:bf16_|fp16_)?zero_pp_rank_\d+_mp_rank_\d+_(?:optim|model)_states\.pt$/;
const modelStatesPattern = /^(?:mp_rank_\d+|layer_\d+-model_\d+)(?:-|_)model_states\.pt$/;
const megatronRankPattern = /^mp_rank_\d{2,}(?:_\d{3})*$/;
const trainerOther =
  /^(?:config\.json|\w+_config\.json|training_args\.bin|tokenizer\b.*|vocab\b.*|(?:optimizer|scheduler|rng_state)\b.*|optimizer_\d+|pytorch_model_fsdp_\d+|global_step\d+)$/;
const accelerateNames = [
  "optimizer.bin",
  "model.safetensors",
  "pytorch_model.bin",
  "model.safetensors.index.json",
  "pytorch_model.bin.index.json",
];

/** The layout of a folder that is one checkpoint; undefined for a folder of checkpoints and for anything else. */
export function folderLayoutOf(name: string, names: readonly string[]): FolderLayout | undefined {
  const has = (pattern: RegExp) => names.some((each) => pattern.test(each));
  // Trainer leaves its state also in the folder that holds its checkpoints, once the training has ended.
  const holdsCheckpoints = names.some((each) => trainerFolderStep(each) !== undefined);
  if (names.includes("trainer_state.json") && !holdsCheckpoints) {
    return "trainer";
  }
  if (isUncommittedOrbax(name) || names.includes("_CHECKPOINT_METADATA") || names.includes("_METADATA")) {
    return "orbax";
  }
  if (/^iter_\d{5,}$/.test(name) || has(megatronRankPattern)) {
    return "megatron";
  }
  if (has(zeroPattern) || has(modelStatesPattern)) {
    return "deepspeed";
  }
  if (names.includes(".metadata") || has(/^__\d+_\d+\.distcp$/)) {
    return "distributed";
  }
  const isNumbered = /^checkpoint_\d+$/.test(name) && accelerateNames.some((each) => names.includes(each));
  if (isNumbered || has(/^random_states_\d+\.pkl$/)) {
    return "accelerate";
  }
  return trainerFolderStep(name) !== undefined && !holdsCheckpoints && isBegunByTrainer(names) ? "trainer" : undefined;
}

/**
 * Whether a folder named `checkpoint-<step>` that has no state yet is one that Trainer writes. People give such names to folders of
 * checkpoints too, and scripts save under them what they like.
 */
function isBegunByTrainer(names: readonly string[]): boolean {
  const models = names.filter((each) => isCheckpointName(each) && !isStateName(each));
  return models.length > 0
    ? models.some(isTrainerWeights)
    : names.length === 0 || names.some((each) => trainerOther.test(each));
}

/**
 * What a layout writes last; other files may come at any time, such as the results of an evaluation. Megatron's tracker beside the
 * folder names the next iteration soon, so that the files of the ranks have to tell.
 */
const writtenLast: Partial<Record<FolderLayout, RegExp>> = {
  trainer: /^trainer_state\.json$/,
  accelerate: /^random_states_\d+\.pkl$/,
  distributed: /^\.metadata$/,
  deepspeed: /^[^/]*states\.pt$/,
  megatron: /^(?:\.metadata|common\.pt|mp_rank_[\d_]+\/[^/]+\.pt)$/,
  orbax: /^(?:_CHECKPOINT_METADATA|_METADATA|commit_success\.txt)$/,
};

/**
 * Of the names in a folder, and as `folder/name` in those below, the ones whose time is that of the checkpoint; none where every
 * file counts.
 */
export function namesWrittenLast(name: string, names: readonly string[]): string[] {
  const layout = folderLayoutOf(name, names);
  const pattern = layout && writtenLast[layout];
  return pattern === undefined ? [] : names.filter((each) => pattern.test(each));
}

/** Orbax writes under such a name and renames once everything is there. */
export function isUncommittedOrbax(name: string): boolean {
  return name.includes(".orbax-checkpoint-tmp");
}
