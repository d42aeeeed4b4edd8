/** A position in a text; both numbers count from zero, as editors do. */
export type TextPosition = { line: number; column: number };

export type TextRange = { start: TextPosition; end: TextPosition };

export function isBefore(a: TextPosition, b: TextPosition): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/** Something wrong in a file that a person wrote. Parsers return problems beside a best-effort result; they never throw. */
export type Problem = {
  code: string;
  severity: "error" | "warning" | "information";
  /** A sentence that says what is wrong and what to write instead. */
  message: string;
  range: TextRange;
};

export function rangeOnLine(line: number, startColumn: number, endColumn: number): TextRange {
  return { start: { line, column: startColumn }, end: { line, column: endColumn } };
}

/** An edit that is certainly what was meant. */
export type Fix = { title: string; edits: readonly TextEdit[] };

export type TextEdit = { range: TextRange; text: string };
