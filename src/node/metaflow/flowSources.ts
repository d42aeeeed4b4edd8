import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import type { FlowFile } from "../../core/metaflow/graph/flowSource.ts";
import { readFlowText } from "../../core/metaflow/graph/readFlowText.ts";
import type { FlowSources } from "../../core/metaflow/graph/runnableFlows.ts";
import { readSource } from "../base/readSource.ts";

/** A flow takes its base classes from a handful of files; more than this is a library. */
const MAX_MODULES = 64;

/** The names of a `from` may stand in brackets, over several lines, or go on behind a backslash. */
const IMPORT = /^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]{0,10000}\)|(?:\\\r?\n|.)*)|import[ \t]+(.+))/gm;

/** Where a text lies, and where absolute imports are looked for besides its folder. */
export type FlowLocation = { path: string; roots?: readonly string[] };

/**
 * Reads the files beside a flow that it imports, and those that they import. Python itself looks in the folder of
 * the script that is run; `roots` stand for a `PYTHONPATH`.
 */
export async function loadFlowSources(
  text: string,
  { path, roots = [] }: FlowLocation,
): Promise<(parser: PythonParser) => FlowSources> {
  const folders = [dirname(path), ...roots];
  const texts = new Map<string, string>();
  const waiting = [{ path, text }];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    for (const module of importedModules(file.text)) {
      const found = texts.size < MAX_MODULES ? modulePath(module, file.path, folders) : undefined;
      if (found !== undefined && found !== path && !texts.has(found)) {
        const source = (await readSource(found)) ?? "";
        texts.set(found, source);
        waiting.push({ path: found, text: source });
      }
    }
  }
  return (parser) => ({
    path,
    text,
    find: moduleFinder(parser, texts, folders),
    fileExists: (name) =>
      isAbsolute(name) ? existsSync(name) : folders.some((folder) => existsSync(join(folder, name))),
  });
}

function moduleFinder(parser: PythonParser, texts: ReadonlyMap<string, string>, folders: readonly string[]) {
  const files = new Map<string, FlowFile>();
  return (from: FlowFile, module: string): FlowFile | undefined => {
    const path = candidatePaths(module, from.path, folders).find((each) => texts.has(each));
    const text = path === undefined ? undefined : texts.get(path);
    if (path === undefined || text === undefined) {
      return undefined;
    }
    const known = files.get(path) ?? readFlowText(parser, { path, text, hasBodies: true });
    files.set(path, known);
    return known;
  };
}

/** The modules that import statements name, found without a parser, since most of them are none of the workspace. */
function importedModules(text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, from, names = "", modules]) => {
    if (from === undefined) {
      return (modules ?? "").split(",").map((module) => module.trim().split(/\s/)[0] ?? "");
    }
    const submodules = [...names.matchAll(/\w+/g)].map(([name]) =>
      from.endsWith(".") ? from + name : `${from}.${name}`,
    );
    return [from, ...submodules];
  });
}

function modulePath(module: string, from: string, folders: readonly string[]): string | undefined {
  return candidatePaths(module, from, folders).find((path) => existsSync(path));
}

/** `lib.flows` is `lib/flows.py` or `lib/flows/__init__.py`; each dot in front of a name is one folder up. */
function candidatePaths(module: string, from: string, folders: readonly string[]): string[] {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const names = module
    .slice(dots)
    .split(".")
    .filter((name) => name !== "");
  const bases = dots === 0 ? folders : [resolve(dirname(from), ...Array.from({ length: dots - 1 }, () => ".."))];
  return bases.flatMap((base) => {
    const stem = join(base, ...names);
    return names.length === 0 ? [join(stem, "__init__.py")] : [`${stem}.py`, join(stem, "__init__.py")];
  });
}
