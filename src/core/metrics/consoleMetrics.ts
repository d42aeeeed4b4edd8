import { NUMBER_SOURCE, parseConsoleNumber } from "./consoleNumber.ts";

/** Words that make a printed name a metric. Anything else (time, memory, version, port) is not one. */
const METRIC_WORDS = new Set(
  `loss losses acc accuracy acc1 acc5 acc@1 acc@5 top1 top5 lr ppl perplexity f1 auc auroc ap map map50 map50-95 map@50
   mae mse rmse mape r2 iou miou dice bleu rouge rouge1 rouge2 rougel wer cer psnr ssim fid error err nll elbo kl logloss
   mlogloss l1 l2 precision recall entropy reward rewards return ep_rew_mean ep_len_mean bpb bpc mfu tps tflops score
   mcc ndcg mrr`.split(/\s+/),
);

/** Words that say which metric of a kind it is; they stay part of the name. */
const QUALIFIERS = new Set(
  `train training trn val valid validation dev eval evaluation test average avg mean total running best lm epoch step
   batch final current cls box bbox dfl obj mask rpn ema balanced top macro micro weighted policy value actor critic g d
   gen disc generator discriminator cross smooth learning grad gradient rate norm tokens`.split(/\s+/),
);

/** Two words that are a metric only together. */
const METRIC_PHRASES = new Set(["learning_rate", "grad_norm", "gradient_norm", "cross_entropy", "tokens_per_second"]);

/** `loss_scale` and `loss_weight` are settings, not metrics. */
const SETTING_TAILS = new Set(["scale", "weight", "coef", "fn", "func", "type", "name"]);

const NAME_WORD = String.raw`[A-Za-z_][\w@/.'-]*`;
const NAMED_NUMBER = new RegExp(
  String.raw`((?:${NAME_WORD} ){0,3}${NAME_WORD})(?:\s*[=:]\s*|\s+)(?:tensor\()?(${NUMBER_SOURCE})(?:/(\d+)\b)?`,
  "g",
);

/** Every `name=number`, `name: number` and `name number` of a line whose name is known to be a metric. */
export function collectKnownMetrics(text: string): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const match of text.matchAll(NAMED_NUMBER)) {
    const key = knownMetricName(match[1] ?? "");
    const value = parseConsoleNumber(match[2] ?? "");
    if (key !== undefined && value !== undefined && isPlainNumber(text, match.index + match[0].length)) {
      metrics[key] = ratio(value, match[3]);
    }
  }
  return metrics;
}

/** A text that stays the same while the values of its metrics, and other fractions, change. */
export function withoutValues(text: string): string {
  const named = text.replaceAll(NAMED_NUMBER, (found, name: string) =>
    knownMetricName(name) === undefined ? found : name,
  );
  return named.replaceAll(/\s*-?\d*\.\d+(?:e[-+]?\d+)?/gi, "");
}

/** `9827/10000` after "Accuracy" means the quotient. */
function ratio(value: number, divisor: string | undefined): number {
  return divisor === undefined || Number(divisor) === 0 ? value : value / Number(divisor);
}

/** False inside `12:30:05`, `2.1.0` or `3rd`, where the digits belong to something longer. */
function isPlainNumber(text: string, end: number): boolean {
  return !/^(?::\d|\.\d|[A-Za-z_])/.test(text.slice(end, end + 2));
}

const BRACKETED_NUMBER = new RegExp(
  String.raw`["']?([A-Za-z_][\w@/.-]*)["']?\s*[=:]\s*["']?(?:tensor\()?(${NUMBER_SOURCE})(?=["'),\]}\s%]|$)`,
  "g",
);

/** Every named number of a place where only metrics stand: a printed dictionary, the end of a progress bar. */
export function collectAllMetrics(text: string): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const match of text.matchAll(BRACKETED_NUMBER)) {
    const value = parseConsoleNumber(match[2] ?? "");
    if (value !== undefined && match[1] !== "v_num") {
      metrics[normalizeName(match[1] ?? "")] = value;
    }
  }
  return metrics;
}

/** The metric's name in the words before a number, `INFO train loss` → `train_loss`; undefined when there is none. */
function knownMetricName(words: string): string | undefined {
  const parts = words.split(" ").map(normalizeName);
  // The name is at the end; what stands before it (a log level, a sentence) is cut off at the first stranger.
  let first = parts.length;
  while (first > 0 && isNamePart(parts[first - 1] ?? "")) {
    first -= 1;
  }
  const name = parts.slice(first).join("_");
  return name !== "" && isMetricName(name) ? name : undefined;
}

function isNamePart(part: string): boolean {
  return QUALIFIERS.has(part) || isMetricName(part);
}

function isMetricName(name: string): boolean {
  if (METRIC_WORDS.has(name) || METRIC_PHRASES.has(name)) {
    return true;
  }
  const segments = name.split(/[_/.-]+/);
  if (SETTING_TAILS.has(segments.at(-1) ?? "")) {
    return false;
  }
  return (
    segments.some((segment) => METRIC_WORDS.has(segment)) ||
    segments.some((segment, index) => METRIC_PHRASES.has(`${segment}_${segments[index + 1] ?? ""}`))
  );
}

function normalizeName(name: string): string {
  return name
    .toLowerCase()
    .replace(/'s$/, "")
    .replace(/[:=.-]+$/, "");
}
