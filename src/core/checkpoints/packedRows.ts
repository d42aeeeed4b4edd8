import type { TableRow } from "./tensorTable.ts";

export type ModuleRow = Omit<Extract<TableRow, { kind: "module" }>, "kind" | "level">;

/**
 * The rows of a table as columns, since 100,000 objects are slow to send between threads and windows: for a tensor its
 * place in the file, for a module -1 less its place in `modules`.
 */
export type PackedRows = { places: Int32Array; levels: Uint8Array; modules: readonly ModuleRow[] };

export function packRows(rows: readonly TableRow[]): PackedRows {
  const places = new Int32Array(rows.length);
  const levels = new Uint8Array(rows.length);
  const modules: ModuleRow[] = [];
  for (const [at, row] of rows.entries()) {
    levels[at] = row.level;
    if (row.kind === "tensor") {
      places[at] = row.index;
    } else {
      const { name, count, sizeBytes, isOpen } = row;
      places[at] = -1 - modules.length;
      modules.push({ name, count, sizeBytes, isOpen });
    }
  }
  return { places, levels, modules };
}
