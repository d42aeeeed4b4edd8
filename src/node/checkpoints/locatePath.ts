import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { LocatedPath } from "../../core/tools/inspectCheckpoints.ts";
import { errorCode } from "../base/fileErrors.ts";

/** Where a path leads, and whether that is inside one of the workspace folders once links are followed. */
export async function locatePath(path: string, workspaceFolders: readonly string[]): Promise<LocatedPath> {
  const absolute = resolve(workspaceFolders[0] ?? "/", path);
  const real = await realPathOf(absolute);
  const roots = await Promise.all(workspaceFolders.map(realPathOf));
  const isInWorkspace = roots.some((root) => isInside(root, real));
  const status = await stat(real).catch(() => undefined);
  const kind = status === undefined ? "missing" : status.isDirectory() ? "folder" : "file";
  return { path: absolute, kind, isInWorkspace };
}

/** Follows links as far as the path exists; what does not exist yet cannot be a link. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== "ENOENT" || parent === path) {
      return path;
    }
    return join(await realPathOf(parent), relative(parent, path));
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
