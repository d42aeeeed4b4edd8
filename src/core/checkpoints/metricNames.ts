export type MetricDirection = "min" | "max";

const lowerIsBetter = new Set(
  (
    "loss losses error err perplexity ppl mse mae rmse mape wer cer nll fid bpc bpb cost kl mpjpe epe brier ece regret " +
    "crossentropy logloss latency smape crps pinball lpips eer"
  ).split(" "),
);
const higherIsBetter = new Set(
  (
    "acc acc1 acc5 accuracy top1 top5 f1 auc auroc auprc ap ap50 map map50 iou miou dice precision recall bleu rouge " +
    "rouge1 rouge2 rougel score r2 psnr ssim reward return fitness mrr ndcg kappa mcc correlation spearman pearson " +
    "sensitivity specificity jaccard elo winrate silhouette prec1 prec5 elbo"
  ).split(" "),
);
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
  return (
    isTestMetric(name) || wordsOf(name).some((word) => ["val", "valid", "validation", "eval", "dev"].includes(word))
  );
}

/** Test data is for the chosen model; one that is chosen by it is chosen too well. */
function isTestMetric(name: string): boolean {
  return wordsOf(name).includes("test");
}

/** Whether it is the best value until then, which tells the past and not the checkpoint; `max_error` is measured itself. */
export function isBestSoFar(name: string): boolean {
  const words = wordsOf(name);
  const extreme = inferMetricDirection(name) === "max" ? ["max", "highest"] : ["min", "lowest"];
  const isDirected = inferMetricDirection(name) !== undefined;
  return words.some((word) => word.startsWith("best") || (isDirected && extreme.includes(word)));
}

function rank(name: string): number {
  const isBest = wordsOf(name).includes("best");
  const data = isTestMetric(name) ? 4 : isHeldOutMetric(name) ? 0 : 8;
  return data + (isBest ? 2 : 0) + (inferMetricDirection(name) === "max" ? 0 : 1);
}

function wordsOf(name: string): string[] {
  return name
    .replace(/IoU/g, "iou")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
