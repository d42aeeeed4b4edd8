import type { TextRange } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";

export function rangeOf({ startPosition, endPosition }: PythonNode): TextRange {
  return {
    start: { line: startPosition.row, column: startPosition.column },
    end: { line: endPosition.row, column: endPosition.column },
  };
}
