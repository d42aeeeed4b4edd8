import { UserError } from "../../core/base/errors.ts";
import type { LogParts } from "../../core/training/logParts.ts";
import { createLogReader, type LogLine, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { countLines, type LogPart, listLogParts, readLogParts, withFile } from "../base/logFiles.ts";

/** Far more than any traceback of any number of processes; what stands before it did not end the training. */
const ENDING_BYTES = 4 * 1024 * 1024;
/** The thread of the editor has other things to do between the pieces. */
const PIECE_BYTES = 128 * 1024;

/** The last lines of a log, numbered as in the log. The supervisor's own lines are there and empty. */
export type LogEnding = {
  firstLine: number;
  lines: readonly LogLine[];
  /** Absent where the log is one whole file. */
  log?: LogParts;
};

/** Reads the end of a log of any size. Refuses a file that cannot be read. */
export async function readLogEnding(path: string): Promise<LogEnding> {
  try {
    const parts = await listLogParts(path);
    const log = await readLogParts(path, parts);
    const [oldest, ...newer] = chooseParts(path, parts, log);
    const start = Math.max(0, sizeOf([oldest, ...newer]) - ENDING_BYTES);
    const { lineCount } = await countLines(oldest.path, start);
    const lines = await readLines(oldest, start);
    for (const part of newer) {
      lines.push(...(await readLines(part, 0)));
    }
    const firstLine = oldest.firstLine + lineCount + (start > 0 ? 1 : 0);
    return { firstLine, lines: lines.map(withoutOwnText), ...(log === undefined ? {} : { log }) };
  } catch (error) {
    throw new UserError(`The log ${path} cannot be read: ${describeFileError(error)}.`, { cause: error });
  }
}

/** The newest parts that hold the ending, without a gap between them; of a log that is not there, what opening it refuses. */
function chooseParts(path: string, parts: readonly LogPart[], log: LogParts | undefined): [LogPart, ...LogPart[]] {
  const gapEnd = log?.missing.at(-1)?.last ?? 0;
  let leftBytes = ENDING_BYTES;
  const chosen: LogPart[] = [];
  for (const part of parts.toReversed()) {
    if (leftBytes <= 0 || part.firstLine <= gapEnd) {
      break;
    }
    chosen.unshift(part);
    leftBytes -= part.sizeBytes;
  }
  const [oldest = { path, firstLine: 1, sizeBytes: 0 }, ...newer] = chosen;
  return [oldest, ...newer];
}

function sizeOf(parts: readonly LogPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function readLines({ path, sizeBytes }: LogPart, start: number): Promise<LogLine[]> {
  return withFile(path, async (file) => {
    const reader = createLogReader({ startsInsideLine: start > 0 });
    const lines: LogLine[] = [];
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes - start));
    for (let offset = start; offset < sizeBytes; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, sizeBytes - offset), offset);
      if (bytesRead === 0) {
        break;
      }
      lines.push(...reader.push(piece.subarray(0, bytesRead)));
      offset += bytesRead;
    }
    // A line that was not ended is still the last thing that was said.
    const [unended] = reader.push(Buffer.from("\n"));
    return unended === undefined || unended.text === "" ? lines : [...lines, unended];
  });
}

function withoutOwnText(line: LogLine): LogLine {
  return line.text.startsWith(SUPERVISOR_PREFIX) ? { ...line, text: "" } : line;
}
