import { basename } from "node:path";
import { readFreshCheckpoint } from "./readCheckpoint.ts";

/** Endings that other data have as well, so that a file which is no checkpoint is no mistake. */
const AMBIGUOUS = /\.(?:bin|npz|pkl|pickle|joblib|h5|hdf5|index|tar)$/i;

/** What is wrong with a checkpoint that is handed over, as a sentence; undefined for one that is whole and can be read. */
export async function judgeCheckpoint(path: string): Promise<string | undefined> {
  const { completeness, format } = await readFreshCheckpoint(path);
  if (completeness.state === "torn" || completeness.state === "writing") {
    return `${basename(path)} is not whole: ${completeness.reason}.`;
  }
  return format === "unknown" && !AMBIGUOUS.test(path)
    ? `${basename(path)} is no checkpoint that can be read: ${completeness.reason}.`
    : undefined;
}
