import { type FileHandle, stat } from "node:fs/promises";
import { CsvRows } from "../../core/metrics/csvRows.ts";
import { readNumber } from "../../core/metrics/loggedNumber.ts";
import { findAxis } from "../../core/metrics/metricLog.ts";
import { openToRead } from "../base/openFile.ts";

/** The header of a table lies within so many bytes: some hundred columns. */
const MAX_HEADER_BYTES = 16_384;
/** One word: a line that was printed has more, and a number behind it. */
const LOSS_NAME = /^[a-z_./-]*loss[a-z_./-]*$/i;

/** A data set may be in thousands of files, which are looked at again and again while curves are shown. */
const MAX_REMEMBERED = 20_000;
/** What the files were when it was last looked into them, in the order in which that was. */
const remembered = new Map<string, { size: number; mtimeMs: number; isTable: boolean }>();

/** Whether a file begins as a table of metrics, for which it is opened only where it has changed since the last look. */
export async function isMetricTable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    return false;
  }
  const { size, mtimeMs } = found;
  const known = remembered.get(path);
  if (known?.size === size && known.mtimeMs === mtimeMs) {
    return known.isTable;
  }
  const isTable = await beginsAsMetricTable(path);
  if (isTable === undefined) {
    return false;
  }
  remembered.delete(path);
  remembered.set(path, { size, mtimeMs, isTable });
  const [oldest = path] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED) {
    remembered.delete(oldest);
  }
  return isTable;
}

/** Whether a file begins as a table whose rows are counted by step or epoch, or have a loss and no id: those of a data set mostly do not. */
async function beginsAsMetricTable(path: string): Promise<boolean | undefined> {
  // What cannot be opened now is looked at again, as all logs are while they are shown.
  const file = await openToRead(path).catch(() => undefined);
  if (file === undefined) {
    return undefined;
  }
  await using opened = file;
  const names = await readHeader(opened);
  const hasLoss = names.some((name) => LOSS_NAME.test(name)) && !names.some((name) => /^id$/i.test(name));
  return findAxis(names) !== undefined || hasLoss;
}

async function readHeader(file: FileHandle): Promise<readonly string[]> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0);
  const headers: (readonly string[])[] = [];
  const rows = new CsvRows({ header: (names) => headers.push(names), row: () => {} });
  for (let at = 0; at < bytesRead && headers.length === 0; ) {
    const end = buffer.indexOf("\n", at) + 1;
    const next = end === 0 ? bytesRead : Math.min(end, bytesRead);
    rows.push(buffer.subarray(at, next));
    at = next;
  }
  const [names = []] = headers;
  // A line without a separator, or with numbers, was printed.
  return names.length > 1 && names.every((name) => readNumber(name) === undefined) ? names : [];
}
