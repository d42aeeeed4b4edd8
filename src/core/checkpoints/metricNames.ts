export type MetricDirection = "min" | "max";

const lowerIsBetter = new Set(
  (
    "loss losses error errors err perplexity ppl mse mae rmse msle rmsle mape wer cer nll fid bpc bpb cost kl kld mpjpe epe " +
    "brier ece regret crossentropy ce bce logloss latency smape crps pinball lpips eer deviance"
  ).split(" "),
);
const higherIsBetter = new Set(
  (
    "acc acc1 acc5 accuracy accuracies top1 top5 f1 auc auroc auprc ap ap50 map map50 coco iou miou dice precision recall bleu " +
    "bleu1 bleu2 bleu3 bleu4 chrf cider meteor rouge rouge1 rouge2 rougel score r2 psnr ssim reward rewards return " +
    "fitness mrr ndcg kappa mcc correlation spearman pearson sensitivity specificity jaccard elo winrate success " +
    "silhouette prec1 prec5 elbo likelihood"
  ).split(" "),
);
/** How much another number varies or changed: of which less or more may be better. */
const spreads = new Set("std stdev var variance gap drop improvement delta diff difference".split(" "));
/** As scikit-learn turns a measure round so that more is better: `neg_log_loss`. */
const negations = new Set("neg negative inverse".split(" "));
/** What is turned round; `neg_loss` and `recall_negative` may be of a class or of pairs that are called negative. */
const negatable =
  /(?:^| )(?:log loss|logloss|error|mse|mae|rmse|msle|rmsle|mape|brier|deviance|crossentropy|elbo|likelihood|rewards?|return)(?: |$)/;
const direct = new Set(["metric", "metrics"]);
/** Counters live beside metrics and may carry their words: best_epoch, loss_scale, score_step. */
const counters = new Set(
  "epoch epochs step steps iter iteration iterations scale scaler weight weights time count".split(" "),
);

/** What is often logged beside metrics: `lr`, `elapsed`, `grad_norm`. */
const settings = new Set(
  "lr learning elapsed seconds sec duration minutes hours eta grad gradient momentum decay seed batch tokens samples".split(
    " ",
  ),
);

/** Whether a number counts or sets something, or measures the training's time, so that no model is better for it. */
export function isCounter(name: string): boolean {
  return wordsOf(name).some((word) => counters.has(word) || settings.has(word));
}

/** Whether a key of a checkpoint names a quality measure rather than a counter or a setting. */
export function isMetricName(name: string): boolean {
  const words = wordsOf(name);
  return (
    !words.some((word) => counters.has(word)) &&
    words.some((word) => lowerIsBetter.has(word) || higherIsBetter.has(word) || direct.has(word))
  );
}

/** Whether less or more of a metric is better, as its name tells; undefined where it does not. */
export function inferMetricDirection(name: string): MetricDirection | undefined {
  const words = wordsOf(name);
  const direction = directionOf(words);
  if (direction === undefined || words.some((word) => spreads.has(word))) {
    return undefined;
  }
  if (!words.some((word) => negations.has(word))) {
    return direction;
  }
  const turned = direction === "min" ? "max" : "min";
  return negatable.test(words.join(" ")) ? turned : undefined;
}

function directionOf(words: readonly string[]): MetricDirection | undefined {
  // "accuracy_error" and "score_loss" measure what is missing.
  if (words.some((word) => lowerIsBetter.has(word))) {
    return "min";
  }
  return words.some((word) => higherIsBetter.has(word)) ? "max" : undefined;
}

/** Sorts the metric that decides about a checkpoint first: validation before test before training, quality before loss. */
export function compareMetricNames(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : Number(a > b));
}

/** Whether a metric was measured on data that the training does not see. */
export function isHeldOutMetric(name: string): boolean {
  return wordsOf(name).some((word) => ofHeldOut.has(word));
}

/**
 * The names of qualities that say no data: mostly measured on held-out data as well, unless the same is there with its data
 * said, as `accuracy` is of the training beside `val_accuracy`.
 */
export function qualitiesWithoutData(names: readonly string[]): string[] {
  const measured = new Set(names.filter(saysData).map(withoutData));
  return names.filter(
    (name) => inferMetricDirection(name) === "max" && !saysData(name) && !measured.has(withoutData(name)),
  );
}

function saysData(name: string): boolean {
  return isHeldOutMetric(name) || wordsOf(name).some((word) => ofTraining.has(word));
}

const ofTraining = new Set(["train", "training", "tr"]);
const ofHeldOut = new Set(["val", "valid", "validation", "eval", "dev", "test"]);

function withoutData(name: string): string {
  const words = wordsOf(name).filter((word) => !ofTraining.has(word) && !ofHeldOut.has(word));
  return words.join(" ");
}

/** Test data is for the chosen model; one that is chosen by it is chosen too well. */
function isTestMetric(name: string): boolean {
  return wordsOf(name).includes("test");
}

const limits: Readonly<Record<MetricDirection, readonly string[]>> = {
  min: ["min", "lowest"],
  max: ["max", "highest", "record"],
};

/** Whether it is the best value until then, which tells the past and not the checkpoint: `best_acc`, `max_accuracy`. */
export function isBestSoFar(name: string): boolean {
  const words = wordsOf(name);
  const direction = inferMetricDirection(name);
  const limit = direction === undefined ? -1 : words.findIndex((word) => limits[direction].includes(word));
  const isLimited = limit >= 0 && isMetricName(words.slice(limit + 1).join("_"));
  return isLimited || words.some((word) => word.startsWith("best"));
}

function rank(name: string): number {
  const isBest = wordsOf(name).includes("best");
  const data = isTestMetric(name) ? 4 : isHeldOutMetric(name) ? 0 : 8;
  return data + (isBest ? 2 : 0) + (inferMetricDirection(name) === "max" ? 0 : 1);
}

function wordsOf(name: string): string[] {
  return name
    .replace(/IoU/g, "iou")
    .replace(/(win)[_ -](rate)|(cross)[_ -](entropy)/i, "$1$2$3$4")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
