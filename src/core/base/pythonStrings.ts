const NEWLINE = 10;
const RETURN = 13;
const BACKSLASH = 92;

/**
 * The place behind the string literal whose first quote stands at `start`. One that is never closed ends with its line, a
 * triple-quoted one with the text.
 */
export function stringEnd(text: string, start: number): number {
  const triple = (text[start] ?? "").repeat(3);
  return text.startsWith(triple, start) ? tripleEnd(text, start + 3, triple) : lineStringEnd(text, start);
}

function tripleEnd(text: string, start: number, triple: string): number {
  let end = text.indexOf(triple, start);
  while (end !== -1 && isEscaped(text, end)) {
    end = text.indexOf(triple, end + 1);
  }
  return end === -1 ? text.length : end + 3;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) {
    backslashes += 1;
  }
  return backslashes % 2 === 1;
}

function lineStringEnd(text: string, start: number): number {
  const closing = text.charCodeAt(start);
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      at += text.charCodeAt(at + 1) === RETURN && text.charCodeAt(at + 2) === NEWLINE ? 2 : 1;
    } else if (code === closing) {
      return at + 1;
    } else if (code === NEWLINE || code === RETURN) {
      // A string that never ends is a mistake of this line alone.
      return at;
    }
  }
  return text.length;
}

/** Tells of places of a Python text, asked from its beginning to its end, whether they lie outside of strings and comments. */
export function codePlaces(text: string): (at: number) => boolean {
  const opening = /["'#]/g;
  let next = -1;
  return (at) => {
    while (next < at) {
      if (next === -1) {
        next = opening.exec(text)?.index ?? Infinity;
        continue;
      }
      const lineEnd = text.indexOf("\n", next);
      const end = text[next] === "#" ? (lineEnd === -1 ? text.length : lineEnd) : stringEnd(text, next);
      if (end > at) {
        return false;
      }
      opening.lastIndex = end;
      next = opening.exec(text)?.index ?? Infinity;
    }
    return true;
  };
}

/**
 * Where the logical line that begins at `start` ends: the line end that is in no string and no brackets and has no backslash
 * before it, or the end of the text. `codeEnd` is where a comment behind its code begins, else the same place.
 */
export function logicalLineAt(text: string, start: number): { codeEnd: number; end: number } {
  const mark = /["'#\\\n()[\]{}]/g;
  mark.lastIndex = start;
  let depth = 0;
  let comment: number | undefined;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    switch (found[0]) {
      case "\n":
        if (depth === 0) {
          return { codeEnd: comment ?? found.index, end: found.index };
        }
        comment = undefined;
        break;
      case "(":
      case "[":
      case "{":
        depth += 1;
        break;
      case ")":
      case "]":
      case "}":
        depth = Math.max(0, depth - 1);
        break;
      case "\\":
        mark.lastIndex += text.startsWith("\r\n", mark.lastIndex) ? 2 : 1;
        break;
      case "#": {
        const lineEnd = text.indexOf("\n", found.index);
        comment = found.index;
        mark.lastIndex = lineEnd === -1 ? text.length : lineEnd;
        break;
      }
      default:
        mark.lastIndex = stringEnd(text, found.index);
    }
  }
  return { codeEnd: comment ?? text.length, end: text.length };
}

/** Where the logical line that begins at `start` ends, whatever comment is in it. */
export function logicalLineEnd(text: string, start: number): number {
  return logicalLineAt(text, start).end;
}
