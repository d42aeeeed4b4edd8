import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Curve, type Curves, CurveTable } from "../../core/training/evaluation/curves.ts";
import { errorCode } from "../base/fileErrors.ts";

/** What loggers call the table with one row per epoch; a table per step is larger and says less. */
const TABLE_NAME = /^(?:epochs?|metrics|results|history|training|log)\.csv$/i;

const MAX_DEPTH = 3;
const MAX_TABLE_BYTES = 16 * 2 ** 20;
/** Two thousand rows or so, which take a few milliseconds. */
const CHUNK_BYTES = 128 * 2 ** 10;

/** The newest table of metrics below a folder that was written since a moment; undefined where there is none. */
export async function findCurveTable(folder: string, sinceMs: number): Promise<Curves | undefined> {
  const tables = (await collectTables(folder, MAX_DEPTH)).filter(({ modifiedMs }) => modifiedMs >= sinceMs);
  for (const { path } of tables.toSorted((a, b) => b.modifiedMs - a.modifiedMs)) {
    const curves = await readTable(path);
    if (curves.length > 0) {
      return { path, curves };
    }
  }
  return undefined;
}

/** Piece by piece, since the thread of the editor has other things to do between them. */
async function readTable(path: string): Promise<Curve[]> {
  const table = new CurveTable();
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let offset = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) {
        return table.end();
      }
      table.push(buffer.subarray(0, bytesRead));
      offset += bytesRead;
    }
  } finally {
    await file.close();
  }
}

type Table = { path: string; modifiedMs: number };

async function collectTables(folder: string, depth: number): Promise<Table[]> {
  const entries = await entriesOf(folder);
  const found = await Promise.all(
    entries.map(async (entry): Promise<Table[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        return depth > 0 ? await collectTables(path, depth - 1) : [];
      }
      if (!entry.isFile() || !TABLE_NAME.test(entry.name)) {
        return [];
      }
      const { mtimeMs, size } = await stat(path);
      return size <= MAX_TABLE_BYTES ? [{ path, modifiedMs: mtimeMs }] : [];
    }),
  );
  return found.flat();
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // A log folder that the plan expected and the training never made holds no table.
    if (errorCode(error) === undefined) {
      throw error;
    }
    return [];
  }
}
