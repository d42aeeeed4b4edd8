import { rememberBy } from "../../base/remember.ts";
import type { ClassSource, FlowFile } from "./flowSource.ts";
import { METAFLOW_NAMES } from "./metaflowNames.ts";

/** What a name of a file stands for. */
export type Origin =
  | { kind: "metaflow"; name: string; isImported: boolean }
  | { kind: "class"; file: FlowFile; source: ClassSource }
  | { kind: "function"; file: FlowFile; name: string }
  | { kind: "unknown" };

/** Finds the file of a module that `from` imports: `.base`, `lib.flows`. Nothing for installed packages. */
export type FindModule = (from: FlowFile, module: string) => FlowFile | undefined;

const UNKNOWN: Origin = { kind: "unknown" };

// A chain of re-exports is short; a longer one is a circle.
const MAX_HOPS = 16;

/** Follows a dotted name through assignments, imports and re-exports of other files to where it comes from. */
export function originOf(dotted: string, file: FlowFile, find: FindModule, hops = 0): Origin {
  const [first = "", ...rest] = dotted.split(".");
  if (hops > MAX_HOPS || first === "") {
    return UNKNOWN;
  }
  const local = rest.length === 0 ? localOrigin(first, file) : undefined;
  if (local) {
    return local;
  }
  const alias = file.aliases.get(first);
  if (alias !== undefined && alias.split(".")[0] !== first) {
    return originOf([alias, ...rest].join("."), file, find, hops + 1);
  }
  const imported = file.imports.findLast((each) => each.local === first);
  if (imported) {
    return importedOrigin(imported, rest, { file, find, hops });
  }
  return file.bound.has(first) ? UNKNOWN : starOrigin(dotted, { file, find, hops });
}

type Search = { file: FlowFile; find: FindModule; hops: number };

/** The last class of each name, as Python binds it. */
export const classesByName = rememberBy(
  (classes: FlowFile["classes"]): ReadonlyMap<string, FlowFile["classes"][number]> =>
    new Map(classes.map((source) => [source.name, source])),
);

function localOrigin(name: string, file: FlowFile): Origin | undefined {
  const source = classesByName(file.classes).get(name);
  if (source) {
    return { kind: "class", file, source };
  }
  return file.functions.has(name) ? { kind: "function", file, name } : undefined;
}

function importedOrigin(
  imported: FlowFile["imports"][number],
  rest: readonly string[],
  { file, find, hops }: Search,
): Origin {
  const { module, name, local } = imported;
  if (isMetaflow(module)) {
    const last = rest.at(-1) ?? name;
    return last === undefined ? UNKNOWN : { kind: "metaflow", name: last, isImported: true };
  }
  if (name !== undefined) {
    const found = find(file, module);
    const submodule = find(file, module.endsWith(".") ? `${module}${name}` : `${module}.${name}`);
    if (found && (rest.length === 0 || !submodule)) {
      return originOf([name, ...rest].join("."), found, find, hops + 1);
    }
    return submodule && rest.length > 0 ? originOf(rest.join("."), submodule, find, hops + 1) : UNKNOWN;
  }
  // `import lib.flows` binds `lib`, and is used as `lib.flows.Base`; `import lib.flows as f` as `f.Base`.
  const isAliased = local !== module.split(".")[0];
  const names = isAliased ? rest : rest.slice(module.split(".").length - 1);
  const found = find(file, module);
  return found && names.length > 0 ? originOf(names.join("."), found, find, hops + 1) : UNKNOWN;
}

/** A name that nothing in the file binds: from a star import, else Metaflow's and forgotten, else a builtin. */
function starOrigin(dotted: string, { file, find, hops }: Search): Origin {
  for (const { module } of file.imports.filter(({ name }) => name === "*").toReversed()) {
    if (isMetaflow(module)) {
      if (METAFLOW_NAMES.has(dotted)) {
        return { kind: "metaflow", name: dotted, isImported: true };
      }
      continue;
    }
    const found = find(file, module);
    const origin = found ? originOf(dotted, found, find, hops + 1) : UNKNOWN;
    if (origin.kind !== "unknown" && (origin.kind !== "metaflow" || origin.isImported)) {
      return origin;
    }
  }
  return METAFLOW_NAMES.has(dotted) ? { kind: "metaflow", name: dotted, isImported: false } : UNKNOWN;
}

function isMetaflow(module: string): boolean {
  return module === "metaflow" || module.startsWith("metaflow.");
}
