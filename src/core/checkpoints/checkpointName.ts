/** Files of a workspace that may be checkpoints by their ending; `isCheckpointName` and a look inside decide. */
export const CHECKPOINT_FILES = "**/*.{pt,pth,ckpt,bin,safetensors,h5,hdf5,keras,gguf,npz,pkl,pickle,joblib,index,tar}";

const suffixes = [
  ".pt",
  ".pth",
  ".ckpt",
  ".bin",
  ".safetensors",
  ".safetensors.index.json",
  ".h5",
  ".hdf5",
  ".keras",
  ".gguf",
  ".npz",
  ".pkl",
  ".pickle",
  ".joblib",
  ".pth.tar",
  ".pt.tar",
];
/** Hugging Face and its descendants name a folder after the step. */
const trainerPattern = /^checkpoint-(\d{1,12})$/i;
const ggufPartPattern = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;
const otherBinaries = /^(training_args|tokenizer|vocab|spiece)\b/i;
/** What trainings save beside a model when they give each part a file of its own; `opt-125m` is a model. */
const statePattern =
  /^(?:optim(?:izer)?s?|opt\d{4,}|(?:lr[-_]?)?sched(?:uler)?s?|(?:grad[-_]?)?scaler|rng|random_states?|extra_state|dataloader|sampler)(?![a-z])/i;
/** Names that programs give to what they have not finished: torch and fsspec `.tmp`, browsers `.part`, editors `~`. */
const temporaryPattern =
  /(\.(tmp|temp|part|partial|incomplete|crdownload|download)([-_.]?\w{0,16})?|~)$|^\.?(tmp|~)[-_.]?/i;

/** Whether a file name looks like a checkpoint that is finished as far as its name tells. */
export function isCheckpointName(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    (suffixes.some((suffix) => lower.endsWith(suffix)) || isTensorflowIndex(name)) &&
    !isTemporaryName(name) &&
    !otherBinaries.test(name) &&
    !name.startsWith(".")
  );
}

/** A model in several files of safetensors is held together by its index. */
export function isSafetensorsIndex(name: string): boolean {
  return name.endsWith(".safetensors.index.json");
}

/** The index of a TensorFlow checkpoint; other programs have files of that ending too, under other names. */
export function isTensorflowIndex(name: string): boolean {
  return /(^|[._-])(ckpt|cp|checkpoint|variables|weights|model)([._-][^/]*)?\.index$/i.test(name);
}

/** One of several files that are a model of GGUF together. */
export function isGgufPart(name: string): boolean {
  return ggufPartPattern.test(name);
}

/** Which part of how many a file of GGUF is, and what all its names begin with. */
export function parseGgufPart(name: string): { base: string; part: number; count: number } | undefined {
  const [, base, part, count] = ggufPartPattern.exec(name) ?? [];
  return base === undefined ? undefined : { base, part: Number(part), count: Number(count) };
}

/** A single array of NumPy: worth listing, but data more often than a checkpoint. */
export function isArrayName(name: string): boolean {
  return /\.npy$/i.test(name) && !name.startsWith(".");
}

/** Whether the name says that there is the state of an optimizer or the like in it, and no model. */
export function isStateName(name: string): boolean {
  return statePattern.test(name);
}

const trainerWeights =
  /^(?:model|adapter_model|pytorch_model|diffusion_pytorch_model|pytorch_lora_weights|tf_model)\b.*\.(?:safetensors|bin|json|h5)$/;

/** Whether Trainer and the scripts of Hugging Face give the weights of a model this name, in each checkpoint and once at the end. */
export function isTrainerWeights(name: string): boolean {
  return trainerWeights.test(name);
}

/** Whether the name says that its writer will rename the file once it is finished. */
export function isTemporaryName(name: string): boolean {
  return temporaryPattern.test(name);
}

/** The step of a Hugging Face Trainer folder, `checkpoint-<step>`. */
export function trainerFolderStep(name: string): number | undefined {
  const step = trainerPattern.exec(name)?.[1];
  return step === undefined ? undefined : Number(step);
}
