import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PythonImport } from "../../core/base/pythonImports.ts";

export type LocalImports = {
  /** Source files of the workspace that the script imports directly. */
  paths: readonly string[];
  /** Top-level modules that lie beside the script or in the folder it runs in. */
  modules: ReadonlySet<string>;
  /** True where one of them is found only from the folder the script runs in, which Python does not search. */
  needsWorkingFolder: boolean;
  /** Top-level modules that the project has elsewhere, with the folder; an installed one of the name is meant before them. */
  elsewhere: ReadonlyMap<string, string>;
};

/** Enough for a script and its options, data and model files. */
const MAX_LOCAL_MODULES = 16;

/**
 * Finds the imports of a script that are files of its project: beside it as Python would, in the folder it runs in, and
 * in the folder that holds its packages, which is `src` in many projects. Where `src` is a package itself, it holds none.
 */
export function findLocalImports(imports: readonly PythonImport[], scriptFolder: string, cwd: string): LocalImports {
  const paths = new Set<string>();
  const modules = new Set<string>();
  const elsewhere = new Map<string, string>();
  let needsWorkingFolder = false;
  const isSrcPackage = imports.some(({ module }) => module.split(".")[0] === "src");
  const holders = [holderOfPackage(scriptFolder), ...(isSrcPackage ? [] : [join(cwd, "src")])];
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
    const isIn = (folder: string) => isModule(join(folder, top), parts[1] ?? name);
    const near = [scriptFolder, cwd].find(isIn);
    const holder = near === undefined ? holders.find(isIn) : undefined;
    if (near !== undefined) {
      modules.add(top);
      needsWorkingFolder ||= near === cwd && cwd !== scriptFolder;
      addSources(paths, near, parts, name);
    } else if (holder !== undefined) {
      elsewhere.set(top, holder);
      addSources(paths, holder, parts, name);
    }
  }
  return { paths: [...paths].slice(0, MAX_LOCAL_MODULES), modules, needsWorkingFolder, elsewhere };
}

/** The folder from which a script is imported with the packages that it lies in. */
function holderOfPackage(folder: string): string {
  const parent = dirname(folder);
  return parent !== folder && existsSync(join(folder, "__init__.py")) ? holderOfPackage(parent) : folder;
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
