import type { LineRange } from "../../core/training/logParts.ts";
import { errorCode } from "../base/fileErrors.ts";
import { countLines, listLogParts, readLogParts, readNextPart } from "../base/logFiles.ts";

/** Where a log stops: its lines in all parts, and whether one more was begun. */
export type LogEnd = {
  lineCount: number;
  isInsideLine: boolean;
  /** At least one, the newest last; `sizeBytes` of one that is to be written next is nothing. */
  parts: readonly { firstLine: number; sizeBytes: number }[];
  missing: readonly LineRange[];
};

const EMPTY: LogEnd = { lineCount: 0, isInsideLine: false, parts: [{ firstLine: 1, sizeBytes: 0 }], missing: [] };

/** Reads the newest part of a log through, in constant memory; a missing log has no lines. */
export async function readLogEnd(log: string): Promise<LogEnd> {
  try {
    const parts = await listLogParts(log);
    const newest = parts.at(-1);
    if (newest === undefined) {
      return EMPTY;
    }
    const ofNewest = await countLines(newest.path);
    const lineCount = newest.firstLine - 1 + ofNewest.lineCount;
    const missing = (await readLogParts(log, parts))?.missing ?? [];
    // Whoever wrote it was killed between two parts.
    const isComplete = (await readNextPart(newest)) === lineCount + 1;
    const begun = isComplete ? [{ firstLine: lineCount + 1, sizeBytes: 0 }] : [];
    return {
      lineCount,
      isInsideLine: ofNewest.isInsideLine,
      parts: [...parts.map(({ firstLine, sizeBytes }) => ({ firstLine, sizeBytes })), ...begun],
      missing,
    };
  } catch (error) {
    // A log that cannot be read is no reason to leave its training alone; its line numbers start again.
    if (errorCode(error) === undefined) {
      throw error;
    }
    return EMPTY;
  }
}
