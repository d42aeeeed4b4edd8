/** Deeper nesting is no log, and would exhaust the stack. */
const MAX_DEPTH = 64;

type Cursor = { text: string; position: number };
type Parsed = { value: unknown };

const NUMBER = /-?(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|Infinity)|NaN/y;
const TEXT = /"((?:[^"\\]|\\.)*)"/y;
const WORD = /true|false|null/y;
const SPACE = /\s*/y;

/** Parses JSON as Python writes it, with NaN and Infinity; undefined where the text is none or has not ended. */
export function parseLooseJson(text: string): unknown {
  const cursor = { text, position: 0 };
  const parsed = parseValue(cursor, 0);
  take(cursor, SPACE);
  return parsed && cursor.position === text.length ? parsed.value : undefined;
}

function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.position;
  const match = pattern.exec(cursor.text) ?? undefined;
  cursor.position += match?.[0].length ?? 0;
  return match;
}

function takeCharacter(cursor: Cursor, character: string): boolean {
  take(cursor, SPACE);
  const isThere = cursor.text[cursor.position] === character;
  cursor.position += isThere ? 1 : 0;
  return isThere;
}

function parseValue(cursor: Cursor, depth: number): Parsed | undefined {
  if (depth > MAX_DEPTH) {
    return undefined;
  }
  if (takeCharacter(cursor, "{")) {
    return parseObject(cursor, depth);
  }
  if (takeCharacter(cursor, "[")) {
    return parseArray(cursor, depth);
  }
  const text = take(cursor, TEXT);
  if (text) {
    return { value: text[1] };
  }
  const number = take(cursor, NUMBER);
  if (number) {
    return { value: Number(number[0]) };
  }
  const word = take(cursor, WORD)?.[0];
  return word === undefined ? undefined : { value: word === "null" ? null : word === "true" };
}

function parseArray(cursor: Cursor, depth: number): Parsed | undefined {
  const items: unknown[] = [];
  if (takeCharacter(cursor, "]")) {
    return { value: items };
  }
  do {
    const item = parseValue(cursor, depth + 1);
    if (!item) {
      return undefined;
    }
    items.push(item.value);
  } while (takeCharacter(cursor, ","));
  return takeCharacter(cursor, "]") ? { value: items } : undefined;
}

/** Objects become maps: a key such as `__proto__` is a name like any other. */
function parseObject(cursor: Cursor, depth: number): Parsed | undefined {
  const fields = new Map<string, unknown>();
  if (takeCharacter(cursor, "}")) {
    return { value: fields };
  }
  do {
    take(cursor, SPACE);
    const key = take(cursor, TEXT)?.[1];
    const value = key !== undefined && takeCharacter(cursor, ":") ? parseValue(cursor, depth + 1) : undefined;
    if (key === undefined || !value) {
      return undefined;
    }
    fields.set(key, value.value);
  } while (takeCharacter(cursor, ","));
  return takeCharacter(cursor, "}") ? { value: fields } : undefined;
}
