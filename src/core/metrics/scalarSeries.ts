import type { ScalarSink } from "./metricReader.ts";

/** The values of one tag in order of their steps, as three columns that grow. */
export class ScalarSeries {
  length = 0;
  #steps = new Float64Array(64);
  #wallTimes = new Float64Array(64);
  #values = new Float64Array(64);

  get steps(): Float64Array {
    return this.#steps.subarray(0, this.length);
  }

  get wallTimes(): Float64Array {
    return this.#wallTimes.subarray(0, this.length);
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }

  /** A step that comes again, or goes back, takes the place of what was there: a resumed training repeats itself. */
  append(step: number, wallTime: number, value: number): void {
    this.dropFrom(step);
    if (this.length === this.#steps.length) {
      this.#steps = doubled(this.#steps);
      this.#wallTimes = doubled(this.#wallTimes);
      this.#values = doubled(this.#values);
    }
    this.#steps[this.length] = step;
    this.#wallTimes[this.length] = wallTime;
    this.#values[this.length] = value;
    this.length++;
  }

  /** Forgets every value at this step or later. */
  dropFrom(step: number): void {
    while (this.length > 0 && (this.#steps[this.length - 1] ?? 0) >= step) {
      this.length--;
    }
  }
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** All series of one run, by tag. */
export class RunSeries implements ScalarSink {
  readonly byTag = new Map<string, ScalarSeries>();

  scalar(tag: string, step: number, wallTime: number, value: number): void {
    let series = this.byTag.get(tag);
    if (!series) {
      series = new ScalarSeries();
      this.byTag.set(tag, series);
    }
    series.append(step, wallTime, value);
  }

  purge(fromStep: number): void {
    for (const series of this.byTag.values()) {
      series.dropFrom(fromStep);
    }
  }
}
