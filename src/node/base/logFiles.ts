import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  type LineRange,
  LOG_FILE,
  type LogParts,
  logPartName,
  readGoesOn,
  readLogPartName,
} from "../../core/training/logParts.ts";
import { createLogReader } from "../../core/training/runLog.ts";
import { unlessMissing } from "./fileErrors.ts";

/** One file of a log that may have several; see logParts.ts. */
export type LogPart = { path: string; firstLine: number; sizeBytes: number };

const CHUNK_BYTES = 1024 * 1024;
/** More than the longest line that names the next part. */
const GOES_ON_BYTES = 256;
const NEWLINE = 0x0a;

/** The path of the part that begins with a line, for the log of this path. */
export function logPartPath(log: string, firstLine: number): string {
  return firstLine === 1 ? log : join(dirname(log), logPartName(firstLine));
}

/** The parts of a log that are there, by their first lines; a file of another name than a run's log is a log of one part. */
export async function listLogParts(log: string): Promise<LogPart[]> {
  const firstLines = basename(log) === LOG_FILE ? await listFirstLines(dirname(log)) : [1];
  const parts = await Promise.all(
    firstLines.map(async (firstLine): Promise<LogPart[]> => {
      const path = logPartPath(log, firstLine);
      const found = await unlessMissing(stat(path));
      return found === undefined ? [] : [{ path, firstLine, sizeBytes: found.size }];
    }),
  );
  return parts.flat();
}

async function listFirstLines(folder: string): Promise<number[]> {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  return names.flatMap((name) => readLogPartName(name) ?? []).toSorted((a, b) => a - b);
}

/** What there is of a log; undefined for one that is a single file from its first line on. */
export async function readLogParts(log: string, parts?: readonly LogPart[]): Promise<LogParts | undefined> {
  const present = parts ?? (await listLogParts(log));
  const missing: LineRange[] = [];
  let next = 1;
  for (const [index, part] of present.entries()) {
    if (part.firstLine > next) {
      missing.push({ first: next, last: part.firstLine - 1 });
    }
    const isNewest = index === present.length - 1;
    next = isNewest ? part.firstLine : (await readLastLineNumber(part)) + 1;
  }
  const isWhole = present.length < 2 && missing.length === 0;
  return isWhole ? undefined : { parts: present.map(({ firstLine }) => firstLine), missing };
}

/** The number of the last line of a part; the one before its first for a part that is empty or gone. */
export async function readLastLineNumber(part: LogPart): Promise<number> {
  const next = await readNextPart(part);
  if (next !== undefined) {
    return next - 1;
  }
  const { lineCount, isInsideLine } = await countLines(part.path);
  return part.firstLine - 1 + lineCount + (isInsideLine ? 1 : 0);
}

/** The first line of the part that follows, as the last line of a part says; undefined where it says nothing. */
export async function readNextPart({ path, sizeBytes, firstLine }: LogPart): Promise<number | undefined> {
  const last = await unlessMissing(
    withFile(path, async (file) => {
      const start = Math.max(0, sizeBytes - GOES_ON_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes - start), 0, sizeBytes - start, start);
      return createLogReader({ startsInsideLine: start > 0 })
        .push(buffer.subarray(0, bytesRead))
        .at(-1);
    }),
  );
  const next = last && readGoesOn(last.text);
  return next !== undefined && next > firstLine ? next : undefined;
}

/** Counts whole lines in constant memory, up to a byte; a missing file has none. */
export async function countLines(
  path: string,
  untilByte = Number.POSITIVE_INFINITY,
): Promise<{ lineCount: number; isInsideLine: boolean }> {
  const counted = await unlessMissing(
    withFile(path, async (file) => {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, untilByte));
      let lineCount = 0;
      let last: number | undefined;
      for (let offset = 0; offset < untilByte; ) {
        const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, untilByte - offset), offset);
        if (bytesRead === 0) {
          break;
        }
        const read = chunk.subarray(0, bytesRead);
        for (let at = read.indexOf(NEWLINE); at !== -1; at = read.indexOf(NEWLINE, at + 1)) {
          lineCount += 1;
        }
        last = read.at(-1);
        offset += bytesRead;
      }
      return { lineCount, isInsideLine: last !== undefined && last !== NEWLINE };
    }),
  );
  return counted ?? { lineCount: 0, isInsideLine: false };
}

/** Opens a file for as long as it is used. */
export async function withFile<Value>(path: string, use: (file: FileHandle) => Promise<Value>): Promise<Value> {
  const file = await open(path, "r");
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
