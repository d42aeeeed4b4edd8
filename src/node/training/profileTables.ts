import { open } from "node:fs/promises";
import { join } from "node:path";
import { type TableFact, tableFacts } from "../../core/training/evaluation/tableFacts.ts";
import { profileTable } from "../../core/training/evaluation/tableProfile.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";

/** The beginning of a larger table stands for it; more would hold up the editor. */
const MAX_BYTES = 512 * 1024;

/** Tables beyond these are parts of one, or logs. */
const MAX_TABLES = 5;

const TABLES = new Set([".csv", ".tsv"]);

/** Where trainings write, which are tables about a training. */
const WRITTEN = /(?:^|\/)(?:logs?|runs?|outputs?|results?|lightning_logs|wandb|mlruns|checkpoints?)\//i;

/** What the data tables of a folder contain, the first few of them, each with its path. Reads texts only. */
export async function profileTables(folder: string, signal: AbortSignal): Promise<(TableFact & { path: string })[]> {
  const { files } = await walkWorkspace(folder, { signal });
  const tables = files.filter(({ path, extension }) => TABLES.has(extension) && !WRITTEN.test(path));
  const facts: (TableFact & { path: string })[] = [];
  for (const { path } of tables.slice(0, MAX_TABLES)) {
    signal.throwIfAborted();
    const { text, isCut } = await readBeginning(join(folder, path));
    const profile = profileTable(text, { isCut });
    if (profile !== undefined && profile.rows > 0) {
      facts.push(...tableFacts(profile, { isCut }).map((fact) => ({ ...fact, path })));
    }
  }
  return facts;
}

/** Empty for a file that is gone or may not be read: what is not known is said to be so. */
async function readBeginning(path: string): Promise<{ text: string; isCut: boolean }> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, MAX_BYTES)), 0);
    return { text: buffer.toString("utf8", 0, bytesRead), isCut: bytesRead < size };
  } catch {
    return { text: "", isCut: false };
  }
}
