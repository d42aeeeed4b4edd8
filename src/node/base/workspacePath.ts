import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { errorCode, unlessMissing } from "./fileErrors.ts";

/** What the system says of paths that cannot be, by its code. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  ENAMETOOLONG: "it, or a name in it, is too long",
  ERR_INVALID_ARG_VALUE: "it holds a NUL",
  ELOOP: "its links lead in a circle",
};

/** What a refusal says about a place outside the workspace folder, by what was to be done there. */
const OUTSIDE = {
  write: "where Trainyard does not write. Choose a folder inside it.",
  read: "where Trainyard reads no files of a project. Name a file inside it.",
};

/**
 * The absolute path of a file or folder below the workspace folder, which need not exist yet. Refuses a path that leads out
 * of the workspace folder, also through a symbolic link.
 */
export async function resolveInsideWorkspace(
  workspaceFolder: string,
  folder: string,
  access: keyof typeof OUTSIDE = "write",
): Promise<string> {
  const target = resolve(workspaceFolder, folder.replaceAll("\\", sep));
  if (!(await isInsideAndPossible(workspaceFolder, target))) {
    throw new UserError(`${target} lies outside the workspace folder ${workspaceFolder}, ${OUTSIDE[access]}`);
  }
  return target;
}

async function isInsideAndPossible(workspaceFolder: string, target: string): Promise<boolean> {
  try {
    // Where nothing of a path exists, its length is only noticed by a look at the whole of it.
    await unlessMissing(lstat(target));
    return await isReallyInside(workspaceFolder, target);
  } catch (error) {
    const reason = IMPOSSIBLE[errorCode(error) ?? ""];
    if (reason === undefined) {
      throw error;
    }
    const shown = workspaceRelative(workspaceFolder, target).replaceAll("\0", "\\0").slice(0, 100);
    throw new UserError(`${shown} is no path of a file: ${reason}. Choose another one.`, { cause: error });
  }
}

/** Whether a path, which need not exist yet, is a folder or lies in it, also once symbolic links are followed. */
export async function isReallyInside(folder: string, path: string): Promise<boolean> {
  return contains(folder, path) && contains(await realpath(folder), await realpathOfExisting(path));
}

/** From the workspace folder, with forward slashes on every system. */
export function workspaceRelative(workspaceFolder: string, path: string): string {
  return relative(workspaceFolder, path).split(sep).join("/");
}

/** Whether a path is a folder or lies in it by its name; links are not looked at. */
export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The real path of the nearest ancestor that exists: what does not exist yet cannot be a link. */
export async function realpathOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || !["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      throw error;
    }
    return await realpathOfExisting(parent);
  }
}

/** The real path of what need not exist yet: that of its nearest ancestor, with the names below it. */
export async function realpathOfNew(path: string): Promise<string> {
  return (await unlessMissing(realpath(path))) ?? join(await realpathOfNew(dirname(path)), basename(path));
}
