import type { WatchdogLimits } from "./alarm.ts";
import { FiniteRule, HeldOutLossRule, type LossAlarm, type LossRole, TrainingLossRule } from "./lossRules.ts";

/** Judges the losses that one source tells: what one source says twice, or another says too, must not count as news. */
export class LossJudge {
  readonly #limits: WatchdogLimits;
  readonly #finite = new FiniteRule();
  /** By the name of the loss: a program may tell several, of different heights. */
  readonly #training = new Map<string, TrainingLossRule>();
  readonly #heldOut: HeldOutLossRule;
  #over: readonly LossAlarm["kind"][] = [];

  constructor(limits: WatchdogLimits) {
    this.#limits = limits;
    this.#heldOut = new HeldOutLossRule(limits);
  }

  /** Whether a loss is no number, as far as was seen. */
  get isBroken(): boolean {
    return this.#finite.isBroken;
  }

  /** Whether a loss has been a number for a while. */
  isSound(name: string): boolean {
    return this.#finite.isSound(name);
  }

  /** What stood before the last value and is over with it. */
  get over(): readonly LossAlarm["kind"][] {
    return this.#over;
  }

  stands(kind: LossAlarm["kind"]): boolean {
    return this.#standing().includes(kind);
  }

  judge(name: string, value: number, role: LossRole | undefined): LossAlarm[] {
    const before = this.#standing();
    const found = this.#findAlarms(name, value, role);
    const after = this.#standing();
    this.#over = before.filter((kind) => !after.includes(kind));
    return found;
  }

  #standing(): LossAlarm["kind"][] {
    return [...this.#heldOut.standing, ...[...this.#training.values()].flatMap(({ standing }) => standing)];
  }

  #findAlarms(name: string, value: number, role: LossRole | undefined): LossAlarm[] {
    if (role === "training") {
      this.#heldOut.addTraining(value);
    }
    const found = [
      this.#finite.add(name, value),
      role === "training" ? this.#ruleFor(name).add(name, value) : undefined,
      role === "held-out" ? this.#heldOut.addHeldOut(name, value) : undefined,
    ];
    return found.filter((alarm) => alarm !== undefined);
  }

  #ruleFor(name: string): TrainingLossRule {
    const known = this.#training.get(name) ?? new TrainingLossRule(this.#limits);
    this.#training.set(name, known);
    return known;
  }
}
