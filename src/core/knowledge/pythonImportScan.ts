import { stringEnd } from "../base/pythonStrings.ts";

/** A module that a Python file imports, as written: `torch.nn`, `.data`, `..`. Lines count from zero. */
export type ImportedModule = { module: string; line: number };

const NEWLINE = 10;
const RETURN = 13;
const HASH = 35;
const BACKSLASH = 92;
const DOT = 46;

/**
 * The imports of a file in the order of its lines, functions and conditions included. A scanner and no parser, since a
 * workspace has tens of thousands of files: it knows strings, comments, brackets and continued lines, and stops behind
 * the last place where an import may stand. For text that is no valid Python it gives what it understands.
 */
export function collectImports(text: string): ImportedModule[] {
  const end = lastImport(text);
  return end === -1 ? [] : new ImportScanner(text, end).scan();
}

/** Behind the last `import` that begins a statement or follows a `from`; strings may still hold it. */
function lastImport(text: string): number {
  for (let at = text.lastIndexOf("import"); at !== -1; at = at === 0 ? -1 : text.lastIndexOf("import", at - 1)) {
    if (!isWordStart(text.charCodeAt(at + 6)) && mayBeginImport(text, at)) {
      return at + 6;
    }
  }
  return -1;
}

/**
 * Judged by the few words before it: the beginning of a line, `;`, `:`, or a `from` with the name of a module. Prose is
 * full of the word, so that this looks no further than names and dots reach, and never behind another `import`: no
 * part of a text is looked at for two of them.
 */
function mayBeginImport(text: string, at: number): boolean {
  if (isWordStart(text.charCodeAt(at - 1))) {
    return false;
  }
  let before = skipBlanksBack(text, at - 1);
  if (before < 0 || STATEMENT_STARTS.has(text.charCodeAt(before))) {
    return true;
  }
  let isBehindName = false;
  for (;;) {
    const code = text.charCodeAt(before);
    if (isLineEnd(code)) {
      return true;
    }
    // `from os . path import join` is Python as well; two names in a row are prose.
    if (code === DOT) {
      isBehindName = false;
      before = skipBlanksBack(text, before - 1);
      continue;
    }
    const start = wordStart(text, before);
    const word = text.slice(start, before + 1);
    if (word === "from") {
      return true;
    }
    if (word === "" || word === "import" || isBehindName) {
      return false;
    }
    isBehindName = true;
    before = skipBlanksBack(text, start - 1);
  }
}

/** Where the word that ends at an index begins; the place behind it where there is none. */
function wordStart(text: string, end: number): number {
  let start = end + 1;
  while (isWordStart(text.charCodeAt(start - 1))) {
    start -= 1;
  }
  return start;
}

/** Line ends, `:`, `;` and a byte order mark. */
const STATEMENT_STARTS: ReadonlySet<number> = new Set([NEWLINE, RETURN, 58, 59, 0xfeff]);

function skipBlanksBack(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) {
    at -= 1;
  }
  return at;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 12;
}

class ImportScanner {
  readonly #text: string;
  readonly #end: number;
  readonly #found: ImportedModule[] = [];
  #at = 0;
  #line = 0;
  #depth = 0;
  #isStatementStart = true;

  constructor(text: string, end: number) {
    this.#text = text;
    this.#end = end;
  }

  scan(): ImportedModule[] {
    // What follows the last `import` may be its module, so that only the beginning of a statement is bounded.
    while (this.#at < this.#end) {
      const code = this.#text.charCodeAt(this.#at);
      if (isWordStart(code)) {
        this.#readWord();
      } else {
        this.#readMark(code);
      }
    }
    return this.#found;
  }

  #readWord(): void {
    const start = this.#at;
    this.#at = wordEnd(this.#text, start);
    if (!this.#isStatementStart || this.#depth > 0) {
      return;
    }
    this.#isStatementStart = false;
    const length = this.#at - start;
    if (length === 6 && this.#text.startsWith("import", start)) {
      this.#readImport();
    } else if (length === 4 && this.#text.startsWith("from", start)) {
      this.#readFrom();
    }
  }

  #readMark(code: number): void {
    switch (code) {
      case NEWLINE:
        this.#endLine();
        break;
      case RETURN:
        if (this.#text.charCodeAt(this.#at + 1) === NEWLINE) {
          this.#at += 1;
        }
        this.#endLine();
        break;
      case HASH:
        this.#skipComment();
        break;
      case BACKSLASH:
        this.#at += 1;
        this.#skipNewline();
        break;
      case 34:
      case 39:
        this.#skipString();
        this.#isStatementStart = false;
        break;
      default:
        this.#readPunctuation(code);
        this.#at += 1;
    }
  }

  #readPunctuation(code: number): void {
    switch (code) {
      case 40: // (
      case 91: // [
      case 123: // {
        this.#depth += 1;
        this.#isStatementStart = false;
        break;
      case 41: // )
      case 93: // ]
      case 125: // }
        this.#depth = Math.max(0, this.#depth - 1);
        break;
      case 58: // : begins the body of a statement on one line
      case 59: // ;
        this.#isStatementStart = this.#depth === 0;
        break;
      case 32:
      case 9:
      case 12:
      case 0xfeff:
        break;
      default:
        this.#isStatementStart = false;
    }
  }

  #endLine(): void {
    this.#at += 1;
    this.#line += 1;
    if (this.#depth === 0) {
      this.#isStatementStart = true;
    }
  }

  #skipComment(): void {
    while (this.#at < this.#text.length && !isLineEnd(this.#text.charCodeAt(this.#at))) {
      this.#at += 1;
    }
  }

  /** After a backslash the next line belongs to this one. */
  #skipNewline(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code === RETURN || code === NEWLINE) {
      this.#at += code === RETURN && this.#text.charCodeAt(this.#at + 1) === NEWLINE ? 2 : 1;
      this.#line += 1;
    }
  }

  #skipString(): void {
    const end = stringEnd(this.#text, this.#at);
    this.#line += countLines(this.#text, this.#at, end);
    this.#at = end;
  }

  /** `import a.b, c as d` */
  #readImport(): void {
    const line = this.#line;
    for (;;) {
      const module = this.#readDotted();
      if (module === "") {
        return;
      }
      this.#found.push({ module, line });
      this.#skipBlanks();
      if (this.#text.startsWith("as", this.#at) && wordEnd(this.#text, this.#at) === this.#at + 2) {
        this.#at += 2;
        this.#skipBlanks();
        this.#at = wordEnd(this.#text, this.#at);
        this.#skipBlanks();
      }
      if (this.#text[this.#at] !== ",") {
        return;
      }
      this.#at += 1;
    }
  }

  /** `from ..a.b import …`: what is taken out of the module does not matter. */
  #readFrom(): void {
    const line = this.#line;
    const module = this.#readDotted();
    this.#skipBlanks();
    const isImport = this.#text.startsWith("import", this.#at) && wordEnd(this.#text, this.#at) === this.#at + 6;
    if (module !== "" && isImport) {
      this.#found.push({ module, line });
      this.#at += 6;
    }
  }

  /** Names and dots; blanks may stand between them, as in `from . import x` and `import os . path`. */
  #readDotted(): string {
    let dotted = "";
    let isNameNext = true;
    for (;;) {
      this.#skipBlanks();
      const code = this.#text.charCodeAt(this.#at);
      if (code === DOT) {
        dotted += ".";
        isNameNext = true;
        this.#at += 1;
      } else if (isWordStart(code) && isNameNext) {
        const end = wordEnd(this.#text, this.#at);
        const word = this.#text.slice(this.#at, end);
        if (word === "import") {
          return dotted;
        }
        dotted += word;
        isNameNext = false;
        this.#at = end;
      } else {
        return dotted;
      }
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (isBlank(code)) {
        this.#at += 1;
      } else if (code === BACKSLASH && /[\r\n]/.test(this.#text[this.#at + 1] ?? "")) {
        this.#at += 1;
        this.#skipNewline();
      } else {
        return;
      }
    }
  }
}

function isLineEnd(code: number): boolean {
  return code === NEWLINE || code === RETURN;
}

/** Letters, digits, `_` and everything beyond ASCII: what a number begins with is skipped like a word. */
function isWordStart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    (code >= 48 && code <= 57) ||
    (code > 127 && code !== 0xfeff)
  );
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWordStart(text.charCodeAt(end))) {
    end += 1;
  }
  return end;
}

function countLines(text: string, start: number, end: number): number {
  let lines = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || (code === RETURN && text.charCodeAt(at + 1) !== NEWLINE)) {
      lines += 1;
    }
  }
  return lines;
}
