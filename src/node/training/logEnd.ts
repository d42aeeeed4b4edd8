import { createReadStream } from "node:fs";
import { errorCode } from "../base/fileErrors.ts";

const NEWLINE = 0x0a;

/** Where a log stops: whole lines, and whether one more was begun. */
export type LogEnd = { lineCount: number; isInsideLine: boolean };

/** Reads a log through, in constant memory; a missing one has no lines. */
export async function readLogEnd(path: string): Promise<LogEnd> {
  let lineCount = 0;
  let last: number | undefined;
  try {
    for await (const chunk of createReadStream(path)) {
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) {
        lineCount += 1;
      }
      last = chunk.at(-1);
    }
  } catch (error) {
    // A log that cannot be read is no reason to leave its training alone; its line numbers start again.
    if (errorCode(error) === undefined) {
      throw error;
    }
  }
  return { lineCount, isInsideLine: last !== undefined && last !== NEWLINE };
}
