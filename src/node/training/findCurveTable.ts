import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Curves, readCurveTable } from "../../core/training/evaluation/curves.ts";
import { errorCode } from "../base/fileErrors.ts";

/** What loggers call the table with one row per epoch; a table per step is larger and says less. */
const TABLE_NAME = /^(?:epochs?|metrics|results|history|training|log)\.csv$/i;

const MAX_DEPTH = 3;
const MAX_TABLE_BYTES = 16 * 2 ** 20;

/** The newest table of metrics below a folder that was written since a moment; undefined where there is none. */
export async function findCurveTable(folder: string, sinceMs: number): Promise<Curves | undefined> {
  const tables = (await collectTables(folder, MAX_DEPTH)).filter(({ modifiedMs }) => modifiedMs >= sinceMs);
  for (const { path } of tables.toSorted((a, b) => b.modifiedMs - a.modifiedMs)) {
    const curves = readCurveTable(await readFile(path, "utf8"));
    if (curves.length > 0) {
      return { path, curves };
    }
  }
  return undefined;
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
