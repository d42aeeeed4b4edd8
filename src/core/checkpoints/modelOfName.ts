import { parseSeriesName } from "./checkpointSeries.ts";
import { isMetricName } from "./metricNames.ts";

/** What names of checkpoints are made of beside the name of a model. */
const GENERIC_WORDS = new Set(
  (
    "best last latest final newest current model models checkpoint checkpoints ckpt chkpt weights state dict training " +
    "trainer full resume save saved snapshot pytorch torch net network ema adapter optimizer epoch epochs ep step steps " +
    "swa averaged average avg interrupt interrupted preempted emergency crash export exported backup good " +
    "iter iters iteration global val valid validation test eval train pt pth bin tar safetensors h5 hdf5 keras"
  ).split(" "),
);
/** What programs call a save that has no number, such as `ckpt.pt`. */
const SAVE_WORD = /(?:^|[^a-z])(?:best|last|latest|final|checkpoint|ckpt|snapshot)(?:$|[^a-z])/i;
const STANDS_FOR_OTHERS = /(?:^|[^a-z])(?:best|last|latest|final)(?:$|[^a-z])/i;

/**
 * Whether two names of one run may be of the same model: `finetune_epoch_4.pt` and `pretrain_epoch_3.pt` are not. A name
 * like `best_coco_epoch_3.pth` stands for the others, so that its further words say nothing.
 */
export function areOneModel(name: string, other: string): boolean {
  const [words, others] = [modelWords(name), modelWords(other)];
  const common = [...words].filter((word) => others.has(word)).length;
  const isOther = standsForOthers(name) || standsForOthers(other);
  const needed = isOther ? Math.min(words.size, others.size) : Math.max(words.size, others.size);
  return common === needed;
}

/** Whether a name says that it is a choice of several saves, or a copy of one. */
export function standsForOthers(name: string): boolean {
  return STANDS_FOR_OTHERS.test(name);
}

/** Whether a name says that a training saved it; `yolov8n.pt` and `resnet50.pth` may as well have been downloaded. */
export function isNamedAsSave(name: string): boolean {
  const { numbers, isBare } = parseSeriesName(name);
  return SAVE_WORD.test(name) || (numbers.length > 0 && !isBare);
}

function modelWords(name: string): Set<string> {
  const words =
    parseSeriesName(name)
      .pattern.toLowerCase()
      .match(/[a-z][a-z0-9]*/g) ?? [];
  return new Set(words.filter((word) => !GENERIC_WORDS.has(word) && !isMetricName(word)));
}
