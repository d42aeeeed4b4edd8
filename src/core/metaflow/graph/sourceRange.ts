import type { TextRange } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";

export function rangeOf({ startPosition, endPosition }: PythonNode): TextRange {
  return {
    start: { line: startPosition.row, column: startPosition.column },
    end: { line: endPosition.row, column: endPosition.column },
  };
}

export function isInside(inner: TextRange, outer: TextRange): boolean {
  return isBefore(outer.start, inner.start) && isBefore(inner.end, outer.end);
}

function isBefore(first: TextRange["start"], second: TextRange["start"]): boolean {
  return first.line < second.line || (first.line === second.line && first.column <= second.column);
}
