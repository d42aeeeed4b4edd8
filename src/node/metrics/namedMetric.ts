import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { entryNumbers, parseTolerant } from "../../core/metrics/jsonLog.ts";
import { LogFolder } from "./logFolder.ts";

/** The results of an evaluation; what is longer is a log. */
const MAX_JSON_BYTES = 5_000_000;
/** Results lie a few levels deep: by split, by class, by metric. */
const MAX_DEPTH = 6;

type NamedValue = readonly [name: string, value: number | undefined];

/**
 * The last value of a metric in one file: a log that Trainyard follows, or a JSON object of results. Undefined where the file
 * has no number of this name. Throws UserError where several could be meant.
 */
export async function readNamedMetric(
  path: string,
  metric: string,
): Promise<{ name: string; value: number } | undefined> {
  const all = await readLastValues(path);
  const exact = all.filter(([name]) => name === metric);
  const meant =
    exact.length > 0 ? exact : all.filter(([name]) => name.endsWith(`/${metric}`) || name.endsWith(`.${metric}`));
  if (meant.length > 1) {
    throw new UserError(
      `${basename(path)} holds ${meant.length} series that could be ${metric}: ${meant.map(([name]) => name).join(", ")}. Name one of them in full, in a file of one run.`,
    );
  }
  const [name = "", value] = meant[0] ?? [];
  return value === undefined ? undefined : { name, value };
}

async function readLastValues(path: string): Promise<readonly NamedValue[]> {
  if (extname(path) === ".json" && basename(path) !== "trainer_state.json") {
    return readResults(path);
  }
  const logs = new LogFolder(path);
  await logs.update();
  return logs.runs.flatMap(({ series }) => series.map(({ tag, values }) => [tag, values.at(-1)] as const));
}

async function readResults(path: string): Promise<readonly NamedValue[]> {
  if ((await stat(path)).size > MAX_JSON_BYTES) {
    throw new UserError(`${path} is longer than ${MAX_JSON_BYTES / 1e6} MB, which results of an evaluation are not.`);
  }
  return numbersOf(parseTolerant(await readFile(path, "utf8")), "", 0);
}

/** `{"test": {"accuracy": 0.97}}` holds `test.accuracy`. */
function numbersOf(results: unknown, prefix: string, depth: number): NamedValue[] {
  if (typeof results !== "object" || results === null || Array.isArray(results) || depth > MAX_DEPTH) {
    return [];
  }
  const own = entryNumbers(results).map(([name, value]): NamedValue => [`${prefix}${name}`, value]);
  const nested = Object.entries(results).flatMap(([name, value]) => numbersOf(value, `${prefix}${name}.`, depth + 1));
  return [...own, ...nested];
}
