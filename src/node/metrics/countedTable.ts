import type { FileHandle } from "node:fs/promises";
import { CsvRows } from "../../core/metrics/csvRows.ts";
import { findAxis } from "../../core/metrics/metricLog.ts";
import { openToRead } from "../base/openFile.ts";

/** The header of a table lies within so many bytes: some hundred columns. */
const MAX_HEADER_BYTES = 16_384;

/** Whether a file begins as a table whose rows are counted by step or epoch, as those of a log are and those of a data set are not. */
export async function isCountedTable(path: string): Promise<boolean> {
  // What cannot be opened now is looked at again, as all logs are while they are shown.
  const file = await openToRead(path).catch(() => undefined);
  if (file === undefined) {
    return false;
  }
  await using opened = file;
  return findAxis(await readHeader(opened)) !== undefined;
}

async function readHeader(file: FileHandle): Promise<readonly string[]> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0);
  const headers: (readonly string[])[] = [];
  new CsvRows({ header: (names) => headers.push(names), row: () => {} }).push(buffer.subarray(0, bytesRead));
  // A line without a separator is a word that was printed.
  return headers[0] !== undefined && headers[0].length > 1 ? headers[0] : [];
}
