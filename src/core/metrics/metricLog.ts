import type { SeriesTable } from "./series.ts";

/** Reads one growing log. The bytes come in order and in any pieces; what is torn waits for its rest. */
export type MetricLog = {
  readonly table: SeriesTable;
  push(bytes: Uint8Array): void;
  /** What is wrong with the log, as a sentence. */
  readonly problem?: string | undefined;
  /** See `LoggedSeries`. */
  readonly restartStep?: number | undefined;
};

/** Cuts pieces of UTF-8 into whole lines. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #carry = "";

  push(bytes: Uint8Array): string[] {
    const lines = (this.#carry + this.#decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    this.#carry = lines.pop() ?? "";
    if (this.#carry.length > MAX_LINE_LENGTH) {
      this.#carry = "";
    }
    return lines;
  }
}

/** A longer line is no row of metrics. */
const MAX_LINE_LENGTH = 1_000_000;

/** The names under which logs say where in the training a value belongs, the most telling first. */
const AXIS_NAMES = ["step", "global_step", "_step", "total_steps", "iteration", "iter", "batch", "epoch"];

/** The column that counts, or undefined where none does. */
export function findAxis(names: readonly string[]): string | undefined {
  const plain = names.map((name) => name.trim().toLowerCase());
  const found = AXIS_NAMES.find((axis) => plain.includes(axis));
  return found === undefined ? undefined : names[plain.indexOf(found)];
}

/** Whether a column counts or clocks, and so is no metric of its own. */
export function isAxisName(name: string): boolean {
  const plain = name.trim().toLowerCase();
  return AXIS_NAMES.includes(plain) || /^_?(?:timestamp|wall_time|runtime|time|date)$/.test(plain);
}

/** A number as logs write it: `nan`, `inf` and empty included; undefined for what is no number. */
export function readNumber(text: string): number | undefined {
  const plain = text.trim();
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain)) {
    return Number(plain);
  }
  const special = /^([-+]?)(nan|inf(?:inity)?)$/i.exec(plain);
  if (special === null) {
    return undefined;
  }
  return special[2]?.toLowerCase() === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
}
