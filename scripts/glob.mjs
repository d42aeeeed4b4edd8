import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { root } from "./paths.mjs";

/**
 * The files below a folder of the repository whose path, with slashes, matches one of the patterns; sorted.
 * @param {string} folder
 * @param {readonly RegExp[]} patterns
 */
export async function glob(folder, patterns) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => patterns.some((pattern) => pattern.test(path)))
    .toSorted();
}
