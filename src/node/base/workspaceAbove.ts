import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The workspace that a folder belongs to: the nearest one at or above it with a `.trainyard` folder, in the same repository;
 * the folder itself where there is none. Outside of a repository nothing above is looked at: a person's home may have one.
 */
export function workspaceAbove(folder: string): string {
  const inside = foldersOfRepository(folder);
  return inside.find((each) => existsSync(join(each, ".trainyard"))) ?? folder;
}

/** A folder and those above it up to the top of its repository; the folder alone outside of one. */
function foldersOfRepository(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; !existsSync(join(at, ".git")); folders.push(at)) {
    if (at === dirname(at)) {
      return [folder];
    }
    at = dirname(at);
  }
  return folders;
}
