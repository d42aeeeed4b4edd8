import { open } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import { createLogReader, type LogLine, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { describeFileError } from "../base/fileErrors.ts";

/** Far more than any traceback of any number of processes; what stands before it did not end the training. */
const ENDING_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** The thread of the editor has other things to do between the pieces. */
const PIECE_BYTES = 128 * 1024;
const NEWLINE = 0x0a;

/** The last lines of a log, numbered as in the file. The supervisor's own lines are there and empty. */
export type LogEnding = { firstLine: number; lines: readonly LogLine[] };

/** Reads the end of a log of any size. Refuses a file that cannot be read. */
export async function readLogEnding(path: string): Promise<LogEnding> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new UserError(`The log ${path} cannot be read: ${describeFileError(error)}.`, { cause: error });
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - ENDING_BYTES);
    const skippedLines = await countLines(file, start);
    const reader = createLogReader({ startsInsideLine: start > 0 });
    const lines: LogLine[] = [];
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, size - start));
    for (let offset = start; offset < size; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, size - offset), offset);
      if (bytesRead === 0) {
        break;
      }
      lines.push(...reader.push(piece.subarray(0, bytesRead)));
      offset += bytesRead;
    }
    // A line that was not ended is still the last thing that was said.
    lines.push(...reader.push(Buffer.from("\n")));
    return { firstLine: skippedLines + (start > 0 ? 2 : 1), lines: lines.map(withoutOwnText) };
  } finally {
    await file.close();
  }
}

function withoutOwnText(line: LogLine): LogLine {
  return line.text.startsWith(SUPERVISOR_PREFIX) ? { ...line, text: "" } : line;
}

async function countLines(file: Awaited<ReturnType<typeof open>>, until: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, until));
  let count = 0;
  for (let offset = 0; offset < until; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, until - offset), offset);
    if (bytesRead === 0) {
      break;
    }
    const read = chunk.subarray(0, bytesRead);
    for (let at = read.indexOf(NEWLINE); at !== -1; at = read.indexOf(NEWLINE, at + 1)) {
      count += 1;
    }
    offset += bytesRead;
  }
  return count;
}
