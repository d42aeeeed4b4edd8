import { LogTail } from "../base/logTail.ts";
import { runFiles } from "./runFolder.ts";

/** Enough for the last screen of any log; the whole of it may be gigabytes. */
const TAIL_BYTES = 64 * 1024;

/** The last finished lines that a run printed, oldest first, without time stamps; empty before it printed anything. */
export async function readLogLines(runFolder: string, count: number): Promise<string[]> {
  const tail = new LogTail(runFiles(runFolder).log);
  await tail.skipTo(TAIL_BYTES);
  const lines: string[] = [];
  for (let chunk = await tail.next(); chunk.length > 0; chunk = await tail.next()) {
    lines.push(...chunk.filter(({ end }) => end === "newline").map(({ text }) => text));
  }
  return lines.slice(-count);
}
