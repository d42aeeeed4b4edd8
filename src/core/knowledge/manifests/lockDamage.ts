import { findJsonError } from "../../base/jsonError.ts";
import type { ReadingBuilder } from "./reading.ts";

/** The first place from which on a lock file cannot be trusted; `reason` ends a sentence. */
type Damage = { line: number; reason: string };

/** A merge that nobody finished, an empty file, and what `find` knows of the format. Locking again mends all of them. */
export function reportDamage(
  reading: ReadingBuilder,
  text: string,
  find: (text: string) => Damage | undefined = () => undefined,
): void {
  const damage = text.trim() === "" ? { line: 0, reason: "it is empty" } : (findUnfinishedMerge(text) ?? find(text));
  if (damage !== undefined) {
    const message = `The lock file is broken: ${damage.reason}. Lock again.`;
    reading.report("unreadable-lock", damage.line, message, "error");
  }
}

function findUnfinishedMerge(text: string): Damage | undefined {
  const marker = /^(?:<{7}|>{7})(?: |\r?$)/m.exec(text);
  return marker ? { line: lineAt(text, marker.index), reason: "a merge was left unfinished here" } : undefined;
}

export function findJsonDamage(text: string): Damage | undefined {
  const error = findJsonError(text);
  return error && { line: error.line, reason: `${error.reason}, so it is not JSON` };
}

/** Values that a program breaks over lines: what a list or a text begins with, and what ends it. */
type OpenValue = { line: number; closing: RegExp };

/**
 * The first line that no program writes in TOML. Indented lines are parts of lists and are not looked at, so that a file of
 * a hundred thousand lines costs little more than reading it.
 */
export function findTomlDamage(text: string): Damage | undefined {
  let open: OpenValue | undefined;
  for (const [line, written] of text.split("\n").entries()) {
    if (open !== undefined && !isStart(written, open)) {
      open = open.closing.test(written) ? undefined : open;
    } else if (open !== undefined) {
      return { line: open.line, reason: "the list that begins here does not end" };
    } else if (!/^(?:\s|#|$)/.test(written) && !TABLE.test(written)) {
      const value = ASSIGNMENT.exec(written)?.[1];
      open = value === undefined ? undefined : openedBy(value, line);
      if (value === undefined || (open === undefined && !isWhole(value))) {
        return { line, reason: "this line is not TOML" };
      }
    }
  }
  return open && { line: open.line, reason: "it ends in the middle of what begins here" };
}

const TABLE = /^(?:\[[^[\]]+\]|\[\[[^[\]]+\]\])\s*(?:#.*)?$/;
const ASSIGNMENT = /^(?:"[^"]*"|'[^']*'|[\w.-]+)\s*=\s*(.*\S)\s*$/;

/** Whether a line begins something new, though a list is open. A text of many lines may hold anything. */
function isStart(written: string, { closing }: OpenValue): boolean {
  return closing === END_OF_LIST && (TABLE.test(written) || ASSIGNMENT.test(written));
}

const END_OF_LIST = /^[\]}]/;

function openedBy(value: string, line: number): OpenValue | undefined {
  const quotes = /^(?:"""|''')/.exec(value)?.[0];
  if (quotes !== undefined) {
    return value.indexOf(quotes, 3) === -1 ? { line, closing: new RegExp(quotes) } : undefined;
  }
  return /^[[{]/.test(value) && !/[\]}]\s*(?:#.*)?$/.test(value) ? { line, closing: END_OF_LIST } : undefined;
}

/** A text must end on its line; of the other values the first character tells enough. */
function isWhole(value: string): boolean {
  return /^(?:"""|'''|[[{\d+-]|true|false|inf|nan)/.test(value) || /^"(?:[^"\\]|\\.)*"|^'[^']*'/.test(value);
}

function lineAt(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
  }
  return line;
}
