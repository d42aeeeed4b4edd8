import { rm } from "node:fs/promises";
import { type LineRange, type LogParts, logSizes } from "../../core/training/logParts.ts";
import { logPartPath } from "../base/logFiles.ts";
import type { LogEnd } from "./logEnd.ts";

type Part = { firstLine: number; sizeBytes: number };

/** Which part of a log a line goes into, and which parts are dropped to keep the whole below its limit. */
export class LogRotation {
  readonly #log: string;
  readonly #limitBytes: number;
  readonly #partBytes: number;
  /** Those on the disk and those that wait in memory to be written; the sizes count both. */
  readonly #parts: Part[];
  readonly #missing: LineRange[];
  #newest: Part;

  constructor(log: string, limitMiB: number | undefined, after?: LogEnd) {
    this.#log = log;
    ({ limitBytes: this.#limitBytes, partBytes: this.#partBytes } = logSizes(limitMiB));
    this.#parts = (after?.parts ?? []).map((part) => ({ ...part }));
    this.#missing = [...(after?.missing ?? [])];
    this.#newest = this.#parts.at(-1) ?? { firstLine: 1, sizeBytes: 0 };
    if (this.#parts.length === 0) {
      this.#parts.push(this.#newest);
    }
  }

  /** The first line of the part that is being filled. */
  get firstLine(): number {
    return this.#newest.firstLine;
  }

  /** Undefined as long as the log is one whole file. */
  get layout(): LogParts | undefined {
    return this.#parts.length < 2 && this.#missing.length === 0
      ? undefined
      : { parts: this.#parts.map(({ firstLine }) => firstLine), missing: [...this.#missing] };
  }

  /** Whether this many bytes belong into the next part; a part takes one line however long it is. */
  isFullFor(byteCount: number): boolean {
    return this.#newest.sizeBytes > 0 && this.#newest.sizeBytes + byteCount > this.#partBytes;
  }

  add(byteCount: number): void {
    this.#newest.sizeBytes += byteCount;
  }

  begin(firstLine: number): void {
    this.#newest = { firstLine, sizeBytes: 0 };
    this.#parts.push(this.#newest);
  }

  /** A part is gone, and its lines from that of `rest` on, which are not written yet, begin another one. */
  replace(firstLine: number, rest: Part): void {
    const index = this.#parts.findIndex((part) => part.firstLine === firstLine);
    const gone = this.#parts[index];
    if (gone === undefined || rest.firstLine === firstLine) {
      return;
    }
    this.#parts.splice(index + 1, 0, rest);
    if (gone === this.#newest) {
      this.#newest = rest;
    }
    this.#forget(gone);
  }

  /** A part is gone behind which another one has begun. */
  drop(firstLine: number): void {
    const gone = this.#parts.find((part) => part.firstLine === firstLine);
    if (gone !== undefined && gone !== this.#newest) {
      this.#forget(gone);
    }
  }

  /** Deletes the oldest parts but the first, until there is room for one more that is about to be written. */
  async makeRoomFor(firstLine: number): Promise<void> {
    for (;;) {
      const before = this.#parts.filter((part) => part.firstLine < firstLine);
      const sizeBytes = before.reduce((sum, part) => sum + part.sizeBytes, this.#partBytes);
      const [, oldest] = before;
      if (oldest === undefined || sizeBytes <= this.#limitBytes) {
        return;
      }
      await rm(logPartPath(this.#log, oldest.firstLine), { force: true });
      this.#forget(oldest);
    }
  }

  #forget(part: Part): void {
    const index = this.#parts.indexOf(part);
    this.#parts.splice(index, 1);
    const first = part.firstLine;
    const last = (this.#parts[index]?.firstLine ?? first) - 1;
    const following = this.#missing.findIndex((range) => range.first > last);
    const at = following === -1 ? this.#missing.length : following;
    const previous = this.#missing[at - 1];
    if (previous !== undefined && previous.last + 1 >= first) {
      previous.last = last;
    } else {
      this.#missing.splice(at, 0, { first, last });
    }
  }
}
