import { collectAllMetrics, collectKnownMetrics } from "./consoleMetrics.ts";
import { parseClock, parseConsoleCount, parseConsoleNumber } from "./consoleNumber.ts";
import { cleanConsoleLine } from "./consoleText.ts";

/** What one line of a training's output says about how far it is. Numbers are as printed, epochs may be fractions. */
export type ConsoleReading = {
  epoch?: number;
  epochs?: number;
  step?: number;
  steps?: number;
  metrics: Record<string, number>;
  /** Time left as the line itself states it, for what the line counts. */
  remainingSeconds?: number;
  /** `side`: progress of something beside the training, such as a download or a validation pass. */
  subject: "training" | "side";
};

/** Longer lines are data or code, not progress, and patterns would be slow on them. */
export const MAX_LINE_LENGTH = 2_000;

/** Reads one line of console output; undefined when it says nothing about progress. */
export function parseConsoleLine(line: string): ConsoleReading | undefined {
  if (line.length > MAX_LINE_LENGTH || !/\d|nan|inf/i.test(line)) {
    return undefined;
  }
  const text = cleanConsoleLine(line);
  return readProgressBar(text) ?? readDictionary(text) ?? readCountersAndMetrics(text);
}

/*
 * tqdm and everything built on it (Lightning, the HF Trainer, Ultralytics):
 *   desc:  45%|####5     | 450/1000 [00:10<00:12, 44.10it/s, loss=0.123]
 */
const PROGRESS_BAR =
  /([^|]*?)(?::\s*|\s+|^)(\d{1,3})%\|[^|]*\|\s*([\d.]+[kMGT]?)\/([\d.]+[kMGT]?)\S*\s*\[([\d:]+)<([\d:?]+)(?:,\s*([^,\]]*))?(?:,\s*([^\]]*))?\]/;

const SIDE_BAR =
  /download|fetch|extract|load|save|saving|map\b|filter|token|process|generating|collect|resolv|sanity|valid|\bval\b|eval|test|predict/i;

const BYTE_RATE = /\d\s*[kMGT]?i?B\/s/;

function readProgressBar(text: string): ConsoleReading | undefined {
  const match = text.includes("%|") ? PROGRESS_BAR.exec(text) : null;
  if (match === null) {
    return undefined;
  }
  const [, description = "", , done = "", total = "", , remaining = "", rate = "", postfix = ""] = match;
  if (SIDE_BAR.test(description) || BYTE_RATE.test(rate)) {
    return { metrics: {}, subject: "side" };
  }
  const isEpoch = /epoch/i.test(description);
  // The HF Trainer's dictionaries land behind the bar, in the same line.
  const behind = text.slice(match.index + match[0].length);
  const dictionary = readDictionary(behind);
  return present({
    step: parseConsoleCount(done),
    steps: parseConsoleCount(total),
    remainingSeconds: isEpoch ? undefined : parseClock(remaining),
    ...readCounters(description),
    ...(dictionary?.epoch === undefined ? {} : { epoch: dictionary.epoch }),
    metrics: { ...collectKnownMetrics(description), ...collectAllMetrics(postfix), ...dictionary?.metrics },
  });
}

/** `{'loss': 0.51, 'epoch': 0.03}`, the same with text for numbers, and one JSON object per line. */
const DICTIONARY = /\{\s*["'][^{}]*\}/;
const STEP_KEYS = ["step", "global_step", "iter", "iteration", "num_updates"];
const NOT_METRICS = new Set(["timestamp", "time", "wall", "total_flos", "seed", "pid", "rank", "epochs", "steps"]);

/** Names that only a configuration holds: a script that prints its settings at the start reports no metrics there. */
const SETTINGS =
  /["'](?:batch_size|weight_decay|seed|num_epochs|epochs|num_workers|per_device_train_batch_size)["']\s*:/;

function readDictionary(text: string): ConsoleReading | undefined {
  const found = DICTIONARY.exec(text)?.[0];
  if (found === undefined || SETTINGS.test(found)) {
    return undefined;
  }
  const { epoch, ...values } = collectAllMetrics(found);
  const step = STEP_KEYS.map((key) => values[key]).find((value) => value !== undefined);
  const metrics = Object.fromEntries(
    Object.entries(values).filter(([key]) => !NOT_METRICS.has(key) && !STEP_KEYS.includes(key)),
  );
  return present({ epoch, step, metrics });
}

/**
 * Where line shapes put their counters. The first shape that matches gives epoch and the first that matches gives
 * step, so a specific shape stands before a general one.
 */
const COUNTER_SHAPES: readonly RegExp[] = [
  // The HF Trainer announces what it will do:   Total optimization steps = 1,752   Num Epochs = 3
  /\bTotal optimization steps\s*=\s*(?<steps>[\d,]+)/,
  /\bNum Epochs\s*=\s*(?<epochs>[\d,]+)/,
  // PyTorch's MNIST example: Train Epoch: 1 [640/60000 (1%)]
  /\bEpoch:?\s*(?<epoch>\d+)\s*\[\s*(?<step>\d+)\/(?<steps>\d+)/i,
  // imagenet: Epoch: [0][  10/5005]   mmengine: Epoch(train)  [1][ 100/7330]
  /\bEpoch(?:\(train\))?:?\s*\[(?<epoch>\d+)\]\s*\[\s*(?<step>\d+)\/\s*(?<steps>\d+)\]/i,
  // timm: Train: 0 [   0/312 (  0%)]
  /^Train:\s*(?<epoch>\d+)\s*\[\s*(?<step>\d+)\/(?<steps>\d+)\s*\(/,
  // fairseq: | epoch 001:  10/ 100 loss=5.1
  /\bepoch\s+(?<epoch>\d+):\s+(?<step>\d+)\s*\/\s*(?<steps>\d+)\s/,
  // Epoch 3/10, Epoch [3/10], epoch=3/10, Epoch 3 of 10
  /\bepochs?\s*[:=#]?\s*[[(]?\s*(?<epoch>\d+(?:\.\d+)?)\s*(?:\/|of)\s*(?<epochs>\d+)/i,
  // Ultralytics:       1/100      2.5G      1.2
  /^\s*(?<epoch>\d+)\/(?<epochs>\d+)\s+\d+(?:\.\d+)?G\s/,
  // Epoch 3, epoch: 3, epoch=3, Epoch [3]
  /\bepoch\s*[:=#]?\s*\[?\s*(?<epoch>\d+(?:\.\d+)?)(?![\d%])/i,
  // Megatron: iteration      100/  500000 |   Step [100/600]   step: 10/100   batch 3/20
  /\b(?:global[_ ]?step|step|iter(?:ation)?|batch|update)s?\s*[:=#]?\s*[[(]?\s*(?<step>[\d,]*\d)\s*(?:\/|of)\s*(?<steps>[\d,]*\d)/i,
  // nanoGPT: iter 100:   torchtitan: step: 10   detectron2: iter: 19
  /\b(?:global[_ ]?step|step|iter(?:ation)?|total_timesteps)s?(?:\s*[:=#|]\s*|\s+)\[?(?<step>[\d,]*\d)(?![\d.%])/i,
  // XGBoost: [0]  train-logloss:0.6   LightGBM: [100]  training's l2: 0.1
  /^\[(?<step>\d+)\]\s+\S*.*[:=]\s*[\d.]/,
  // Keras: 938/938 ━━━━ 3s 2ms/step - loss: 0.1   and   938/938 - 3s - 3ms/step - loss: 0.1
  // Keras' bars are drawn with ━ ─ ╸ ╺, which stand here by their numbers: one such letter doubles what the supervisor keeps of its code.
  /^\s*(?<step>\d+)\/(?<steps>\d+|Unknown)\s+(?:[\u2501\u2500\u2578\u257A]|\[[=>.]|-\s|\d+s)/u,
  // Lightning: `Trainer.fit` stopped: `max_epochs=10` reached.
  /\bmax_epochs=(?<epochs>\d+)/,
];

type Counters = { [Name in "epoch" | "epochs" | "step" | "steps"]?: number };

function readCounters(text: string): Counters {
  const counters: Counters = {};
  for (const shape of COUNTER_SHAPES) {
    const groups = shape.exec(text)?.groups;
    if (groups === undefined) {
      continue;
    }
    if (counters.epoch === undefined && counters.epochs === undefined) {
      assignCount(counters, "epoch", groups["epoch"]);
      assignCount(counters, "epochs", groups["epochs"]);
    }
    if (counters.step === undefined && counters.steps === undefined) {
      assignCount(counters, "step", groups["step"]);
      assignCount(counters, "steps", groups["steps"]);
    }
  }
  return counters;
}

function assignCount(counters: Counters, name: keyof Counters, text: string | undefined): void {
  const value = text === undefined ? undefined : parseConsoleNumber(text);
  if (value !== undefined) {
    counters[name] = value;
  }
}

function readCountersAndMetrics(text: string): ConsoleReading | undefined {
  // Stable-Baselines3 and Megatron draw tables; their bars separate like any other white space.
  const spaced = text.includes("|") ? text.replaceAll("|", "  ") : text;
  const reading = { ...readCounters(text), metrics: collectKnownMetrics(spaced) };
  return Object.keys(reading).length > 1 || Object.keys(reading.metrics).length > 0 ? present(reading) : undefined;
}

type Found = { [Name in keyof Counters | "remainingSeconds"]: number | undefined } & {
  metrics: Record<string, number>;
};

/** A reading with the fields that were found. */
function present(found: Partial<Found> & { metrics: Record<string, number> }): ConsoleReading {
  const { metrics, ...counts } = found;
  const known = Object.entries(counts).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), metrics, subject: "training" };
}
