import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { errorCode } from "./fileErrors.ts";

/**
 * The absolute path of a folder below the workspace folder, which need not exist yet. Refuses a path that leads out of
 * the workspace folder, also through a symbolic link.
 */
export async function resolveInsideWorkspace(workspaceFolder: string, folder: string): Promise<string> {
  const target = resolve(workspaceFolder, folder.replaceAll("\\", sep));
  if (!(await isReallyInside(workspaceFolder, target))) {
    throw new UserError(
      `${target} lies outside the workspace folder ${workspaceFolder}, where Trainyard does not write. Choose a folder inside it.`,
    );
  }
  return target;
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
