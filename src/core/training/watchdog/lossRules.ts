import type { Alarm, WatchdogLimits } from "./alarm.ts";
import { mean, median, Recent } from "./statistics.ts";

/** What a rule says about a loss; the watchdog adds the line and the time. */
export type LossAlarm = Pick<Alarm, "kind" | "message" | "advice">;

/** A loss that falls in a training that learns. The losses of adversarial and reinforcement training swing by nature. */
const TRAINING_LOSS = /^(?:(?:train|training|lm|total|avg|average|running)[_/ ]?)?loss$/;
const HELD_OUT_LOSS = /^(?:val|valid|validation|dev|eval)[_/ ]?(?:avg_)?loss$/;

export type LossRole = "training" | "held-out";

/** Which loss a metric is; undefined for every other metric. */
export function lossRoleOf(name: string): LossRole | undefined {
  return TRAINING_LOSS.test(name) ? "training" : HELD_OUT_LOSS.test(name) ? "held-out" : undefined;
}

/** Whether anything is said about the values of a metric. Tags are written in any case: `Loss/train`. */
export function isJudged(name: string): boolean {
  return /loss|grad_norm|perplexity|^ppl$/i.test(name) && !/best|min|scale/i.test(name);
}

/** AMP skips the first steps with a gradient that is not finite; and a batch without targets may give one infinite loss. */
const NOT_FINITE_IN_A_ROW = 3;
/** Weights that are not finite give no number ever again, so these are not lost. */
const FINITE_IN_A_ROW = 3;

/** Raises when a loss, or the norm of the gradient for a while, is no number any more. */
export class FiniteRule {
  readonly #notFinite = new Map<string, number>();
  readonly #finite = new Map<string, number>();
  /** The metrics that are no numbers, and have not come back for good. */
  readonly #broken = new Set<string>();

  /** Whether one of its metrics is no number, as far as was seen. */
  get isBroken(): boolean {
    return this.#broken.size > 0;
  }

  add(name: string, value: number): LossAlarm | undefined {
    if (!isJudged(name)) {
      return undefined;
    }
    const isFinite = Number.isFinite(value);
    const count = isFinite ? 0 : (this.#notFinite.get(name) ?? 0) + 1;
    this.#notFinite.set(name, count);
    this.#finite.set(name, isFinite ? (this.#finite.get(name) ?? 0) + 1 : 0);
    if (this.isSound(name)) {
      this.#broken.delete(name);
    }
    const isCertain = Number.isNaN(value) && /loss/i.test(name);
    if (count === 0 || (count < NOT_FINITE_IN_A_ROW && !isCertain)) {
      return undefined;
    }
    this.#broken.add(name);
    return {
      kind: "not-a-number",
      message: `${name} is ${Number.isNaN(value) ? "not a number" : "infinite"}.`,
      advice:
        "What is computed from it is lost: stop the run, and resume with a lower learning rate from a checkpoint of before.",
    };
  }

  /** Whether a metric has been a number for a while. */
  isSound(name: string): boolean {
    return (this.#finite.get(name) ?? 0) >= FINITE_IN_A_ROW;
  }
}

const WINDOW = 60;
const MIN_READINGS = 30;
const SPIKE_IN_A_ROW = 4;
/** The height of the noise, as the median of the differences to the median: a spike stands far above it. */
const SPIKE_NOISE_FACTOR = 12;
const DIVERGED_FACTOR = 2;
const DIVERGED_READINGS = 20;
/** So many readings as low as before a spike end it. */
const CALM_IN_A_ROW = 4;

/** Raises when a training loss jumps up and stays, or climbs above where it started. */
export class TrainingLossRule {
  readonly #limits: WatchdogLimits;
  /** Below which the loss has to come after a spike. */
  #spikeLimit: number | undefined;
  #calm = 0;
  #isDiverged = false;
  readonly #window = new Recent(WINDOW);
  readonly #first: number[] = [];
  #count = 0;
  #high = 0;
  #last: number | undefined;

  constructor(limits: WatchdogLimits) {
    this.#limits = limits;
  }

  /** What it raised and is not over. */
  get standing(): LossAlarm["kind"][] {
    return [
      ...(this.#spikeLimit === undefined ? [] : (["loss-spike"] as const)),
      ...(this.#isDiverged ? (["divergence"] as const) : []),
    ];
  }

  add(name: string, value: number): LossAlarm | undefined {
    // A progress bar repeats a value until there is another one.
    if (!Number.isFinite(value) || value === this.#last) {
      return undefined;
    }
    this.#last = value;
    this.#followSpike(value);
    const alarm = this.#judge(name, value);
    if (this.#high === 0 || this.#high > SPIKE_IN_A_ROW) {
      this.#window.push(value);
    }
    if (this.#first.length < DIVERGED_READINGS) {
      this.#first.push(value);
    }
    this.#count += 1;
    return alarm;
  }

  #judge(name: string, value: number): LossAlarm | undefined {
    if (this.#count < MIN_READINGS) {
      return undefined;
    }
    const recent = this.#window.values;
    const usual = median(recent);
    const noise = median(recent.map((one) => Math.abs(one - usual)));
    // A loss around zero or below (a log-likelihood) has no factors.
    const isHigh = usual > 0 && value > usual * this.#limits.spikeFactor && value > usual + SPIKE_NOISE_FACTOR * noise;
    this.#high = isHigh ? this.#high + 1 : 0;
    const divergence = this.#diverges(name);
    if (divergence !== undefined || this.#high !== SPIKE_IN_A_ROW) {
      return divergence;
    }
    this.#spikeLimit = usual * this.#limits.spikeFactor;
    return spike(name, usual, value);
  }

  #followSpike(value: number): void {
    if (this.#spikeLimit === undefined) {
      return;
    }
    this.#calm = value < this.#spikeLimit ? this.#calm + 1 : 0;
    if (this.#calm >= CALM_IN_A_ROW) {
      this.#spikeLimit = undefined;
      this.#calm = 0;
    }
  }

  #diverges(name: string): LossAlarm | undefined {
    const last = this.#window.values.slice(-DIVERGED_READINGS);
    const start = mean(this.#first);
    const now = mean(last);
    // Not only the mean: all of the last readings are worse than the start was, a warm-up or a restart is not.
    const isWorse =
      last.length >= DIVERGED_READINGS && start > 0 && now > DIVERGED_FACTOR * start && Math.min(...last) > start;
    this.#isDiverged = isWorse || (this.#isDiverged && now > start);
    return !isWorse
      ? undefined
      : {
          kind: "divergence",
          message: `${name} climbed from ${round(start)} at the start to ${round(now)}.`,
          advice: "Stop the run and start it with a lower learning rate or a longer warm-up.",
        };
  }
}

function spike(name: string, usual: number, value: number): LossAlarm {
  return {
    kind: "loss-spike",
    message: `${name} jumped from about ${round(usual)} to ${round(value)} and stayed there.`,
    advice:
      "If it does not come back within some hundred steps, go back to the last checkpoint with clipped gradients or a lower learning rate.",
  };
}

/** An improvement smaller than this share is none. */
const PLATEAU_GAIN = 0.005;
const OVERFITTING_RISE = 0.1;
const OVERFITTING_FALL = 0.05;
/** More than a judgement needs. */
const MAX_VALIDATIONS = 2_000;
/** Of a training without an end in sight, the better part of it has to be flat. */
const PLATEAU_SHARE = 0.3;

type Epoch = { heldOut: number; training: number | undefined };

/** Follows validations, mostly one per epoch, each with the mean of the training losses since the one before. */
export class HeldOutLossRule {
  readonly #limits: WatchdogLimits;
  readonly #epochs: Epoch[] = [];
  /** What was raised and is not over, with the best value of then. */
  readonly #standing = new Map<LossAlarm["kind"], number>();
  #trainingSum = 0;
  #trainingCount = 0;
  #best = 0;

  constructor(limits: WatchdogLimits) {
    this.#limits = limits;
  }

  /** What it raised and is not over: a best that is clearly better ends both. */
  get standing(): readonly LossAlarm["kind"][] {
    return [...this.#standing.keys()];
  }

  addTraining(value: number): void {
    if (Number.isFinite(value)) {
      this.#trainingSum += value;
      this.#trainingCount += 1;
    }
  }

  addHeldOut(name: string, value: number): LossAlarm | undefined {
    if (!Number.isFinite(value) || value === this.#epochs.at(-1)?.heldOut) {
      return undefined;
    }
    const training = this.#trainingCount === 0 ? undefined : this.#trainingSum / this.#trainingCount;
    this.#trainingSum = 0;
    this.#trainingCount = 0;
    this.#epochs.push({ heldOut: value, training });
    this.#forgetOld();
    if (value < (this.#epochs[this.#best]?.heldOut ?? Number.POSITIVE_INFINITY)) {
      this.#best = this.#epochs.length - 1;
    }
    this.#endStanding(value);
    const alarm = this.#overfits(name) ?? this.#isFlat(name);
    if (alarm !== undefined && !this.#standing.has(alarm.kind)) {
      this.#standing.set(alarm.kind, this.#epochs[this.#best]?.heldOut ?? value);
    }
    return alarm;
  }

  #endStanding(value: number): void {
    for (const [kind, best] of this.#standing) {
      if (value < best - Math.abs(best) * PLATEAU_GAIN) {
        this.#standing.delete(kind);
      }
    }
  }

  /** A script that validates every step would fill the memory of the process that owns the training. */
  #forgetOld(): void {
    if (this.#epochs.length <= MAX_VALIDATIONS) {
      return;
    }
    const oldest = this.#best === 0 ? 1 : 0;
    this.#epochs.splice(oldest, 1);
    this.#best = Math.max(0, this.#best - 1 + oldest);
  }

  #overfits(name: string): LossAlarm | undefined {
    const since = this.#epochs.length - 1 - this.#best;
    const best = this.#epochs[this.#best];
    const last = this.#epochs.slice(-this.#limits.overfittingEpochs);
    const trainings = last.map(({ training }) => training).filter((value) => value !== undefined);
    if (best?.training === undefined || since < this.#limits.overfittingEpochs || trainings.length < last.length) {
      return undefined;
    }
    const hasRisen =
      best.heldOut > 0 && last.every(({ heldOut }) => heldOut > best.heldOut * (1 + OVERFITTING_RISE / 2));
    const isFarAbove = mean(last.map(({ heldOut }) => heldOut)) > best.heldOut * (1 + OVERFITTING_RISE);
    const stillFalls = mean(trainings) < best.training * (1 - OVERFITTING_FALL);
    return !hasRisen || !isFarAbove || !stillFalls
      ? undefined
      : {
          kind: "overfitting",
          message: `${name} was best ${since} validations ago (${round(best.heldOut)}, now ${round(last.at(-1)?.heldOut ?? Number.NaN)}), while the training loss fell on.`,
          advice: "The checkpoint of the best epoch is the one to keep: stop here, or add regularisation or data.",
        };
  }

  #isFlat(name: string): LossAlarm | undefined {
    const span = Math.max(this.#limits.plateauEpochs, Math.ceil(this.#epochs.length * PLATEAU_SHARE));
    if (this.#epochs.length <= span) {
      return undefined;
    }
    const before = this.#epochs.slice(0, -span);
    const last = this.#epochs.slice(-span);
    const hasImproved = gain(before, last, ({ heldOut }) => heldOut) > PLATEAU_GAIN;
    const hasTrained = gain(before, last, ({ training }) => training) > PLATEAU_GAIN;
    return hasImproved || hasTrained
      ? undefined
      : {
          kind: "plateau",
          message: `${name} has not improved for ${span} validations (best ${round(least(before, ({ heldOut }) => heldOut))}), and the training loss neither.`,
          advice:
            "Nothing more is learned with these settings: lower the learning rate, or stop and keep the best checkpoint.",
        };
  }
}

/** By which share the best of the last epochs is better than the best before. */
function gain(before: readonly Epoch[], last: readonly Epoch[], of: (epoch: Epoch) => number | undefined): number {
  const was = least(before, of);
  return Number.isFinite(was) && was !== 0 ? (was - least(last, of)) / Math.abs(was) : 0;
}

function least(epochs: readonly Epoch[], of: (epoch: Epoch) => number | undefined): number {
  return epochs.reduce(
    (known, epoch) => Math.min(known, of(epoch) ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
