import { rangeOnLine, type TextPosition, type TextRange } from "../base/problems.ts";

/** What stands at a place of an agent file, or would stand there; `written` is the whole word around the place. */
export type Cursor = { written: string; range: TextRange } & (
  | { kind: "key"; of: "agent" | "handoff"; present: readonly string[]; hasColon: boolean }
  | { kind: "value"; of: "agent" | "handoff"; key: string }
  | { kind: "placeholder" }
);

/**
 * Finds out what is written at a place from the lines alone: while somebody types, the front matter is mostly no YAML.
 * Gives nothing where only free text stands.
 */
export function cursorAt(text: string, { line, column }: TextPosition): Cursor | undefined {
  const lines = text.split("\n").map((each) => each.replace(/\r$/, ""));
  const current = lines[line] ?? "";
  if (lines[0]?.trimEnd() !== "---" || line === 0) {
    return undefined;
  }
  const closing = lines.findIndex((each, index) => index > 0 && /^---\s*$/.test(each));
  if (closing !== -1 && line >= closing) {
    return line === closing ? undefined : placeholderAt(current, { line, column });
  }
  const frontMatter = lines.slice(0, closing === -1 ? undefined : closing);
  const top = /^([\w-]*)(\s*:)?/.exec(current);
  const word = top?.[1] ?? "";
  const isKeyLine = /^[\w-]/.test(current) || current.trim() === "" || column === 0;
  if (isKeyLine && column <= word.length && !/^\s/.test(current)) {
    const present = frontMatter
      .filter((_, index) => index !== line)
      .flatMap((each) => /^([\w-]+):/.exec(each)?.[1] ?? []);
    const range = rangeOnLine(line, 0, word.length);
    return { kind: "key", of: "agent", written: word, range, present, hasColon: top?.[2] !== undefined };
  }
  const owner = ownerOf(frontMatter, line);
  if (owner === undefined) {
    return undefined;
  }
  if (owner.key === "handoffs" && owner.line !== line) {
    return inHandoff(frontMatter, { line, column });
  }
  const start = owner.line === line ? owner.key.length + 1 : itemStart(current);
  return start === undefined || column < start
    ? undefined
    : valueAt(current, { line, column }, { key: owner.key, start });
}

/** The key at the beginning of a line that a line belongs to. */
function ownerOf(lines: readonly string[], line: number): { key: string; line: number } | undefined {
  for (let index = line; index > 0; index--) {
    const key = /^([\w-]+)\s*:/.exec(lines[index] ?? "")?.[1];
    if (key !== undefined) {
      return { key, line: index };
    }
    if (/^\S/.test(lines[index] ?? "") && !/^[-#]/.test(lines[index] ?? "")) {
      return undefined;
    }
  }
  return undefined;
}

/** Where the item of a list begins that has a line of its own. */
function itemStart(line: string): number | undefined {
  return /^\s*-\s/.exec(line)?.[0].length;
}

/** The item around the place: of a list in brackets, of a text with commas, or the only one. */
function valueAt(
  current: string,
  { line, column }: TextPosition,
  { key, start }: { key: string; start: number },
): Cursor {
  const isOne = key === "description" || key === "triggers";
  const isBreak = (at: number) => (isOne ? "[]\"'" : "[],\"'").includes(current[at] ?? "");
  let from = column;
  while (from > start && !isBreak(from - 1)) {
    from -= 1;
  }
  let to = column;
  while (to < current.length && !isBreak(to)) {
    to += 1;
  }
  return { kind: "value", of: "agent", key, ...trimmed(current, { line, from, to, column }) };
}

function trimmed(
  current: string,
  { line, from, to, column }: { line: number; from: number; to: number; column: number },
): { written: string; range: TextRange } {
  const part = current.slice(from, to);
  const start = Math.min(from + (part.length - part.trimStart().length), column);
  const end = Math.max(start, from + part.trimEnd().length, column);
  return { written: current.slice(start, end).trim(), range: rangeOnLine(line, start, end) };
}

/** `- label: Go` and the lines below it, or `- {label: Go, agent: x}` on one line. */
function inHandoff(lines: readonly string[], { line, column }: TextPosition): Cursor | undefined {
  const current = lines[line] ?? "";
  const pairs = [...current.matchAll(/([\w-]+)(\s*:\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^,{}]*)/g)];
  for (const pair of pairs) {
    const [, key = "", colon = "", value = ""] = pair;
    const from = pair.index + key.length + colon.length;
    if (column >= pair.index && column <= pair.index + key.length) {
      const range = rangeOnLine(line, pair.index, pair.index + key.length);
      return { kind: "key", of: "handoff", written: key, range, present: siblings(lines, line, key), hasColon: true };
    }
    if (column >= pair.index + key.length + 1 && column <= from + value.length) {
      const quote = /^["']/.test(value) ? 1 : 0;
      const to = from + value.length - (quote === 1 && value.length > 1 && value.endsWith(value[0] ?? "") ? 1 : 0);
      const place = { line, from: Math.min(from + quote, column), to: Math.max(to, column), column };
      return { kind: "value", of: "handoff", key, ...trimmed(current, place) };
    }
  }
  const word = /(?:^\s+|^\s*-\s+|[{,]\s*)([\w-]*)$/.exec(current.slice(0, column));
  if (word === null) {
    return undefined;
  }
  const written = word[1] ?? "";
  const range = rangeOnLine(line, column - written.length, column);
  return { kind: "key", of: "handoff", written, range, present: siblings(lines, line, written), hasColon: false };
}

/** The other keys of the same handoff. */
function siblings(lines: readonly string[], line: number, own: string): string[] {
  let first = line;
  while (first > 0 && !/^\s*-\s/.test(lines[first] ?? "")) {
    first -= 1;
  }
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((each) => /^\s*-\s|^\S/.test(each));
  const ownLines = [lines[first] ?? "", ...(end === -1 ? rest : rest.slice(0, end))];
  const keys = ownLines.flatMap((each) =>
    [...each.matchAll(/(?:^\s*(?:-\s+)?|[{,]\s*)([\w-]+)\s*:/g)].map(([, key = ""]) => key),
  );
  return keys.filter((key) => key !== own);
}

/** A name in braces in the instructions, also one that is not closed yet. */
function placeholderAt(current: string, { line, column }: TextPosition): Cursor | undefined {
  const before = /(?<![{$\\])\{([a-z0-9_]*)$/.exec(current.slice(0, column))?.[1];
  if (before === undefined) {
    return undefined;
  }
  const after = /^[a-z0-9_]*/.exec(current.slice(column))?.[0] ?? "";
  const start = column - before.length;
  const range = rangeOnLine(line, start, column + after.length);
  return { kind: "placeholder", written: before + after, range };
}
