import { FormatError } from "../base/errors.ts";
import { parseJson } from "../base/parseJson.ts";
import { splitCells } from "../base/splitCells.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/** What a training logged of an epoch, or between two. */
export type LogRow = {
  /** Only what is a finite number. */
  numbers: ReadonlyMap<string, number>;
  /** Which of several trainings in one log it is of, by all columns that tell that; empty where there is none. */
  training: string;
};

/** A text that was made to harm may name a million columns. */
const MAX_COLUMNS = 200;
const trainingColumn = /^(?:fold|seed|run|trial)(?:_?(?:id|idx|index|no|num|number|name))?$/i;
const counterName = /^(?:epochs?|ep|(?:global_?)?steps?|iter(?:ation)?s?)$/i;

/**
 * The rows of a log:
 *
 *   log.csv, results.csv    epoch,loss,val_loss      a line of each epoch: Keras, Ultralytics, timm, Lightning
 *   log.txt                 {"epoch": 3, "test_acc1": 71.2}      DETR, MAE and their kin, also below lines of text
 *   history.json            {"val_loss": [0.5, 0.4]}, or a list of what each epoch logged
 *
 * Of a list in a row, as COCO's `"test_coco_eval_bbox": [AP, AP50, …]`, the first value. None of a text that is no log.
 */
export function rowsOfLog(text: string): LogRow[] {
  const whole = parseLogged(text);
  if (Array.isArray(whole)) {
    return whole.map((each) => rowOf(pairsOf(each)));
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const objects = lines.filter((line) => line.startsWith("{"));
  if (whole !== undefined && objects.length < 2) {
    return rowsOfCurves(pairsOf(whole));
  }
  return objects.length > 0 ? objects.map((line) => rowOf(pairsOf(parseLogged(line)))) : rowsOfTable(lines);
}

/** JSON as Python writes it: one NaN, as of a gradient that was too large once, must not hide the rest. */
function parseLogged(text: string): unknown {
  const value = parseJson(text);
  if (value !== undefined || !/\b(?:NaN|Infinity)\b/.test(text)) {
    return value;
  }
  try {
    return parseTolerantJson(text, "log");
  } catch (error) {
    if (error instanceof FormatError) {
      return undefined;
    }
    throw error;
  }
}

function pairsOf(value: unknown): [string, unknown][] {
  if (value instanceof Map) {
    return [...value];
  }
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function rowOf(pairs: readonly (readonly [string, unknown])[]): LogRow {
  const numbers = new Map<string, number>();
  const training: string[] = [];
  for (const [name, written] of pairs) {
    const value: unknown = Array.isArray(written) ? written[0] : written;
    if (trainingColumn.test(name)) {
      training.push(String(value));
    }
    if (typeof value === "number" && Number.isFinite(value)) {
      numbers.set(name, value);
    }
  }
  return { numbers, training: training.join("\n") };
}

/** A value of each epoch under each name, as Keras gives its history; epochs are counted from 0 where nothing is. */
function rowsOfCurves(pairs: readonly [string, unknown][]): LogRow[] {
  const rows: [string, unknown][][] = [];
  const curves = pairs.filter((pair): pair is [string, unknown[]] => Array.isArray(pair[1])).slice(0, MAX_COLUMNS);
  const isCounted = curves.some(([name]) => counterName.test(name));
  for (const [name, values] of curves) {
    for (const [at, value] of values.entries()) {
      const row = (rows[at] ??= isCounted ? [] : [["epoch", at]]);
      row.push([name, value]);
    }
  }
  return rows.map(rowOf);
}

function rowsOfTable(lines: readonly string[]): LogRow[] {
  const [head = "", ...rest] = lines;
  const separator = [",", "\t", ";"].find((each) => head.includes(each)) ?? ",";
  // `numpy.savetxt` makes a remark of it.
  const names = cellsOf(head.replace(/^\s*#/, ""), separator).slice(0, MAX_COLUMNS);
  if (!names.some((name) => counterName.test(name))) {
    return [];
  }
  return rest.map((line) => {
    const cells = cellsOf(line, separator);
    return rowOf(names.map((name, at) => [name, valueOf(cells[at] ?? "", separator)] as const));
  });
}

function cellsOf(line: string, separator: string): string[] {
  return splitCells(line, separator).map((cell) => cell.trim());
}

/** The number that a cell holds, else its text. Beside semicolons, a comma is that of a decimal number. */
function valueOf(cell: string, separator: string): number | string {
  const value = cell === "" ? Number.NaN : Number(separator === ";" ? cell.replace(",", ".") : cell);
  return Number.isNaN(value) ? cell : value;
}
