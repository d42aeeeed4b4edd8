import type { PythonImport } from "../base/pythonImports.ts";
import { quoteWord } from "../base/shellWord.ts";
import { remedyFor } from "./missingModule.ts";

/** What one interpreter said about itself; nothing of the workspace was imported for it. */
export type InterpreterProbe = {
  version: string;
  /** What it calls itself; behind a shim of pyenv the Python that was chosen. */
  executable?: string;
  /** Top-level modules it cannot find. */
  missing: readonly string[];
  /** Installed PyTorch, with its build: `2.13.0+cpu`. */
  torchVersion?: string;
};

/** An import that the script cannot start without, by its top-level module. */
export type RequiredModule = { module: string; line: number };

/** The modules of the unconditional imports of a script that are not its own neighbours. */
export function requiredModules(
  imports: readonly PythonImport[],
  isLocal: (module: string) => boolean,
): RequiredModule[] {
  const required = new Map<string, number>();
  for (const { module, line, isUnconditional } of imports) {
    const [top = ""] = module.split(".");
    if (isUnconditional && top !== "" && top !== "__future__" && !required.has(top) && !isLocal(top)) {
      required.set(top, line);
    }
  }
  return [...required].map(([module, line]) => ({ module, line }));
}

/** "`train.py` imports `torch` (line 3), which … does not have. Install it: …" */
export function missingModuleWarning(
  missing: readonly RequiredModule[],
  { scriptLabel, environment, python }: { scriptLabel: string; environment: string; python: string },
): string[] {
  const remedies = missing.map((required) => ({ required, remedy: remedyFor(required.module) }));
  const packages = remedies.flatMap(({ required, remedy }) =>
    "packageName" in remedy ? [{ required, name: remedy.packageName }] : [],
  );
  const others = remedies.flatMap(({ required, remedy }) => ("advice" in remedy ? [{ required, ...remedy }] : []));
  const names = [...new Set(packages.map(({ name }) => quoteWord(name)))].join(" ");
  const them = packages.length === 1 ? "it" : "them";
  const lacks = (modules: readonly RequiredModule[]) =>
    `\`${scriptLabel}\` imports ${listModules(modules)}, which ${environment} does not have.`;
  const install = `Install ${them}: \`${python} -m pip install ${names}\`.`;
  return [
    ...(packages.length === 0 ? [] : [`${lacks(packages.map(({ required }) => required))} ${install}`]),
    ...others.map(({ required, advice }) => `${lacks([required])} ${advice}`),
  ];
}

function listModules(modules: readonly RequiredModule[]): string {
  const named = modules.map(({ module, line }) => `\`${module}\` (line ${line + 1})`);
  return named.length === 1 ? named.join("") : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
}
