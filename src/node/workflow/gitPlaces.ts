import { lstat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { askProgram } from "../base/askProgram.ts";
import { unlessMissing } from "../base/fileErrors.ts";
import { contains, realpathOfNew } from "../base/workspacePath.ts";
import { foldName } from "./closedNames.ts";

/** Of a machine that is busy: without an answer hooks are looked for nowhere but in their usual places. */
const TIMEOUT_MS = 20_000;

/**
 * Whether a file belongs to git itself, and not to the project: it lies in a repository of any name (a bare one, or the folder
 * that a `.git` file leads to), it would make a folder one, or it is a hook where the settings of git look for them. What lies
 * there runs with the next command of git, or decides what runs. Paths are real ones.
 */
export async function belongsToGit(workspaceFolder: string, file: string): Promise<boolean> {
  // Without a HEAD no folder is a repository, whatever else it holds.
  const isHead = foldName(basename(file)) === "head" && !(await isFolder(file));
  return isHead || (await isInRepository(workspaceFolder, dirname(file))) || (await isHook(workspaceFolder, file));
}

/** git takes a folder with HEAD, `objects` and `refs`, or with HEAD and `commondir`, for a repository, without being told. */
async function isInRepository(workspaceFolder: string, folder: string): Promise<boolean> {
  if (!contains(workspaceFolder, folder)) {
    return false;
  }
  const head = await unlessMissing(lstat(join(folder, "HEAD")));
  const isRepository = head !== undefined && !head.isDirectory();
  return isRepository || (folder !== workspaceFolder && (await isInRepository(workspaceFolder, dirname(folder))));
}

/** Where hooks lie is a setting (`core.hooksPath`) that any file of settings can make: git itself knows. */
async function isHook(workspaceFolder: string, file: string): Promise<boolean> {
  const folder = await existingFolder(dirname(file));
  const asked = ["-c", "core.fsmonitor=false", "rev-parse", "--git-path", "hooks"];
  const answer = await askProgram("git", asked, folder, { timeout: TIMEOUT_MS });
  const path = answer?.replace(/\n$/, "") ?? "";
  if (path === "") {
    return false;
  }
  const hooks = await realpathOfNew(resolve(folder, path));
  // Where the project itself is named, its files stay open but for those that can be hooks, whose names have no ending.
  const isBeside = containsFolded(dirname(file), hooks) && !basename(file).includes(".");
  return containsFolded(hooks, file) && (isBeside || !containsFolded(hooks, workspaceFolder));
}

/** Settings may spell a folder in other capitals than the path does, and mean the same one where these are folded. */
function containsFolded(folder: string, path: string): boolean {
  return contains(foldName(folder), foldName(path));
}

async function existingFolder(path: string): Promise<string> {
  return (await isFolder(path)) || dirname(path) === path ? path : existingFolder(dirname(path));
}

async function isFolder(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path)))?.isDirectory() === true;
}
