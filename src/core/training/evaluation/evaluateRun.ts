import { compareMetricNames, inferMetricDirection, isHeldOutMetric } from "../../checkpoints/metricNames.ts";
import { describeMissingLines, type LogParts, labelLogLine } from "../logParts.ts";
import type { Curve, CurvePoint, Curves } from "./curves.ts";

/** How far training and validation are apart. */
export type Gap = {
  metric: string;
  training: CurvePoint;
  validation: CurvePoint;
  difference: number;
  /** How often both were measured. */
  count: number;
};

/** The metric of an earlier run, which this one has to beat. */
export type Baseline = { runId: string; metric: string; value: number };

export type Evaluation = {
  source: string;
  /** Of a log that is more than one file: what its line numbers count through. */
  log?: LogParts;
  /** Those that say how good the model is, the deciding one first. */
  curves: readonly Curve[];
  /** The metric to judge by. */
  deciding?: Curve;
  gap?: Gap;
  /** Epochs since the deciding metric was best. */
  epochsSinceBest?: number;
  baseline?: Baseline;
  /** Sentences: what stands out. */
  findings: readonly string[];
  /** Sentences: what nobody can tell from what there is, and how to get it. */
  missing: readonly string[];
};

/** Judges a run by its own numbers. `earlier`: the run of the same script before it that came to its end, where there is one. */
export function evaluateRun(run: Curves, earlier?: { runId: string; curves: readonly Curve[] }): Evaluation {
  const curves = run.curves
    .filter(({ name }) => isQuality(name))
    .toSorted((a, b) => compareMetricNames(a.name, b.name));
  const heldOut = curves.filter(({ name, best }) => isHeldOutMetric(name) && best && !/(?:^|_)best/i.test(name));
  const deciding = heldOut[0] ?? curves.find(({ best }) => best !== undefined);
  const gap = findGap(curves);
  const epochsSinceBest = deciding ? epochsBetween(deciding.best, deciding.last) : undefined;
  const baseline = deciding && earlier ? baselineOf(deciding, earlier) : undefined;
  return {
    source: run.path,
    ...(run.log ? { log: run.log } : {}),
    curves,
    ...(deciding ? { deciding } : {}),
    ...(gap ? { gap } : {}),
    ...(epochsSinceBest === undefined ? {} : { epochsSinceBest }),
    ...(baseline ? { baseline } : {}),
    findings: [
      ...curves.flatMap(({ name, broken }) =>
        broken
          ? [`\`${name}\` is no number from line ${labelLogLine(broken.line, run.log)} on${placeOf(broken)}.`]
          : [],
      ),
      ...gapFinding(gap),
      ...plateauFinding(deciding, epochsSinceBest),
    ],
    missing: [...missingFacts({ curves, heldOut, baseline }), ...missingLines(run.log)],
  };
}

/** `loss`, `val_acc`, `top5`: what a direction is known for, without learning rates and gradient norms. */
function isQuality(name: string): boolean {
  return inferMetricDirection(name) !== undefined && !/(?:^|_)(?:lr|learning_rate|grad)/i.test(name);
}

const HELD_OUT_WORD = /(?:^|[_/.-])(?:val|valid|validation|eval|dev)(?:[_/.-]|$)/i;
const TRAINING_WORD = /(?:^|[_/.-])(?:train|training|trn)(?:[_/.-]|$)/i;

/** The same metric on both sides: `train_loss` and `val_loss`, or `loss` and `val_loss` as Keras names them. */
function findGap(curves: readonly Curve[]): Gap | undefined {
  for (const validation of curves.filter(({ name }) => HELD_OUT_WORD.test(name))) {
    const training = curves.find(
      ({ name }) => name !== validation.name && !isHeldOutMetric(name) && bareName(name) === bareName(validation.name),
    );
    const difference = training ? validation.last.value - training.last.value : Number.NaN;
    if (training && Number.isFinite(difference)) {
      return {
        metric: bareName(validation.name),
        training: training.last,
        validation: validation.last,
        difference,
        count: Math.min(validation.count, training.count),
      };
    }
  }
  return undefined;
}

function bareName(name: string): string {
  return name.replace(HELD_OUT_WORD, "").replace(TRAINING_WORD, "").toLowerCase();
}

/** In its first epochs a model is bad everywhere, and statistics of batch normalisation lag behind. */
const MIN_GAP_EPOCHS = 3;

function gapFinding(gap: Gap | undefined): string[] {
  if (!gap || gap.count < MIN_GAP_EPOCHS) {
    return [];
  }
  const { metric, training, validation, difference } = gap;
  const isWorse = inferMetricDirection(metric) === "min" ? difference > 0 : difference < 0;
  const size = Math.abs(difference) / Math.max(Math.abs(training.value), Number.EPSILON);
  // Half of the training's own value is far beyond what regularisation and noise explain.
  return isWorse && size > 0.5
    ? [
        `Validation \`${metric}\` is ${format(validation.value)} against ${format(training.value)} in training: the model fits its training data better than new data. More regularisation, more data or an earlier epoch.`,
      ]
    : [];
}

/** After this many epochs without a better value the last epochs were for nothing. */
const PATIENCE_EPOCHS = 3;

function plateauFinding(deciding: Curve | undefined, epochsSinceBest: number | undefined): string[] {
  return deciding?.best && epochsSinceBest !== undefined && epochsSinceBest >= PATIENCE_EPOCHS
    ? [
        `\`${deciding.name}\` was best in epoch ${deciding.best.epoch} and has not been better for ${epochsSinceBest} epochs. Use that epoch's checkpoint.`,
      ]
    : [];
}

function epochsBetween(best: CurvePoint | undefined, last: CurvePoint): number | undefined {
  return best?.epoch === undefined || last.epoch === undefined ? undefined : last.epoch - best.epoch;
}

function baselineOf(deciding: Curve, earlier: { runId: string; curves: readonly Curve[] }): Baseline | undefined {
  const best = earlier.curves.find(({ name }) => name === deciding.name)?.best;
  return best ? { runId: earlier.runId, metric: deciding.name, value: best.value } : undefined;
}

function missingFacts(known: {
  curves: readonly Curve[];
  heldOut: readonly Curve[];
  baseline: Baseline | undefined;
}): string[] {
  const { curves, heldOut, baseline } = known;
  const hasTest = curves.some(({ name }) => /(?:^|[_/.-])test(?:[_/.-]|$)/i.test(name));
  return [
    ...(heldOut.length === 0
      ? [
          "A validation metric: nothing that the run printed was measured on held-out data. Print `val_loss` every epoch.",
        ]
      : []),
    ...(baseline
      ? []
      : [
          "A baseline: no earlier run of this script came to its end with the same metric. Run it once with the plain settings, or measure the majority class.",
        ]),
    ...(hasTest
      ? []
      : ["A test result: measure the chosen checkpoint once on data that neither training nor choice has seen."]),
    "The spread between seeds: one run shows none. Three runs with different seeds say whether a difference is real.",
  ];
}

function missingLines(log: LogParts | undefined): string[] {
  const sentence = describeMissingLines(log?.missing);
  return sentence === undefined ? [] : [sentence];
}

function placeOf({ epoch }: CurvePoint): string {
  return epoch === undefined ? "" : `, in epoch ${epoch}`;
}

function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}
