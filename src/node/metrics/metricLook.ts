import { stat } from "node:fs/promises";
import { ConsoleLog } from "../../core/metrics/consoleLog.ts";
import { CsvRows } from "../../core/metrics/csvRows.ts";
import { nestedNumbers, parseTolerant } from "../../core/metrics/jsonLog.ts";
import { readNumber } from "../../core/metrics/loggedNumber.ts";
import { findAxis } from "../../core/metrics/metricLog.ts";
import { openToRead } from "../base/openFile.ts";

/** The header of a table lies within so many bytes: some hundred columns. */
const MAX_HEADER_BYTES = 16_384;
/** A training that says more before its first values is read when its log is named. */
const MAX_PRINTED_BYTES = 128 << 10;
/** One word: a line that was printed has more, and a number behind it. */
const LOSS_NAME = /^[a-z_./-]*loss[a-z_./-]*$/i;

/**
 * What a training is judged by: a data set that counts its rows mostly has none of them. A loss of packets or of a trade is
 * another one, and `acc_x` is an acceleration.
 */
const METRIC_NAME =
  /(?<![a-z]|(?:stop|packet)[^a-z])(?:train|val|valid|test|eval|log)?loss(?:es)?(?![a-z])|accuracy|perplexity|(?<![a-z])(?:rewards?|auc|f1|mae|mse|rmse|ppl|iou|dice|bleu|lr|acc(?!_[xyz](?![a-z])))(?![a-z])/i;

/** How trainings count in words of their own: `Episode 3`, XGBoost's `[3]` before a line, `[3/100]` in it. */
const COUNT =
  /(?<![a-z])(?:epoch|step|iter|iteration|round|episode|batch|update)s?[\s:=#[(]{0,3}(\d+)|^\[(\d+)\]|\[\s*(\d+)\/\d+\]/gi;

/** A data set may be in thousands of files, which are looked at again and again while curves are shown. */
const MAX_REMEMBERED = 20_000;
/** What the files were when it was last looked into them, in the order in which that was. */
const remembered = new Map<string, { size: number; mtimeMs: number; isLog: boolean }>();

/** Whether a file begins as a table of metrics, for which it is opened only where it has changed since the last look. */
export function isMetricTable(path: string): Promise<boolean> {
  return remember("isMetricTable", path, async () => isTableHeader(await readNames(path)));
}

/** The same of a table or of JSON lines whose name tells nothing: it has to count its rows and to name a usual metric. */
export function isMetricLog(path: string): Promise<boolean> {
  return remember("isMetricLog", path, async () => {
    const names = await readNames(path);
    return findAxis(names) !== undefined && hasMetric(names);
  });
}

/** Whether a `log.txt` is one of JSON lines, as timm and DINO write it, and not what a shell redirected. */
export function beginsAsJson(path: string): Promise<boolean> {
  return remember("beginsAsJson", path, async () => /^\s*\{/.test(await readText(path)));
}

/** A name and the first of its numbers: `"val_loss": [0.5`. */
const NUMBER_LIST = /"([^"\n]+)"\s*:\s*\[\s*(?:[-\d]|NaN|Infinity|null)/g;

/** Whether a `.json` is one document, indented or of lists, and not a line of JSON for each step. */
export function beginsAsDocument(path: string): Promise<boolean> {
  return remember("beginsAsDocument", path, async () => isDocument(await readText(path)));
}

/** Whether such a document is the history of a training, such as Keras' `history.history`. */
export function isHistory(path: string): Promise<boolean> {
  return remember("isHistory", path, async () => {
    const text = await readText(path);
    return isDocument(text) && Array.from(text.matchAll(NUMBER_LIST), ([, name = ""]) => name).some(isMetricName);
  });
}

async function readText(path: string): Promise<string> {
  return (await readBeginning(path, MAX_HEADER_BYTES)).toString("utf8");
}

function isDocument(text: string): boolean {
  const isListOrIndented = /^\s*(?:\[\s*\{|\{[ \t\r]*\n)/.test(text);
  const isOfLines = /^\s*\{[^\n]*\n\s*\{/.test(text);
  return isListOrIndented || (/^\s*\{/.test(text) && !isOfLines && text.search(NUMBER_LIST) >= 0);
}

function isMetricName(name: string): boolean {
  return METRIC_NAME.test(name);
}

/** Whether a text begins as what a training prints: with several values of a usual metric, and with what it counts. */
export function isPrintedLog(path: string): Promise<boolean> {
  return remember("isPrintedLog", path, async () => {
    const log = new ConsoleLog();
    const counts = new Set<number>();
    for (const line of (await readBeginning(path, MAX_PRINTED_BYTES)).toString("utf8").split(/[\r\n]+/)) {
      log.addLine(line, Number.NaN);
      for (const [, named, first, among] of line.matchAll(COUNT)) {
        counts.add(Number(named ?? first ?? among));
      }
    }
    const series = log.table.all().filter(({ tag }) => METRIC_NAME.test(tag));
    const values = series.reduce((count, each) => count + each.values.length, 0);
    const steps = new Set(series.flatMap((each) => Array.from(each.steps)));
    return values > 1 && (steps.size > 1 || counts.size > 1);
  });
}

/** `question`: one file may be asked several. */
async function remember(question: string, path: string, look: () => Promise<boolean>): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    return false;
  }
  const { size, mtimeMs } = found;
  const key = `${question} ${path}`;
  const known = remembered.get(key);
  if (known?.size === size && known.mtimeMs === mtimeMs) {
    return known.isLog;
  }
  // What cannot be opened now is looked at again, as all logs are while they are shown.
  const isLog = await look().catch(() => undefined);
  if (isLog === undefined) {
    return false;
  }
  remembered.delete(key);
  remembered.set(key, { size, mtimeMs, isLog });
  const [oldest = key] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED) {
    remembered.delete(oldest);
  }
  return isLog;
}

/** Whether rows are counted by step or epoch, or have a loss and no id: those of a data set mostly do not. */
function isTableHeader(names: readonly string[]): boolean {
  return findAxis(names) !== undefined || (names.some((name) => LOSS_NAME.test(name)) && !hasId(names));
}

function hasMetric(names: readonly string[]): boolean {
  return names.some(isMetricName) && !hasId(names);
}

function hasId(names: readonly string[]): boolean {
  return names.some((name) => /^id$/i.test(name));
}

/** The names in the header of a table, or in the first of some lines of JSON that counts. */
async function readNames(path: string): Promise<readonly string[]> {
  const bytes = await readBeginning(path, MAX_HEADER_BYTES);
  return /\.(?:jsonl|ndjson)$/i.test(path) ? namesInLines(bytes) : namesInHeader(bytes);
}

async function readBeginning(path: string, length: number): Promise<Buffer> {
  await using file = await openToRead(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

function namesInLines(bytes: Buffer): readonly string[] {
  const entries = bytes.toString("utf8").split("\n").map(parseTolerant);
  const named = entries.map((entry) => nestedNumbers(entry).map(([name]) => name));
  // A log may begin with its configuration.
  return named.find((names) => findAxis(names) !== undefined) ?? [];
}

function namesInHeader(bytes: Buffer): readonly string[] {
  const headers: (readonly string[])[] = [];
  const rows = new CsvRows({ header: (names) => headers.push(names), row: () => {} });
  for (let at = 0; at < bytes.length && headers.length === 0; ) {
    const end = bytes.indexOf("\n", at) + 1;
    const next = end === 0 ? bytes.length : end;
    rows.push(bytes.subarray(at, next));
    at = next;
  }
  const [names = []] = headers;
  // A line without a separator, or with numbers, was printed.
  return names.length > 1 && names.every((name) => readNumber(name) === undefined) ? names : [];
}
