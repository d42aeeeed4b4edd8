import { TextLines } from "./lineBlocks.ts";
import { readNumber } from "./loggedNumber.ts";
import { findLongColumns, longTag } from "./longTable.ts";
import { countsWholeTraining, findAxis, isAxisName, isEpochBeside, type MetricLog } from "./metricLog.ts";
import { SeriesTable } from "./seriesTable.ts";
import { Utf8Pieces } from "./utf8Pieces.ts";

/** Values that lie deeper than this are a configuration. */
const MAX_DEPTH = 3;
/** As seconds, more is a date of the year 5000; as milliseconds, of 1973. */
const FIRST_MILLISECONDS = 1e11;
const LINE_END = new TextEncoder().encode("\n");
const ISO_DATE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

/** Reads a log of one JSON object per line (`log.txt` of timm and DINO, LLaMA-Factory's `trainer_log.jsonl`, …). */
export class JsonLinesLog implements MetricLog {
  readonly table = new SeriesTable();
  readonly #text = new Utf8Pieces();
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
    this.#take(this.#text.push(bytes));
  }

  #take(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      const entry = parseTolerant(line);
      if (isObject(entry)) {
        this.#row += 1;
        this.axis = findAxis(Object.keys(entry));
        addEntry(this.table, entry, { row: this.#row, prefix: this.#prefix });
      }
    }
  }

  /** An object says itself where it ends. */
  takeLast(): boolean {
    const isWhole = isObject(parseTolerant(this.#lines.rest));
    if (isWhole) {
      this.#take(LINE_END);
    }
    return isWhole;
  }
}

/** The Hugging Face Trainer's `trainer_state.json`, which is written as a whole each time. */
export function readTrainerState(text: string): SeriesTable {
  return readEntries(findHistory(parseTolerant(text)) ?? [], "");
}

/** What a state of the Trainer tells of its steps; undefined of anything else. */
export function findHistory(state: unknown): readonly unknown[] | undefined {
  const history = isObject(state) ? state["log_history"] : undefined;
  return Array.isArray(history) ? history : undefined;
}

/** Objects as those in the lines of a log. `prefix` stands before every tag. */
export function readEntries(entries: readonly unknown[], prefix: string): SeriesTable {
  const table = new SeriesTable();
  for (const [index, entry] of entries.entries()) {
    if (isObject(entry)) {
      addEntry(table, entry, { row: index + 1, prefix });
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
  const epochName = Object.keys(entry).find((name) => isEpochBeside(name, axis));
  const epoch = epochName === undefined ? undefined : numberOf(entry[epochName]);
  const timeMs = readTimeMs(entry["_timestamp"] ?? entry["timestamp"]);
  const isWhole = countsWholeTraining(axis);
  for (const [name, value] of valuesOf(entry)) {
    const series = isAxisName(name) ? undefined : table.open(prefix + name);
    if (series !== undefined) {
      if (isWhole) {
        series.countWholeTraining();
      }
      series.epoch = epoch ?? series.epoch;
      table.add(series, step, timeMs, value);
    }
  }
}

/** The values of an entry by their metrics; of one that names its metric, `{"metric": "loss", "value": 1}`, that one. */
function valuesOf(entry: Readonly<Record<string, unknown>>): [string, number][] {
  const numbers = nestedNumbers(entry);
  const long = findLongColumns(Object.keys(entry));
  const metric = long && entry[long.metric];
  const isOther = numbers.some(([name]) => name !== long?.value && name !== long?.run && !isAxisName(name));
  if (long === undefined || typeof metric !== "string" || isOther) {
    return numbers;
  }
  const run = long.run === undefined ? undefined : entry[long.run];
  const tag = longTag(typeof run === "string" ? run : undefined, metric);
  return numbers.flatMap(([name, value]): [string, number][] => (name === long.value ? [[tag, value]] : []));
}

/** The numbers of an entry and of the objects in it, whose names stand before theirs: `{"val": {"loss": 1}}` is `val/loss`. */
export function nestedNumbers(entry: unknown, prefix = "", depth = 0): [string, number][] {
  return Object.entries(isObject(entry) ? entry : {}).flatMap(([name, value]): [string, number][] => {
    if (isObject(value)) {
      return depth < MAX_DEPTH ? nestedNumbers(value, `${prefix}${name}/`, depth + 1) : [];
    }
    const number = numberOf(value);
    return number === undefined ? [] : [[prefix + name, number]];
  });
}

/** Seconds or milliseconds since 1970, or a date; NaN for anything else. */
function readTimeMs(time: unknown): number {
  const number = numberOf(time);
  if (number !== undefined) {
    return number < FIRST_MILLISECONDS ? number * 1000 : number;
  }
  return typeof time === "string" && ISO_DATE.test(time) ? Date.parse(time) : Number.NaN;
}

/** The numbers in an object, of which Python's NaN and Infinity may be texts. */
export function entryNumbers(entry: unknown): [name: string, value: number][] {
  return Object.entries(isObject(entry) ? entry : {}).flatMap(([name, value]): [string, number][] => {
    const number = numberOf(value);
    return number === undefined ? [] : [[name, number]];
  });
}

/** A number, or a text of one. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : typeof value === "string" ? readNumber(value) : undefined;
}

/** Whether it has names, as a JSON object has. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Python writes NaN and Infinity, which JSON does not have: they become texts, and numbers again when they are read. */
export function parseTolerant(text: string): unknown {
  try {
    return JSON.parse(/NaN|Infinity/.test(text) ? quoteSpecials(text) : text);
  } catch {
    // A line that is torn or no JSON says nothing about metrics.
    return undefined;
  }
}

/** Puts NaN and Infinity in quotes, but not where a text holds these words. */
function quoteSpecials(json: string): string {
  let isInText = false;
  return json.replaceAll(/\\.|"|-?\b(?:NaN|Infinity)\b/gs, (found) => {
    isInText = isInText !== (found === '"');
    const isEscaped = found.startsWith("\\");
    return isInText || isEscaped || found === '"' ? found : `"${found}"`;
  });
}
