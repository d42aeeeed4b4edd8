import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PythonImport } from "../../core/base/pythonImports.ts";

export type LocalImports = {
  /** Source files of the workspace that the script imports directly. */
  paths: readonly string[];
  /** Top-level modules that lie beside the script or in the folder it runs in. */
  modules: ReadonlySet<string>;
  /** True where one of them is found only from the folder the script runs in, which Python does not search. */
  needsWorkingFolder: boolean;
};

/** Enough for a script and its options, data and model files. */
const MAX_LOCAL_MODULES = 16;

/** Finds the imports of a script that are files beside it, as Python would: a package folder or a `.py` file. */
export function findLocalImports(imports: readonly PythonImport[], scriptFolder: string, cwd: string): LocalImports {
  const paths = new Set<string>();
  const modules = new Set<string>();
  let needsWorkingFolder = false;
  for (const { module, name } of imports) {
    const dots = /^\.*/.exec(module)?.[0].length ?? 0;
    const parts = module
      .slice(dots)
      .split(".")
      .filter((part) => part !== "");
    if (dots > 0) {
      const base = join(scriptFolder, ...Array.from({ length: dots - 1 }, () => ".."));
      addSources(paths, base, parts, name);
      continue;
    }
    const [top = ""] = parts;
    const base = [scriptFolder, cwd].find((folder) => isModule(join(folder, top), parts[1] ?? name));
    if (base !== undefined) {
      modules.add(top);
      needsWorkingFolder ||= base === cwd && cwd !== scriptFolder;
      addSources(paths, base, parts, name);
    }
  }
  return { paths: [...paths].slice(0, MAX_LOCAL_MODULES), modules, needsWorkingFolder };
}

/** `from package.part import name` may mean a file of any of the three names. */
function addSources(paths: Set<string>, base: string, parts: readonly string[], name: string | undefined): void {
  const stem = join(base, ...parts);
  const candidates = [`${stem}.py`, join(stem, "__init__.py"), ...(name ? [`${join(stem, name)}.py`] : [])];
  for (const path of candidates.filter((candidate) => existsSync(candidate))) {
    paths.add(path);
  }
}

/**
 * A folder without `__init__.py` is a package only where it holds what is imported from it: `datasets` beside a
 * script is more often data than the library of that name.
 */
function isModule(stem: string, member: string | undefined): boolean {
  const isPackage = existsSync(`${stem}.py`) || existsSync(join(stem, "__init__.py"));
  const inner = member === undefined ? undefined : join(stem, member);
  return isPackage || (inner !== undefined && (existsSync(`${inner}.py`) || existsSync(join(inner, "__init__.py"))));
}
