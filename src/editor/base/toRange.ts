import * as vscode from "vscode";
import type { TextRange } from "../../core/base/problems.ts";

export function toRange({ start, end }: TextRange): vscode.Range {
  return new vscode.Range(start.line, start.column, end.line, end.column);
}
