import type { CheckpointContents, CheckpointFramework } from "./checkpointSummary.ts";
import { entriesOf, isNode, itemsOf, type PickleValue } from "./inertPickleValue.ts";
import { type PlainValue, plainEntriesOf } from "./plainValue.ts";
import { collectTorchMetrics } from "./torchMetrics.ts";
import { type Scalar, scalarOf } from "./torchScalar.ts";
import { elementsIn, type TorchTensor, torchTensorOf } from "./torchTensor.ts";
import { collectTorchTensors, type NamedTensor } from "./torchTensorWalk.ts";

/** What the pickled object of a PyTorch checkpoint says, before the few numbers kept in storages are read. */
export type TorchContents = Omit<CheckpointContents, "epoch" | "step" | "metrics" | "imports"> & {
  epoch?: Scalar;
  step?: Scalar;
  metrics: readonly (readonly [name: string, value: Scalar])[];
  tensors: readonly NamedTensor[];
};

const epochPaths = [
  "epoch",
  "cur_epoch",
  "current_epoch",
  "last_epoch",
  "meta.epoch",
  "extra_state.train_iterator.epoch",
  "trainer_state.epoch",
  "state.epoch",
  // Mostly how many there will be.
  "epochs",
];
const stepPaths = [
  "global_step",
  "step",
  "iteration",
  "iter",
  "steps",
  "trainer_step",
  "num_updates",
  "train_step",
  "iter_num",
  "meta.iter",
  "trainer_state.global_step",
  "state.step",
];
const settingsKeys = [
  "hyper_parameters",
  "hparams",
  "hyperparameters",
  "config",
  "cfg",
  "args",
  "train_args",
  "opt",
  "model_args",
  "model_config",
  "settings",
];
const optimizerKey = /optim|^opt_state/i;
const schedulerKey = /sched/i;
/** Everything in a checkpoint that is not the model itself: states for resuming, and second copies of the weights. */
const notTheModel =
  /optim|^opt_state|sched|scaler|rng|random|callbacks|loops|ema|swa|best_model|metric|result|score|logs?$|stats|losses|history/i;

/** The same as contents and tensors, without the numbers kept in storages, which a reader that passes them over does not have. */
export function collectWrittenContents(
  root: PickleValue,
  imports: CheckpointContents["imports"],
): { contents: CheckpointContents; tensors: readonly NamedTensor[] } {
  const { tensors, epoch, step, metrics, ...facts } = collectTorchContents(root);
  const contents = {
    ...facts,
    ...(typeof epoch === "number" && { epoch }),
    ...(typeof step === "number" && { step }),
    metrics: Object.fromEntries(metrics.filter((metric): metric is [string, number] => typeof metric[1] === "number")),
    imports,
  };
  return { contents, tensors };
}

/** Folds the described object into facts; any shape of object gives a result. */
export function collectTorchContents(root: PickleValue): TorchContents {
  const entries = entriesOf(root) ?? new Map<PickleValue, PickleValue>();
  const tensors = collectTorchTensors(root);
  const modelTensors = selectModelTensors(entries, tensors);
  const counted = firstScalar(root, epochPaths);
  // Ultralytics writes -1 into what it finished with.
  const epoch = typeof counted === "number" && counted < 0 ? undefined : counted;
  // A file may be the state of an optimizer itself, as accelerate and Trainer save it.
  const step = firstScalar(root, stepPaths) ?? (isOptimizerState(root) ? stepInState(root) : optimizerStep(entries));
  const hyperParameters = findSettings(entries);
  return {
    ...(epoch !== undefined && { epoch }),
    ...(step !== undefined && { step }),
    ...(hyperParameters !== undefined && { hyperParameters }),
    metrics: collectTorchMetrics(entries),
    hasOptimizerState: hasState(entries, optimizerKey) || [...entries.values()].some(isOptimizerState),
    hasSchedulerState: hasState(entries, schedulerKey),
    tensorCount: modelTensors.length,
    parameterCount: countParameters(modelTensors),
    dtypes: [...new Set(modelTensors.map(({ tensor }) => tensor.dtype))],
    framework: detectFramework(entries),
    tensors,
  };
}

function firstScalar(root: PickleValue, paths: readonly string[]): Scalar | undefined {
  for (const path of paths) {
    let value: PickleValue | undefined = root;
    for (const key of path.split(".")) {
      value = entriesOf(value)?.get(key);
    }
    const scalar = scalarOf(value);
    if (scalar !== undefined) {
      return scalar;
    }
  }
  return undefined;
}

function optimizerStep(entries: ReadonlyMap<PickleValue, PickleValue>): Scalar | undefined {
  for (const [key, value] of entries) {
    const step = typeof key === "string" && optimizerKey.test(key) ? stepInState(value) : undefined;
    if (step !== undefined) {
      return step;
    }
  }
  return undefined;
}

/** Optimizers such as Adam count their steps per parameter; the first one's count is the run's. */
function stepInState(value: PickleValue): Scalar | undefined {
  const optimizer = itemsOf(value)?.[0] ?? value;
  const perParameter = entriesOf(entriesOf(optimizer)?.get("state"));
  const first = perParameter?.values().next().value;
  return scalarOf(entriesOf(first)?.get("step"));
}

function findSettings(
  entries: ReadonlyMap<PickleValue, PickleValue>,
): Readonly<Record<string, PlainValue>> | undefined {
  for (const key of settingsKeys) {
    const value = entries.get(key);
    const settings = value === undefined || isOptimizerState(value) ? undefined : plainEntriesOf(value);
    if (settings !== undefined) {
      return settings;
    }
  }
  return undefined;
}

/** What `Optimizer.state_dict()` gives, whatever it is called in the file. */
function isOptimizerState(value: PickleValue): boolean {
  const entries = entriesOf(value);
  return entries?.has("state") === true && entries.has("param_groups");
}

function hasState(entries: ReadonlyMap<PickleValue, PickleValue>, pattern: RegExp): boolean {
  for (const [key, value] of entries) {
    const isFilled = (entriesOf(value)?.size ?? 0) > 0 || (itemsOf(value)?.length ?? 0) > 0;
    if (typeof key === "string" && pattern.test(key) && isFilled) {
      return true;
    }
  }
  return false;
}

/**
 * A training checkpoint keeps the model's tensors one level down, beside states and single numbers; a file of
 * weights keeps them at the top.
 */
function selectModelTensors(
  entries: ReadonlyMap<PickleValue, PickleValue>,
  tensors: readonly NamedTensor[],
): readonly NamedTensor[] {
  const isNested = [...entries.values()].some((value) => isNode(value) && torchTensorOf(value) === undefined);
  if (!isNested) {
    return tensors;
  }
  const topLevel = new Set([...entries.keys()].filter((key) => typeof key === "string"));
  const known = new Map<string, boolean>();
  const isOther = (key: string) => {
    const isKnown = known.get(key) ?? (notTheModel.test(key) || isOptimizerState(entries.get(key) ?? null));
    known.set(key, isKnown);
    return isKnown;
  };
  const model = tensors.filter(({ name }) => !isOther(firstPart(name)) && !topLevel.has(name));
  return model.length > 0 ? model : tensors.filter(({ name }) => !optimizerKey.test(name));
}

function firstPart(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

/** Tied weights count once, and views of a storage never count more numbers than it holds. */
function countParameters(tensors: readonly NamedTensor[]): number {
  let count = 0;
  const byStorage = new Map<string, TorchTensor[]>();
  for (const { tensor } of tensors) {
    if (tensor.storage === undefined) {
      count += tensor.elementCount;
      continue;
    }
    const sharing = byStorage.get(tensor.storage.key);
    if (sharing === undefined) {
      byStorage.set(tensor.storage.key, [tensor]);
    } else {
      sharing.push(tensor);
    }
  }
  for (const sharing of byStorage.values()) {
    count += countInStorage(sharing);
  }
  return count;
}

/** Nearly every tensor has a storage of its own, for which no places need be told apart. */
function countInStorage(tensors: readonly TorchTensor[]): number {
  const [first] = tensors;
  if (first === undefined) {
    return 0;
  }
  if (tensors.length === 1) {
    return Math.min(first.elementCount, elementsIn(first));
  }
  const places = new Map(
    tensors.map(({ offsetBytes, elementCount }) => [`${offsetBytes} ${elementCount}`, elementCount]),
  );
  return Math.min(
    [...places.values()].reduce((sum, elementCount) => sum + elementCount, 0),
    elementsIn(first),
  );
}

function detectFramework(entries: ReadonlyMap<PickleValue, PickleValue>): CheckpointFramework {
  const lightning = entries.get("pytorch-lightning_version");
  if (typeof lightning === "string") {
    return { name: "Lightning", version: lightning.slice(0, 40) };
  }
  return { name: "PyTorch" };
}
