import { readCodeCells } from "../../base/notebookCells.ts";
import { collectImports } from "../pythonImportScan.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { addShellLine } from "./shellLine.ts";

/** The imports and `%pip install` lines of the code cells; lines are those of the notebook's file. */
export function readNotebook({ text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const modules = new Set<string>();
  const notebook = readCodeCells(text);
  if ("reason" in notebook) {
    reading.report("invalid-notebook", notebook.line, `The notebook cannot be read: ${notebook.reason}.`, "error");
    return reading.reading;
  }
  for (const { rows } of notebook.cells) {
    for (const { text: row, line } of rows) {
      if (/^\s*[%!]/.test(row)) {
        addShellLine(reading, row.trimStart().slice(1).trim(), { line });
      }
    }
    const python = rows.map((row) => (/^\s*[%!?]/.test(row.text) ? "" : row.text));
    for (const { module, line } of collectImports(python.join("\n"))) {
      const [top = ""] = module.split(".", 1);
      if (top !== "" && !modules.has(top)) {
        modules.add(top);
        reading.add({ kind: "import", module: top, line: rows[line]?.line ?? 0 });
      }
    }
  }
  return reading.reading;
}
