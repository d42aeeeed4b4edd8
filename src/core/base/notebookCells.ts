import { findJsonError } from "./jsonError.ts";
import { parseJson } from "./parseJson.ts";

/** A line of code without its end, and the line of the file on which it is written; both count from zero. */
export type NotebookRow = { text: string; line: number };

/** A cell of code; `number` counts all cells of the notebook from one, as editors do. */
export type CodeCell = { number: number; rows: readonly NotebookRow[] };

/** `reason`: why the file is no notebook, as the end of a sentence; `line` counts from zero. */
export type NotebookCells = { cells: readonly CodeCell[] } | { reason: string; line: number };

export function isNotebook(path: string): boolean {
  return path.endsWith(".ipynb");
}

/** The cells of code in the text of a notebook. Never throws. */
export function readCodeCells(text: string): NotebookCells {
  // Python writes numbers that JSON does not have, and reads them again.
  const notebook = parseJson(text) ?? parseJson(withoutPythonNumbers(text));
  if (notebook === undefined) {
    return findJsonError(withoutPythonNumbers(text)) ?? { line: 0, reason: "it is not JSON" };
  }
  const cells = isRecord(notebook) ? notebook["cells"] : undefined;
  if (!Array.isArray(cells)) {
    const isOld = isRecord(notebook) && Array.isArray(notebook["worksheets"]);
    const reason = isOld
      ? "it is of version 3 of the format. Convert it with `jupyter nbconvert --to notebook`"
      : "it has no list of `cells`";
    return { line: 0, reason };
  }
  const texts = new JsonTexts(text);
  return {
    cells: cells.flatMap((cell: unknown, index): CodeCell[] => {
      if (!isRecord(cell)) {
        return [];
      }
      // One text with all lines, or a list of texts of one line each (nbformat's `multiline_string`).
      const written = cell["source"];
      const pieces = (Array.isArray(written) ? written : [written]).filter(
        (piece) => typeof piece === "string" && piece !== "",
      );
      if (pieces.length > 0) {
        texts.find("source");
      }
      const rows = joinPieces(pieces.map((piece) => ({ text: piece, line: texts.find(piece) })));
      return cell["cell_type"] === "code" ? [{ number: index + 1, rows }] : [];
    }),
  };
}

/** `NaN` and `Infinity` outside of texts as `null`; all else keeps its line. */
function withoutPythonNumbers(text: string): string {
  const mark = /"|-?\bInfinity\b|\bNaN\b/g;
  const parts: string[] = [];
  let from = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') {
      mark.lastIndex = endOfText(text, found.index);
    } else {
      parts.push(text.slice(from, found.index), "null");
      from = mark.lastIndex;
    }
  }
  return parts.join("") + text.slice(from);
}

/** Behind the closing quote of the JSON text that begins at `start`, which no odd number of backslashes precedes. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === "\\") {
      backslashes += 1;
    }
    if (backslashes % 2 === 0) {
      return end + 1;
    }
  }
  return json.length;
}

/** Lines, each with the place of the piece in which it begins. */
function joinPieces(pieces: readonly NotebookRow[]): NotebookRow[] {
  const rows: NotebookRow[] = [];
  let isLineStart = true;
  for (const { text, line } of pieces) {
    const lines = text.split(/\r?\n/);
    for (const [index, part] of lines.entries()) {
      const last = rows.at(-1);
      if (index === 0 && !isLineStart && last !== undefined) {
        last.text += part;
      } else if (index < lines.length - 1 || part !== "") {
        rows.push({ text: part, line });
      }
    }
    isLineStart = lines.at(-1) === "";
  }
  return rows;
}

/** The texts of a JSON file from the first to the last: what was parsed from it is found again in one pass. */
class JsonTexts {
  readonly #json: string;
  #at = 0;
  #line = 0;
  /** The first line end that is not counted yet. Many notebooks are one long line, which is searched once. */
  #lineEnd: number;

  constructor(json: string) {
    this.#json = json;
    this.#lineEnd = json.indexOf("\n");
  }

  /** The line on which the next text that is equal stands. */
  find(wanted: string): number {
    const spelled = JSON.stringify(wanted);
    for (let start = this.#next(); start !== -1; start = this.#next()) {
      const end = endOfText(this.#json, start);
      const written = this.#json.slice(start, end);
      this.#at = end;
      // Whoever wrote the file may have escaped more than need be.
      if (written === spelled || (written.includes("\\") && parseJson(written) === wanted)) {
        break;
      }
    }
    return this.#line;
  }

  /** Where the next text begins; the lines before it are counted. */
  #next(): number {
    const found = this.#json.indexOf('"', this.#at);
    while (this.#lineEnd !== -1 && this.#lineEnd < found) {
      this.#line += 1;
      this.#lineEnd = this.#json.indexOf("\n", this.#lineEnd + 1);
    }
    this.#at = found === -1 ? this.#json.length : found;
    return found;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
