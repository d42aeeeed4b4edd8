import type { OutputSegment } from "./outputSplitter.ts";

/*
 * train.log, UTF-8, one line per output segment:
 *
 *   2026-11-21T03:44:55.123Z epoch 1/10: loss=0.31 LF          ended by a new line
 *   2026-11-21T03:44:56.001Z  45%|####5     | 450/1000 CR LF   ended by a carriage return: the next segment paints over it
 *   |---------- 24 --------| |- text, as printed --|
 *
 * The time (UTC) is when the segment ended. The text is the training's own, with its escape sequences; bytes that were
 * not UTF-8 are U+FFFD. Of a repainted progress bar at most one segment per second is kept, and always the last one
 * before a new line. A segment longer than 65,536 characters is cut into several lines. A line that waited a second for
 * its end is written as a CR segment first and as a whole later, so the LF lines alone are the complete output.
 * Lines that start with `[trainyard]` are the supervisor's own.
 */

export const SUPERVISOR_PREFIX = "[trainyard] ";

export type LogLine = OutputSegment & {
  /** ISO time; absent for a line that something else wrote into the file. */
  time?: string;
};

/** Feeds on the bytes of a growing log, in order, and gives each complete line once. */
export type LogReader = {
  push(bytes: Uint8Array): LogLine[];
};

const TIME_LENGTH = 24;
const TIME_PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;
/** Four bytes for each character of the longest segment, and room for its time: a longer "line" is not ours, and is cut. */
const MAX_CARRY_LENGTH = 300_000;

export function renderLogLine(segment: OutputSegment, time: Date): string {
  return `${time.toISOString()} ${segment.text}${segment.end === "return" ? "\r" : ""}\n`;
}

/** A reader that keeps the torn last line until its rest arrives. `startsInsideLine`: the first, incomplete line is dropped. */
export function createLogReader(options: { startsInsideLine?: boolean } = {}): LogReader {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let carry = "";
  let mustSkip = options.startsInsideLine === true;
  return {
    push(bytes) {
      const lines = (carry + decoder.decode(bytes, { stream: true })).split("\n");
      carry = lines.pop() ?? "";
      if (carry.length > MAX_CARRY_LENGTH) {
        lines.push(carry);
        carry = "";
      }
      if (mustSkip && lines.length > 0) {
        lines.shift();
        mustSkip = false;
      }
      return lines.map(parseLogLine);
    },
  };
}

function parseLogLine(line: string): LogLine {
  const isReturn = line.endsWith("\r");
  const body = isReturn ? line.slice(0, -1) : line;
  const end = isReturn ? "return" : "newline";
  return TIME_PATTERN.test(body)
    ? { time: body.slice(0, TIME_LENGTH), text: body.slice(TIME_LENGTH + 1), end }
    : { text: body, end };
}

/**
 * Turns log lines back into what a terminal shows. A `return` segment is left open, so that a segment which goes on
 * from it continues the line and any other one paints over it.
 */
export function createLogPainter(options: { isTerminal: boolean }): { paint(line: LogLine): string; end(): string } {
  const repaint = options.isTerminal ? "\r\u001b[K" : "\r";
  let open = "";
  return {
    paint(line) {
      const before = open;
      open = line.end === "return" ? line.text : "";
      const end = line.end === "return" ? "" : "\n";
      if (before === "" || line.text === "") {
        return line.text + end;
      }
      return (line.text.startsWith(before) ? line.text.slice(before.length) : repaint + line.text) + end;
    },
    end() {
      const rest = open === "" ? "" : "\n";
      open = "";
      return rest;
    },
  };
}
