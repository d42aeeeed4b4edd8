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
/** After so many that are none the rest is most likely data as well: each is looked at again whenever the curves are. */
const MAX_IN_VAIN = 2_000;
/** What is printed by the runs of a supervisor is shown with them. */
const OWN_FOLDER = `${sep}.trainyard${sep}`;

/**
 * The logs with names of their own, by a look inside, and the folders that have too many files for one. Below or above a log
 * of a usual name, whose folder `named` has, they are most likely another form of the same run, and so is what was printed
 * beside tables.
 */
export async function findUnnamedLogs(
  folders: readonly UnnamedFolder[],
  named: readonly string[],
): Promise<{ logs: UnnamedLog[]; unseen: string[] }> {
  const withLog = new Set(named);
  const above = new Set(named.flatMap(parentsOf));
  const found: UnnamedLog[][] = [];
  const unseen: string[] = [];
  let inVain = 0;
  for (const { folder, names } of folders) {
    const files = names.flatMap((name) => kindOf(join(folder, name)) ?? []);
    const isOther = !above.has(folder) && !parentsOf(folder).some((parent) => withLog.has(parent));
    if (!isOther || files.length === 0) {
      continue;
    }
    if (files.length > MAX_BESIDE || inVain >= MAX_IN_VAIN) {
      unseen.push(folder);
      continue;
    }
    const tables = files.filter(({ kind }) => kind !== "printed");
    const exact = await keepLogs(tables);
    const printed = exact.length > 0 ? [] : await keepLogs(files.filter(({ kind }) => kind === "printed"));
    inVain += exact.length > 0 ? tables.length - exact.length : files.length - printed.length;
    found.push(exact, printed);
  }
  return { logs: found.flat(), unseen };
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
