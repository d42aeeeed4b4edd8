/** A name that a module takes from another one; `*` where the whole module is taken. */
export type ImportedName = { from: string; name: string };

const STATEMENT = /^(?:import|export)\s+(?:type\s+)?(?<clause>[^;"']*?)\s*from\s*"(?<from>[^"]+)"/gm;
const SIDE_EFFECT = /^import\s+"(?<from>[^"]+)"/gm;
/** With `{ a, b } =` or `.then(({ a }) =>` or `(await import(…)).a` around it, where the source says what it takes. */
const DYNAMIC =
  /(?:\{(?<before>[^{}]*)\}\s*=\s*await\s+)?import\(\s*"(?<from>[^"]+)",?\s*\)(?:\)\.(?<member>\w+)|\.then\(\(\{(?<after>[^{}]*)\}\))?/g;
const DECLARATION =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|type|interface)\s+(\w+)/gm;
const EXPORT_LIST = /^export\s+(?:type\s+)?\{([^{}]*)\}/gm;

/**
 * Every import of a formatted TypeScript source: of values and of types (which a bundler drops), static and dynamic.
 * Import statements stand at the beginning of a line, which the formatter sees to.
 */
export function collectImports(source: string): ImportedName[] {
  const text = withoutComments(source);
  return [
    ...[...text.matchAll(STATEMENT)].flatMap(({ groups = {} }) => taken(groups["from"], groups["clause"])),
    ...[...text.matchAll(SIDE_EFFECT)].flatMap(({ groups = {} }) => taken(groups["from"], "*")),
    ...[...text.matchAll(DYNAMIC)].flatMap(({ groups = {} }) => {
      const { from, before, member, after } = groups;
      const names = before ?? member ?? after;
      return taken(from, names === undefined ? "*" : `{ ${names} }`);
    }),
  ];
}

/** The names that a source declares and exports; one that it passes on from another module is not among them. */
export function collectExports(source: string): string[] {
  const text = withoutComments(source);
  return [
    ...[...text.matchAll(DECLARATION)].map(([, name = ""]) => name),
    ...[...text.matchAll(EXPORT_LIST)].flatMap(([, list = ""]) => namesIn(list).map(({ outer }) => outer)),
  ];
}

function taken(from: string | undefined, clause = ""): ImportedName[] {
  if (from === undefined) {
    return [];
  }
  const list = /\{([^{}]*)\}/.exec(clause)?.[1];
  const whole = clause.replace(/\{[^{}]*\}/, "").replaceAll(/[,\s]/g, "") === "" ? [] : [{ from, name: "*" }];
  return [...whole, ...namesIn(list ?? "").map(({ inner }) => ({ from, name: inner }))];
}

/** `type a as b, c: d` → what it is called in the module it stands in, and outside of it. */
function namesIn(list: string): { inner: string; outer: string }[] {
  return list
    .split(",")
    .map((item) => item.trim().replace(/^type\s+/, ""))
    .filter((item) => item !== "")
    .map((item) => {
      const [inner = "", outer = inner] = item.split(/\s+as\s+|\s*:\s*/);
      return { inner, outer };
    });
}

function withoutComments(source: string): string {
  return source.replaceAll(/^\s*\/\/.*$/gm, "").replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "");
}
