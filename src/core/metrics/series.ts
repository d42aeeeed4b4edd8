import { RepeatedSteps } from "./repeatedSteps.ts";

/** A column of numbers, typed or not. */
export interface Column extends Iterable<number> {
  readonly length: number;
  readonly [index: number]: number;
  at(index: number): number | undefined;
  findLastIndex(predicate: (value: number) => boolean): number;
}

/** One curve as it was logged: three columns of equal length, in the order in which the values were written. */
export type Series = {
  readonly tag: string;
  readonly steps: Column;
  /** Milliseconds since 1970; NaN where the log does not tell. */
  readonly times: Column;
  readonly values: Column;
  /** How many values were left out to keep within the memory; absent or 0 for almost every log. */
  readonly omitted?: number;
  /** Another number than before says that values were taken away or superseded; without that, values only come at the end. */
  readonly generation?: number;
  /**
   * Where a step that is less than the one before says that the training began anew: at these indexes, or at any, as TensorBoard
   * takes it in its event files. Elsewhere a step may well go back, for many logs count their steps within the epoch.
   */
  readonly restartsAt?: ReadonlySet<number> | "any";
  /** Of each value its epoch, where the log tells it besides the step, which may count within it. */
  readonly epochs?: Column | undefined;
};

const FIRST_CAPACITY = 8;
const GROWTH = 2;
/** Of so many values two are kept where a series must be thinned: its extremes. */
const THINNING_BLOCK = 4;
/** So many values of the workers before may come late; where more than these go on, the training did not go back. */
const MAX_LATE_VALUES = 8;

/**
 * A series that grows: 16 bytes a value, 8 more where the log tells times and 4 where it tells epochs, and up to as much again set aside,
 * which systems make real when it is written to.
 */
export class GrowingSeries implements Series {
  readonly tag: string;
  generation = 0;
  omitted = 0;
  /** The epoch of the values that are added next; absent as long as none was told. */
  epoch: number | undefined;
  /** Whether the log tells the step of the values that are added next, which otherwise is taken over from what came before. */
  isStepTold = true;
  /** How many values there will be, as far as is known: room for them is made at once. */
  expected = 0;
  restartsAt: Set<number> | "any" = new Set();
  #repeated: RepeatedSteps | undefined;
  /** Of how many further values the first whose step goes back is that of a training that began anew. */
  #restartWithin = 0;
  /** No step is greater. */
  #greatestStep = -Infinity;
  /** Whether no step is less than the one before, so that what is behind a step is at the end. */
  #isAscending = true;
  #length = 0;
  #steps = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  /** Absent as long as none was told. */
  #times: Float64Array | undefined;
  /** Absent as well, and half as wide as the others: epochs are small numbers. */
  #epochs: Float32Array | undefined;

  constructor(tag: string) {
    this.tag = tag;
  }

  get length(): number {
    return this.#length;
  }

  get steps(): Float64Array {
    return this.#steps.subarray(0, this.#length);
  }

  get times(): Float64Array {
    return this.#times?.subarray(0, this.#length) ?? unknownTimes(this.#length);
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  get epochs(): Float32Array | undefined {
    return this.#epochs?.subarray(0, this.#length);
  }

  add(step: number, timeMs: number, value: number): void {
    const at = this.#length;
    if (this.isStepTold && this.#restartWithin > 0) {
      this.#heedRestart(step);
    }
    if (this.#repeated !== undefined) {
      this.#heedRepeated(this.#repeated.take(step, at));
    }
    if (step >= this.#greatestStep) {
      this.#greatestStep = step;
    } else {
      this.#isAscending = false;
    }
    if (at === this.#values.length) {
      this.#grow();
    }
    this.#steps[at] = step;
    this.#values[at] = value;
    if (this.#times !== undefined || !Number.isNaN(timeMs)) {
      this.#times ??= new Float64Array(this.#values.length).fill(Number.NaN, 0, at);
      this.#times[at] = timeMs;
    }
    if (this.epoch !== undefined) {
      this.#epochs ??= new Float32Array(this.#values.length);
    }
    if (this.#epochs !== undefined) {
      this.#epochs[at] = this.epoch ?? 0;
    }
    this.#length = at + 1;
  }

  /** Forgets every value from a step on. Costs what it forgets where the steps only went up. */
  purgeFrom(step: number): void {
    if (this.#isAscending) {
      this.dropTail(step);
    } else if (step <= this.#greatestStep) {
      this.#keep(this.#steps.subarray(0, this.#length).map((each) => (each < step ? 1 : 0)));
      this.#measureSteps();
    }
  }

  #measureSteps(): void {
    this.#greatestStep = -Infinity;
    this.#isAscending = true;
    for (const step of this.steps) {
      this.#isAscending &&= step >= this.#greatestStep;
      this.#greatestStep = Math.max(this.#greatestStep, step);
    }
  }

  /** Forgets the last values as far as they are of this step or of a later one. Costs what it forgets. */
  dropTail(step: number): void {
    const before = this.#length;
    while (this.#length > 0 && (this.#steps[this.#length - 1] ?? 0) >= step) {
      this.#length -= 1;
    }
    this.generation += this.#length === before ? 0 : 1;
    this.#greatestStep = this.#isAscending ? (this.steps.at(-1) ?? -Infinity) : this.#greatestStep;
  }

  /** The training begins anew: the first of the next values whose own step is less than that of the last one shows from where. */
  noteRestart(): void {
    this.#restartWithin = MAX_LATE_VALUES + 1;
  }

  #heedRestart(step: number): void {
    const isBack = step < (this.steps.at(-1) ?? Number.NaN);
    this.#restartWithin = isBack ? 0 : this.#restartWithin - 1;
    if (isBack && this.restartsAt !== "any") {
      this.restartsAt.add(this.#length);
    }
  }

  /** The steps that follow count over the whole training, so that where they are repeated, the training was resumed. */
  countWholeTraining(): void {
    this.#repeated ??= new RepeatedSteps();
  }

  /** Who has taken the values behind a step back, which is known for a resume only now, takes them once more. */
  #heedRepeated(at: number | undefined): void {
    if (at !== undefined && this.restartsAt !== "any") {
      this.restartsAt.add(at);
      this.generation += 1;
    }
  }

  clear(): void {
    this.#length = 0;
    this.#repeated &&= new RepeatedSteps();
    this.#greatestStep = -Infinity;
    this.#isAscending = true;
    this.omitted = 0;
    this.#restartWithin = 0;
    this.restartsAt = this.restartsAt === "any" ? "any" : new Set();
    this.generation += 1;
  }

  /** Leaves out about every second value, and never the first, the last, an extreme or where numbers turn into NaN. */
  thin(): void {
    const kept = new Float64Array(this.#length).fill(1);
    for (let from = 1; from + THINNING_BLOCK < this.#length; from += THINNING_BLOCK) {
      kept.fill(0, from, from + THINNING_BLOCK);
      for (const index of extremesOf(this.#values, from, from + THINNING_BLOCK)) {
        kept[index] = 1;
      }
    }
    const before = this.#length;
    this.#keep(kept);
    this.omitted += before - this.#length;
  }

  #keep(isKept: Float64Array): void {
    this.#repeated?.forgetIndexes();
    let length = 0;
    const restarts = this.restartsAt === "any" ? new Set() : this.restartsAt;
    const moved = new Set<number>();
    for (let index = 0; index <= this.#length; index++) {
      if (restarts.has(index)) {
        moved.add(length);
      }
      if (index < this.#length && isKept[index] === 1) {
        this.#steps[length] = this.#steps[index] ?? 0;
        this.#values[length] = this.#values[index] ?? 0;
        if (this.#times !== undefined) {
          this.#times[length] = this.#times[index] ?? 0;
        }
        if (this.#epochs !== undefined) {
          this.#epochs[length] = this.#epochs[index] ?? 0;
        }
        length += 1;
      }
    }
    this.restartsAt = this.restartsAt === "any" ? "any" : moved;
    this.generation += length === this.#length ? 0 : 1;
    this.#length = length;
  }

  #grow(): void {
    const capacity = Math.max(this.#length * GROWTH, Math.ceil(this.expected));
    this.#steps = copyInto(new Float64Array(capacity), this.#steps);
    this.#values = copyInto(new Float64Array(capacity), this.#values);
    this.#times &&= copyInto(new Float64Array(capacity), this.#times);
    this.#epochs &&= copyInto(new Float32Array(capacity), this.#epochs);
  }
}

function copyInto<T extends Float64Array | Float32Array>(larger: T, column: T): T {
  larger.set(column);
  return larger;
}

/** All series without times share this one. */
let noTimes = new Float64Array(0);

function unknownTimes(length: number): Float64Array {
  if (length > noTimes.length) {
    noTimes = new Float64Array(Math.max(length, noTimes.length * GROWTH)).fill(Number.NaN);
  }
  return noTimes.subarray(0, length);
}

/** Where the least and the greatest value are, or the first NaN and the greatest. */
function extremesOf(values: Float64Array, from: number, until: number): [number, number] {
  let [least, greatest] = [from, from];
  for (let index = from + 1; index < until; index++) {
    const value = values[index] ?? 0;
    const [low, high] = [values[least] ?? 0, values[greatest] ?? 0];
    least = value < low || (Number.isNaN(value) && !Number.isNaN(low)) ? index : least;
    greatest = value > high || Number.isNaN(high) ? index : greatest;
  }
  return [least, greatest];
}
