import { parseConsoleNumber } from "./consoleNumber.ts";
import type { MetricReader, ScalarSink } from "./metricReader.ts";
import { addNamedRow } from "./namedRow.ts";
import { TextLines } from "./textLines.ts";

/**
 * Reads a CSV log: Lightning's and Keras's CSVLogger, Ultralytics (padded names), timm, and a script's own. Cells that
 * are empty or no number hold no value. A header that is rewritten in place is a new file for whoever feeds this.
 */
export class CsvLogReader implements MetricReader {
  damaged = 0;
  readonly #sink: ScalarSink;
  readonly #lines = new TextLines();
  #header: readonly string[] | undefined;
  #rows = 0;

  constructor(sink: ScalarSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      this.#readLine(line);
    }
  }

  #readLine(line: string): void {
    if (line.trim() === "") {
      return;
    }
    const cells = splitCells(line);
    if (this.#header === undefined) {
      this.#header = cells;
      return;
    }
    if (cells.length > this.#header.length) {
      this.damaged++;
      return;
    }
    const row = new Map<string, number>();
    for (const [index, name] of this.#header.entries()) {
      const value = parseConsoleNumber(cells[index] ?? "");
      if (name !== "" && value !== undefined) {
        row.set(name, value);
      }
    }
    addNamedRow(this.#sink, row, this.#rows++);
  }
}

function splitCells(line: string): string[] {
  if (!line.includes('"')) {
    return line.split(",").map((cell) => cell.trim());
  }
  const cells = line.match(/(?:"(?:[^"]|"")*"|[^,])*(?:,|$)/g) ?? [];
  const texts = cells.map((cell) => cell.replace(/,$/, "").trim());
  // The pattern also matches the nothing behind the last cell.
  return texts.slice(0, -1).map((text) => text.replace(/^"|"$/g, "").replaceAll('""', '"'));
}
