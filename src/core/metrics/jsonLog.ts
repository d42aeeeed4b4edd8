import { TextLines } from "./lineBlocks.ts";
import { readNumber } from "./loggedNumber.ts";
import { findAxis, isAxisName, type MetricLog } from "./metricLog.ts";
import { SeriesTable } from "./seriesTable.ts";

/** Reads a log of one JSON object per line (`log.txt` of timm and DINO, LLaMA-Factory's `trainer_log.jsonl`, …). */
export class JsonLinesLog implements MetricLog {
  readonly table = new SeriesTable();
  readonly #lines = new TextLines();
  readonly #prefix: string;
  #row = 0;
  axis: string | undefined;

  /** `prefix` stands before every tag, where several files of a run have the same names. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  get problem(): string | undefined {
    return this.table.problem;
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      const entry = parseTolerant(line);
      if (isObject(entry)) {
        this.#row += 1;
        this.axis = findAxis(Object.keys(entry));
        addEntry(this.table, entry, { row: this.#row, prefix: this.#prefix });
      }
    }
  }
}

/** The Hugging Face Trainer's `trainer_state.json`, which is written as a whole each time. */
export function readTrainerState(text: string): SeriesTable {
  const table = new SeriesTable();
  const state = parseTolerant(text);
  const history = isObject(state) ? state["log_history"] : undefined;
  for (const [index, entry] of (Array.isArray(history) ? history : []).entries()) {
    if (isObject(entry)) {
      addEntry(table, entry, { row: index + 1, prefix: "" });
    }
  }
  return table;
}

function addEntry(
  table: SeriesTable,
  entry: Readonly<Record<string, unknown>>,
  { row, prefix }: { row: number; prefix: string },
): void {
  const axis = findAxis(Object.keys(entry));
  const step = (axis === undefined ? undefined : numberOf(entry[axis])) ?? row;
  const timeMs = (numberOf(entry["_timestamp"] ?? entry["timestamp"]) ?? Number.NaN) * 1000;
  for (const [name, value] of entryNumbers(entry)) {
    const series = isAxisName(name) ? undefined : table.open(prefix + name);
    if (series !== undefined) {
      table.add(series, step, timeMs, value);
    }
  }
}

/** The numbers in an object, of which Python's NaN and Infinity may be texts. */
export function entryNumbers(entry: unknown): [name: string, value: number][] {
  return Object.entries(isObject(entry) ? entry : {}).flatMap(([name, value]): [string, number][] => {
    const number = numberOf(value);
    return number === undefined ? [] : [[name, number]];
  });
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : typeof value === "string" ? readNumber(value) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Python writes NaN and Infinity, which JSON does not have: they become texts, and numbers again when they are read. */
export function parseTolerant(text: string): unknown {
  const json = /NaN|Infinity/.test(text) ? text.replaceAll(/([:[,]\s*)(-?(?:NaN|Infinity))\b/g, '$1"$2"') : text;
  try {
    return JSON.parse(json);
  } catch {
    // A line that is torn or no JSON says nothing about metrics.
    return undefined;
  }
}
