import { basename, dirname, extname, join, sep } from "node:path";
import { isMetricLog, isPrintedLog } from "./metricLook.ts";

/** A folder without a log of a usual name, and the files in it. */
export type UnnamedFolder = { folder: string; names: readonly string[] };

/** `printed`: what a shell or a cluster's scheduler wrote to a file. */
export type UnnamedLog = { path: string; kind: "csv" | "jsonl" | "printed" };

const KIND_OF_ENDING = new Map<string, UnnamedLog["kind"]>([
  ["csv", "csv"],
  ["jsonl", "jsonl"],
  ["ndjson", "jsonl"],
  ["log", "printed"],
  ["out", "printed"],
  ["err", "printed"],
]);

/** Of more such files beside each other each is most likely a piece of data. */
const MAX_BESIDE = 500;
/** What is printed by the runs of a supervisor is shown with them. */
const OWN_FOLDER = `${sep}.trainyard${sep}`;

/**
 * The logs with names of their own, by a look inside. Below or above a log of a usual name, whose folder `named` has, they
 * are most likely another form of the same run, and so is what was printed beside tables.
 */
export async function findUnnamedLogs(
  folders: readonly UnnamedFolder[],
  named: readonly string[],
): Promise<UnnamedLog[]> {
  const withLog = new Set(named);
  const above = new Set(named.flatMap(parentsOf));
  const found: UnnamedLog[][] = [];
  for (const { folder, names } of folders) {
    const logs = names.flatMap((name) => kindOf(join(folder, name)) ?? []);
    const isOther = !above.has(folder) && !parentsOf(folder).some((parent) => withLog.has(parent));
    if (isOther && logs.length <= MAX_BESIDE) {
      const exact = await keepLogs(logs.filter(({ kind }) => kind !== "printed"));
      found.push(exact.length > 0 ? exact : await keepLogs(logs));
    }
  }
  return found.flat();
}

async function keepLogs(logs: readonly UnnamedLog[]): Promise<UnnamedLog[]> {
  const kept: UnnamedLog[] = [];
  for (const log of logs) {
    if (await (log.kind === "printed" ? isPrintedLog(log.path) : isMetricLog(log.path))) {
      kept.push(log);
    }
  }
  return kept;
}

function kindOf(path: string): UnnamedLog | undefined {
  const ending = basename(path) === "log.txt" ? "log" : extname(path).slice(1).toLowerCase();
  const kind = path.includes(OWN_FOLDER) ? undefined : KIND_OF_ENDING.get(ending);
  return kind && { path, kind };
}

function parentsOf(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...parentsOf(parent)];
}
