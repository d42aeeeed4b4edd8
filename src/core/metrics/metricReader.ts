/** Where a reader puts what it reads, in the order of the file. Wall times are seconds since 1970, NaN where unknown. */
export type ScalarSink = {
  scalar(tag: string, step: number, wallTime: number, value: number): void;
  /** A restarted training repeats these steps: what was read of them before is void. */
  purge(fromStep: number): void;
};

/** Reads a file that grows: `push` takes the bytes behind the ones it had, however they are cut. */
export type MetricReader = {
  push(bytes: Uint8Array): void;
  /** Records that were damaged and left out. */
  readonly damaged: number;
};
