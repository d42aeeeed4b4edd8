import { isProjectFolder } from "../base/projectFolders.ts";

/** Folders of these names are virtual environments where they hold a `pyvenv.cfg`. */
const ENVIRONMENT_NAMES = new Set([".venv", "venv", "env", ".env"]);

export function isEnvironmentName(name: string): boolean {
  return ENVIRONMENT_NAMES.has(name);
}

/** Whether a scan goes into a folder of this name. */
export function isEnteredFolder(name: string): boolean {
  return isProjectFolder(name) || name === ".vscode";
}

/**
 * Whether a change at a path may change what a scan sees, as far as names tell: it lies in folders that are entered, or
 * in what may be a virtual environment.
 */
export function mayBeSeen(path: string): boolean {
  const folders = path.split("/").slice(0, -1);
  return folders.every(isEnteredFolder) || folders.some(isEnvironmentName) || folders.includes("site-packages");
}

/** Whether a change at a path can change which files and folders a scan sees, and not only what is in them. */
export function shapesTree(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === ".gitignore" || name === "pyvenv.cfg" || path.split("/").includes("conda-meta");
}
