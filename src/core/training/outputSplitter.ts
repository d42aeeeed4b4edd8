/** One piece of a program's output and how it ended: a new line, or a carriage return that lets the next one paint over it. */
export type OutputSegment = { text: string; end: "newline" | "return" };

/** A progress bar repaints up to a hundred times a second; one of them per second tells the same story. */
const RETURN_INTERVAL_MS = 1_000;
const PARTIAL_FLUSH_MS = 1_000;
/** A segment longer than this is cut into several, so that no reader needs more memory for a line. */
export const MAX_SEGMENT_LENGTH = 65_536;
/** Up to this length an unfinished line is shown again whenever it grows; a longer one only after growing by a quarter. */
const CHEAP_REPAINT_LENGTH = 512;

/**
 * Cuts a stream of text into segments. An unfinished line is given as a `return` segment after a second and once
 * more as a whole when it goes on, so that the `newline` segments alone are exactly the lines of the output.
 */
export class OutputSplitter {
  #line = "";
  #lineChangedAt = 0;
  /** What a `return` segment has already shown of the line. */
  #shown: string | undefined;
  #pendingReturn: string | undefined;
  #lastReturnAt = Number.NEGATIVE_INFINITY;
  /** A carriage return may be the first half of a Windows line end; the next character tells. */
  #hasHeldReturn = false;
  #out: OutputSegment[] = [];

  push(text: string, nowMs: number): OutputSegment[] {
    let from = 0;
    for (const match of text.matchAll(/[\r\n]/g)) {
      this.#extend(text.slice(from, match.index), nowMs);
      from = match.index + 1;
      if (match[0] === "\r") {
        this.#releaseReturn(nowMs);
        this.#hasHeldReturn = true;
      } else {
        this.#hasHeldReturn = false;
        this.#endWithNewline();
      }
    }
    this.#extend(text.slice(from), nowMs);
    return this.#take();
  }

  /** To be called about four times a second: gives what has waited for its end for too long. */
  flush(nowMs: number): OutputSegment[] {
    if (this.#pendingReturn !== undefined && nowMs - this.#lastReturnAt >= RETURN_INTERVAL_MS) {
      this.#giveReturn(this.#pendingReturn, nowMs);
    }
    const isStale = this.#line !== (this.#shown ?? "") && nowMs - this.#lineChangedAt >= PARTIAL_FLUSH_MS;
    if (isStale && isWorthRepainting(this.#line, this.#shown)) {
      if (this.#pendingReturn !== undefined) {
        this.#giveReturn(this.#pendingReturn, nowMs);
      }
      this.#giveReturn(this.#line, nowMs);
      this.#shown = this.#line;
    }
    return this.#take();
  }

  /** The output is over; gives the rest. */
  end(nowMs: number): OutputSegment[] {
    this.#releaseReturn(nowMs);
    if (this.#line !== "") {
      this.#endWithNewline();
    } else if (this.#pendingReturn !== undefined) {
      this.#giveReturn(this.#pendingReturn, nowMs);
    }
    return this.#take();
  }

  #extend(piece: string, nowMs: number): void {
    if (piece === "") {
      return;
    }
    this.#releaseReturn(nowMs);
    if (this.#line === (this.#shown ?? "")) {
      this.#lineChangedAt = nowMs;
    }
    this.#line += piece;
    while (this.#line.length > MAX_SEGMENT_LENGTH) {
      const cut = isHighSurrogate(this.#line, MAX_SEGMENT_LENGTH - 1) ? MAX_SEGMENT_LENGTH - 1 : MAX_SEGMENT_LENGTH;
      this.#giveNewline(this.#line.slice(0, cut));
      this.#line = this.#line.slice(cut);
      this.#shown = undefined;
    }
  }

  /** The held carriage return was no half of a line end: it ends the line itself. */
  #releaseReturn(nowMs: number): void {
    if (!this.#hasHeldReturn) {
      return;
    }
    this.#hasHeldReturn = false;
    if (this.#line !== (this.#shown ?? "")) {
      if (nowMs - this.#lastReturnAt >= RETURN_INTERVAL_MS) {
        this.#giveReturn(this.#line, nowMs);
      } else {
        this.#pendingReturn = this.#line;
      }
    }
    this.#line = "";
    this.#shown = undefined;
  }

  #endWithNewline(): void {
    this.#giveNewline(this.#line);
    this.#line = "";
    this.#shown = undefined;
  }

  #giveReturn(text: string, nowMs: number): void {
    this.#out.push({ text, end: "return" });
    this.#lastReturnAt = nowMs;
    this.#pendingReturn = undefined;
  }

  #giveNewline(text: string): void {
    if (this.#pendingReturn !== undefined) {
      this.#out.push({ text: this.#pendingReturn, end: "return" });
      this.#pendingReturn = undefined;
    }
    this.#out.push({ text, end: "newline" });
  }

  #take(): OutputSegment[] {
    const taken = this.#out;
    this.#out = [];
    return taken;
  }
}

function isWorthRepainting(line: string, shown: string | undefined): boolean {
  return line.length <= CHEAP_REPAINT_LENGTH || line.length >= 1.25 * (shown?.length ?? 0);
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}
