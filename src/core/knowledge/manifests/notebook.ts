import { parseJson } from "../../base/parseJson.ts";
import { collectImports } from "../pythonImportScan.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { addShellLine } from "./shellLine.ts";

export function isNotebook(path: string): boolean {
  return path.endsWith(".ipynb");
}

/** The imports and `%pip install` lines of the code cells; lines are those of the notebook's file. */
export function readNotebook({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const modules = new Set<string>();
  for (const { source, line } of codeCells(text, reading)) {
    const python = source.map((row) => (/^\s*[%!?]/.test(row) ? "\n" : row));
    // A row of a cell is a line of the file, as notebooks are written with one text per row.
    source.forEach((row, index) => {
      if (/^\s*[%!]/.test(row)) {
        addShellLine(reading, row.replace(/^\s*[%!]/, "").trim(), line + index);
      }
    });
    for (const { module, line: row } of collectImports(python.join(""))) {
      const [top = ""] = module.split(".", 1);
      if (top !== "" && !modules.has(top)) {
        modules.add(top);
        reading.add({ kind: "import", module: top, line: line + row });
      }
    }
  }
  return reading.reading;
}

type Cell = { source: readonly string[]; line: number };

function codeCells(text: string, reading: ReadingBuilder): Cell[] {
  const notebook = parseJson(text);
  if (notebook === undefined) {
    reading.report("invalid-notebook", 0, "The notebook cannot be read: it is not JSON.", "error");
    return [];
  }
  const cells = isRecord(notebook) && Array.isArray(notebook["cells"]) ? notebook["cells"] : [];
  let from = 0;
  let line = 0;
  return cells.flatMap((cell: unknown): Cell[] => {
    const written = isRecord(cell) ? cell["source"] : undefined;
    const rows = (Array.isArray(written) ? written : [written]).filter((row) => typeof row === "string");
    const first = rows.find((row) => row.trim() !== "");
    const found = first === undefined ? -1 : text.indexOf(JSON.stringify(first), from);
    if (found !== -1) {
      line += countLines(text, from, found);
      from = found;
    }
    const isCode = isRecord(cell) && cell["cell_type"] === "code";
    return isCode ? [{ source: rows, line }] : [];
  });
}

function countLines(text: string, start: number, end: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", start); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) {
    lines += 1;
  }
  return lines;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
