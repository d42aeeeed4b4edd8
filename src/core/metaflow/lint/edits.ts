import type { Fix, TextEdit, TextRange } from "../../base/problems.ts";
import { rememberBy } from "../../base/remember.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import type { StepSource } from "../graph/linkFlow.ts";

/** The lines of a file, which rules ask for at each of its steps. */
export const linesOf = rememberBy(({ text }: FlowFile): readonly string[] => text.split(/\r\n|\r|\n/));

export function lineEndOf({ text }: FlowFile): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

export function replace(range: TextRange, text: string): TextEdit {
  return { range, text };
}

export function insertAt(line: number, column: number, text: string): TextEdit {
  return { range: { start: { line, column }, end: { line, column } }, text };
}

/** Removes the last statement of a step; a body that would be empty keeps `pass`. */
export function removeStatement({ source, file }: StepSource, title: string): Fix[] {
  const { start, end } = source.lastStatement;
  const lines = linesOf(file);
  const isAlone = (lines[start.line] ?? "").slice(0, start.column).trim() === "";
  const endsLine = /^\s*(#.*)?$/.test((lines[end.line] ?? "").slice(end.column));
  if (!isAlone || !endsLine) {
    return [];
  }
  const isOnly = /:\s*(#.*)?$/.test(codeBefore(lines, start.line));
  const range = isOnly
    ? source.lastStatement
    : { start: { line: start.line, column: 0 }, end: { line: end.line + 1, column: 0 } };
  return [{ title, edits: [replace(range, isOnly ? "pass" : "")] }];
}

/** The nearest line above that has code. */
function codeBefore(lines: readonly string[], line: number): string {
  for (let at = line - 1; at >= 0; at -= 1) {
    const text = (lines[at] ?? "").trim();
    if (text !== "" && !text.startsWith("#")) {
      return text;
    }
  }
  return "";
}

/** Adds a statement behind the last one of a step, with its indentation; in the place of one that does nothing or leaves the step. */
export function appendStatement({ source, file }: StepSource, statement: string, title: string): Fix[] {
  const { start, end } = source.lastStatement;
  const lines = linesOf(file);
  const indent = (lines[start.line] ?? "").slice(0, start.column);
  if (indent.trim() !== "") {
    return [];
  }
  const isReplaced = /^(?:pass|return)$/.test((lines[start.line] ?? "").replace(/#.*/, "").trim());
  const text = `${lineEndOf(file)}${indent}${statement}`;
  const edit = isReplaced
    ? replace(source.lastStatement, statement)
    : insertAt(end.line, (lines[end.line] ?? "").length, text);
  return [{ title, edits: [edit] }];
}

/** Adds a statement in front of the last one of a step. */
export function prependToLast({ source, file }: StepSource, statement: string, title: string): Fix[] {
  const { start } = source.lastStatement;
  const indent = (linesOf(file)[start.line] ?? "").slice(0, start.column);
  return indent.trim() === ""
    ? [{ title, edits: [insertAt(start.line, start.column, `${statement}${lineEndOf(file)}${indent}`)] }]
    : [];
}
