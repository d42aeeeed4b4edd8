/** A word of a shell's text without its quotes; `isPlain`: without anything that only the shell could tell, as `$i` or a pattern. */
export type ShellWord = { text: string; isPlain: boolean };
export type ShellToken = { kind: "word"; word: ShellWord } | { kind: "operator"; text: string };

const OPERATOR = /&>>|&>|&&|&|\|\||\|&|\||;;|;|\n|\(|\)|\d*(?:<<<|<<-|<<|<>|<&|<|>>|>&|>\||>)/y;
const FROM_TEXT = /^\d*<<-?$/;

/**
 * The words and operators of a POSIX shell's text, a line end among them, by the rules of its manual's "Token Recognition";
 * comments, continued lines and the texts below `<<END` are none.
 */
export function* shellTokens(text: string): Generator<ShellToken> {
  /** The ends of the texts below the line, that `<<` names in it. */
  let ends: string[] = [];
  let isEnd = false;
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? "";
    if (char === " " || char === "\t" || char === "\r") {
      at += 1;
      continue;
    }
    if (text.startsWith("\\\n", at)) {
      at += 2;
      continue;
    }
    if (char === "#") {
      at = endOf(text, "\n", at);
      continue;
    }
    OPERATOR.lastIndex = at;
    const [operator] = OPERATOR.exec(text) ?? [];
    if (operator !== undefined) {
      at += operator.length;
      if (operator === "\n") {
        at = ends.reduce((from, end) => behindText(text, from, end), at);
        ends = [];
      }
      isEnd = FROM_TEXT.test(operator);
      yield { kind: "operator", text: operator };
      continue;
    }
    const { word, end } = wordAt(text, at);
    if (isEnd) {
      ends.push(word.text);
      isEnd = false;
    }
    at = end;
    yield { kind: "word", word };
  }
}

function endOf(text: string, what: string, from: number): number {
  const end = text.indexOf(what, from);
  return end === -1 ? text.length : end;
}

/** Behind the line that ends the text which begins here; the end of all where there is none. */
function behindText(text: string, from: number, end: string): number {
  for (let at = from; at < text.length; ) {
    const lineEnd = endOf(text, "\n", at);
    if (text.slice(at, lineEnd).trim() === end) {
      return lineEnd;
    }
    at = lineEnd + 1;
  }
  return text.length;
}

const BEHIND_WORD = /[\s;&|<>()]/;

function wordAt(text: string, from: number): { word: ShellWord; end: number } {
  let word = "";
  let isPlain = true;
  let at = from;
  while (at < text.length && !BEHIND_WORD.test(text[at] ?? "")) {
    const char = text[at] ?? "";
    if (char === "'" || char === '"') {
      const end = quoteEnd(text, at);
      const inside = text.slice(at + 1, end);
      isPlain &&= char === "'" || !/[$`\\]/.test(inside);
      word += inside;
      at = end + 1;
    } else if (char === "\\") {
      word += text[at + 1] ?? "";
      at += 2;
    } else {
      isPlain &&= !/[$`*?[~]/.test(char);
      word += char;
      at += 1;
    }
  }
  return { word: { text: word, isPlain }, end: Math.max(at, from + 1) };
}

function quoteEnd(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') {
      at += 1;
    } else if (text[at] === quote) {
      return at;
    }
  }
  return text.length;
}
