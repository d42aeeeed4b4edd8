import { existsSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { interpreterCandidates } from "../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { foldersUpTo } from "./interpreters.ts";

/** The Pythons of the environments that lie in the given folders (`.venv` and its like). */
export function pythonsIn(folders: readonly string[]): string[] {
  const platform = process.platform === "win32" ? "win32" : "posix";
  return folders
    .flatMap((folder) =>
      interpreterCandidates({ environment: {}, folders: [folder], platform, workspaceFolder: folder }),
    )
    .map(({ path }) => path)
    .filter((path) => existsSync(path));
}

/**
 * The nearest Python of the workspace, at or above the folder of a run, that has a module which the run's own Python lacks.
 * None of them is started: who looks at a run agreed to run none of them.
 */
export async function findPythonWith(
  module: string,
  { cwd, interpreter }: LaunchPlan,
  workspaceFolder: string,
): Promise<string | undefined> {
  for (const path of pythonsIn(foldersUpTo(cwd, workspaceFolder))) {
    if (dirname(path) !== dirname(interpreter.path) && (await hasModule(path, module))) {
      return path;
    }
  }
  return undefined;
}

/**
 * Whether a Python has a module in its own packages, as far as its folders tell. Never for `package.part`: who lacks that has
 * the package, in a version without the part.
 */
export async function hasModule(python: string, module: string): Promise<boolean> {
  if (module.includes(".")) {
    return false;
  }
  const libraries = [...(await librariesOf(python)), join(dirname(dirname(python)), "Lib")];
  const packages = await Promise.all(libraries.map((library) => namesIn(join(library, "site-packages"))));
  return packages.flat().some((name) => name === module || (name.startsWith(`${module}.`) && MODULE_FILE.test(name)));
}

/** Several Pythons share the folder of a prefix such as /usr/local; where the name of the program tells none apart, it has none. */
async function librariesOf(python: string): Promise<string[]> {
  const folder = join(dirname(dirname(python)), "lib");
  const versions = (await namesIn(folder)).filter((name) => /^python3\.\d+t?$/.test(name));
  const program = basename(await realpath(python).catch(() => python));
  return versions.filter((name) => versions.length === 1 || name === program).map((name) => join(folder, name));
}

/** A module of one file, compiled or not. */
const MODULE_FILE = /\.(?:py|so|pyd)$/;

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
