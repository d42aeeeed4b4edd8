import { parseJson } from "../base/parseJson.ts";

/** What a training logged of an epoch, or between two; only what is a number. */
export type LogRow = ReadonlyMap<string, number>;

/** A text that was made to harm may name a million columns, or have as many rows. */
const MAX_COLUMNS = 200;
const MAX_ROWS = 20_000;

/**
 * The rows of a log:
 *
 *   log.csv, results.csv    epoch,loss,val_loss      a line of each epoch: Keras, Ultralytics, timm, Lightning
 *   log.txt                 {"epoch": 3, "test_acc1": 71.2}      DETR, MAE and their kin
 *   history.json            {"val_loss": [0.5, 0.4]}, or a list of what each epoch logged
 *
 * Of a list in a row, as COCO's `"test_coco_eval_bbox": [AP, AP50, …]`, the first value. None of a text that is no log.
 */
export function rowsOfLog(text: string): LogRow[] {
  const whole = parseJson(text);
  if (Array.isArray(whole)) {
    return whole.slice(0, MAX_ROWS).map(rowOf);
  }
  if (typeof whole === "object" && whole !== null) {
    return rowsOfCurves(Object.entries(whole));
  }
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, MAX_ROWS);
  return lines[0]?.startsWith("{") ? lines.map((line) => rowOf(parseJson(line))) : rowsOfTable(lines);
}

function rowOf(value: unknown): LogRow {
  const pairs: [string, unknown][] = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const firsts = pairs.map(([name, each]) => [name, Array.isArray(each) ? each[0] : each] as const);
  return new Map(firsts.filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}

/** A value of each epoch under each name, as Keras gives its history; epochs are counted from 0 where it does not say. */
function rowsOfCurves(pairs: readonly [string, unknown][]): LogRow[] {
  const curves = pairs
    .flatMap(([name, value]) => (Array.isArray(value) ? [[name, value] as const] : []))
    .slice(0, MAX_COLUMNS);
  const length = Math.min(MAX_ROWS, Math.max(0, ...curves.map(([, values]) => values.length)));
  return Array.from({ length }, (_, at) =>
    rowOf({ epoch: at, ...Object.fromEntries(curves.map(([name, values]) => [name, values[at]])) }),
  );
}

function rowsOfTable([head = "", ...lines]: readonly string[]): LogRow[] {
  const separator = head.includes("\t") ? "\t" : ",";
  const names = head.split(separator, MAX_COLUMNS).map((name) => name.trim());
  return lines.map((line) => {
    const cells = line.split(separator).map((cell) => cell.trim());
    const pairs = names.map((name, at): [string, number] => [name, Number(cells[at] || Number.NaN)]);
    return new Map(pairs.filter(([, value]) => Number.isFinite(value)));
  });
}
