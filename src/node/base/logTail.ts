import { describeMissingLines, type LineRange } from "../../core/training/logParts.ts";
import { createLogReader, type LogLine, type LogReader, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { unlessMissing } from "./fileErrors.ts";
import { countLines, type LogPart, listLogParts, readLastLineNumber, withFile } from "./logFiles.ts";

const CHUNK_BYTES = 256 * 1024;

/** A line of a log, or in place of those that are gone a line that says so. */
export type TailLine = LogLine & { missing?: LineRange };

/** Reads a growing log piece by piece, from part to part; a missing file has no lines yet, a shorter one is read from its start. */
export class LogTail {
  readonly #log: string;
  #part: LogPart | undefined;
  #offset = 0;
  #reader: LogReader = createLogReader();

  /** `log`: its first part. */
  constructor(log: string) {
    this.#log = log;
  }

  /** Starts near the end: the first line read is a whole one within the last `lastBytes`. Gives the bytes skipped. */
  async skipTo(lastBytes: number): Promise<number> {
    const parts = await listLogParts(this.#log);
    let leftBytes = lastBytes;
    for (const part of parts.toReversed()) {
      this.#begin(part);
      if (part.sizeBytes >= leftBytes) {
        this.#offset = part.sizeBytes - leftBytes;
        this.#reader = createLogReader({ startsInsideLine: this.#offset > 0 });
        break;
      }
      leftBytes -= part.sizeBytes;
    }
    const before = parts.filter(({ firstLine }) => firstLine < (this.#part?.firstLine ?? 0));
    return this.#offset + before.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** How many lines were skipped, those that are gone as well; to be called before `next`. */
  async skippedLines(): Promise<number> {
    const { firstLine = 1, path = this.#log } = this.#part ?? {};
    const { lineCount } = await countLines(path, this.#offset);
    return firstLine - 1 + lineCount + (this.#offset > 0 ? 1 : 0);
  }

  /** The lines since the last call, a chunk at most; an empty array when there is nothing new. */
  async next(): Promise<TailLine[]> {
    for (;;) {
      const lines = await this.#readPart();
      if (lines.length > 0) {
        return lines;
      }
      const following = await this.#following();
      if (following === undefined) {
        return [];
      }
      // A part is complete before the next one is begun: read in this order, nothing of it is missed.
      const rest = await this.#readPart();
      if (rest.length > 0) {
        return rest;
      }
      const missing = await this.#missingBefore(following);
      this.#begin(following);
      if (missing !== undefined) {
        const text = `${SUPERVISOR_PREFIX}${describeMissingLines([missing])}`;
        return [{ text, end: "newline", missing }];
      }
    }
  }

  #begin(part: LogPart): void {
    this.#part = part;
    this.#offset = 0;
    this.#reader = createLogReader();
  }

  async #following(): Promise<LogPart | undefined> {
    const after = this.#part?.firstLine ?? 0;
    return (await listLogParts(this.#log)).find(({ firstLine }) => firstLine > after);
  }

  async #missingBefore({ firstLine }: LogPart): Promise<LineRange | undefined> {
    const first = this.#part === undefined ? 1 : (await readLastLineNumber(await this.#current(this.#part))) + 1;
    return first < firstLine ? { first, last: firstLine - 1 } : undefined;
  }

  /** The part with the size that it has now. */
  async #current(part: LogPart): Promise<LogPart> {
    return (await listLogParts(this.#log)).find(({ path }) => path === part.path) ?? part;
  }

  async #readPart(): Promise<LogLine[]> {
    const part = this.#part;
    if (part === undefined) {
      return [];
    }
    const lines = await unlessMissing(
      withFile(part.path, async (file) => {
        for (;;) {
          const { size } = await file.stat();
          if (size < this.#offset) {
            this.#offset = 0;
            this.#reader = createLogReader();
          }
          const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - this.#offset));
          const { bytesRead } = await file.read(chunk, 0, chunk.length, this.#offset);
          this.#offset += bytesRead;
          const found = this.#reader.push(chunk.subarray(0, bytesRead));
          if (found.length > 0 || bytesRead === 0) {
            return found;
          }
        }
      }),
    );
    return lines ?? [];
  }
}
