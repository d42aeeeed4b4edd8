import { type NotebookRow, readCodeCells } from "../../base/notebookCells.ts";
import { logicalLineEnd } from "../../base/pythonStrings.ts";
import type { MlFinding } from "./mlRule.ts";

/** Of a line: the cell it stands in, and where within that. `line` counts from zero, `cell` from one. */
type Place = { cell: number; line: number };

/** A notebook as one script, which is how its cells see each other; `places` of its lines. */
export type NotebookScript = { text: string; places: readonly Place[]; fileLines: readonly number[] };

/** A finding in a cell; its range counts from the beginning of the cell. */
export type CellFinding = MlFinding & { cell: number; fileLine: number };

/** Commands of IPython around Python; what stands below any other of its kind is another language, or no code. */
const AROUND_PYTHON = /^%%(?:time|timeit|capture|prun|memit|mprun|skip)\b/;

/** `files = !ls`, `result = %timeit -o f()` */
const ASSIGNED_COMMAND = /^([\w\s.,*[\]]+)=\s*(?:%\s*[A-Za-z_]|!)/;

/**
 * The code of a notebook from its first cell to its last, as if it was run in this order: nobody can tell another one. What is
 * for IPython alone is left out. A sentence where the text is no notebook.
 */
export function notebookScript(text: string): NotebookScript | string {
  const notebook = readCodeCells(text);
  if ("reason" in notebook) {
    return `The notebook cannot be read: ${notebook.reason}.`;
  }
  const rows = notebook.cells.flatMap(({ number, rows: own }) => {
    const python = pythonOf(own);
    return own.map(({ line: fileLine }, line) => ({ cell: number, line, fileLine, text: python[line] ?? "" }));
  });
  return {
    text: rows.map((row) => row.text).join("\n"),
    places: rows.map(({ cell, line }) => ({ cell, line })),
    fileLines: rows.map(({ fileLine }) => fileLine),
  };
}

/** The lines of a cell, each in its place; those that are no Python are empty, or do nothing. */
function pythonOf(rows: readonly NotebookRow[]): string[] {
  const first = rows.find(({ text }) => text.trim() !== "")?.text ?? "";
  if (/^%%\w/.test(first) && !AROUND_PYTHON.test(first)) {
    return rows.map(() => "");
  }
  const text = rows.map((row) => row.text).join("\n");
  const python: string[] = [];
  // Whole statements, since only their beginnings can be commands: `% (a, b)` may also stand within one, or in a text.
  for (let at = 0; python.length < rows.length; ) {
    const replacement = withoutCommand(rows[python.length]?.text ?? "");
    const end = replacement === undefined ? logicalLineEnd(text, at) : endOfCommand(text, at);
    for (const [index, line] of text.slice(at, end).split("\n").entries()) {
      python.push(replacement === undefined ? line : index === 0 ? replacement : "");
    }
    at = end + 1;
  }
  return python;
}

/** What stands for the first line of a statement of IPython; undefined where it is Python. */
function withoutCommand(line: string): string | undefined {
  if (line.startsWith("%%")) {
    return "";
  }
  const code = line.trimStart();
  const indent = line.slice(0, line.length - code.length);
  if (/^[%!?]/.test(code) || /^[\w.]+\?{1,2}\s*$/.test(code)) {
    // A block that holds nothing else stays one.
    return `${indent}pass`;
  }
  const targets = ASSIGNED_COMMAND.exec(code)?.[1];
  return targets === undefined ? undefined : `${indent}${targets}= None`;
}

/** A command goes on where its line ends with a backslash, whatever quotes and brackets it has. */
function endOfCommand(text: string, start: number): number {
  let end = text.indexOf("\n", start);
  while (end !== -1 && text[end - 1] === "\\") {
    end = text.indexOf("\n", end + 1);
  }
  return end === -1 ? text.length : end;
}

/** The findings about a script, each in its cell; lines that they speak of are named by their cells too. */
export function inCells(findings: readonly MlFinding[], { places, fileLines }: NotebookScript): CellFinding[] {
  return findings.map((finding) => {
    const { start, end } = finding.range;
    const { cell, line } = places[start.line] ?? { cell: 1, line: 0 };
    const endLine = Math.max(line, places[end.line]?.line ?? line);
    return {
      ...finding,
      message: finding.message.replaceAll(/\bline (\d+)\b/g, (said, number: string) => {
        const place = places[Number(number) - 1];
        return place === undefined ? said : `line ${place.line + 1} of cell ${place.cell}`;
      }),
      range: { start: { line, column: start.column }, end: { line: endLine, column: end.column } },
      cell,
      fileLine: fileLines[start.line] ?? 0,
      // They are edits of a script.
      fixes: [],
    };
  });
}
