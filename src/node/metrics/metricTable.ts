import type { FileHandle } from "node:fs/promises";
import { CsvRows } from "../../core/metrics/csvRows.ts";
import { readNumber } from "../../core/metrics/loggedNumber.ts";
import { findAxis } from "../../core/metrics/metricLog.ts";
import { openToRead } from "../base/openFile.ts";

/** The header of a table lies within so many bytes: some hundred columns. */
const MAX_HEADER_BYTES = 16_384;
/** One word: a line that was printed has more, and a number behind it. */
const LOSS_NAME = /^[a-z_./-]*loss[a-z_./-]*$/i;

/** Whether a file begins as a table whose rows are counted by step or epoch, or have a loss and no id: those of a data set mostly do not. */
export async function isMetricTable(path: string): Promise<boolean> {
  // What cannot be opened now is looked at again, as all logs are while they are shown.
  const file = await openToRead(path).catch(() => undefined);
  if (file === undefined) {
    return false;
  }
  await using opened = file;
  const names = await readHeader(opened);
  const hasLoss = names.some((name) => LOSS_NAME.test(name)) && !names.some((name) => /^id$/i.test(name));
  return findAxis(names) !== undefined || hasLoss;
}

async function readHeader(file: FileHandle): Promise<readonly string[]> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0);
  const headers: (readonly string[])[] = [];
  new CsvRows({ header: (names) => headers.push(names), row: () => {} }).push(buffer.subarray(0, bytesRead));
  const [names = []] = headers;
  // A line without a separator, or with numbers, was printed.
  return names.length > 1 && names.every((name) => readNumber(name) === undefined) ? names : [];
}
