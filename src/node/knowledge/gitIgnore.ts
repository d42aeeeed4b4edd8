/** Whether git ignores an entry of a folder; undefined where no pattern speaks of it. */
export type IgnoreRules = (path: string, name: string, isFolder: boolean) => boolean | undefined;

type Pattern = { test: RegExp; isOnlyFolders: boolean; isIgnored: boolean; isByName: boolean };

/** Generated lists may have thousands of patterns; each costs a test for every file. */
const MAX_PATTERNS = 500;

/**
 * The patterns of one `.gitignore`. `base` is its folder relative to the walked one. Later patterns win, `!` takes back,
 * a slash inside ties a pattern to the folder, one at the end to folders.
 */
export function parseGitIgnore(text: string, base: string): IgnoreRules {
  const written = text.split(/\r?\n/).slice(0, MAX_PATTERNS);
  const patterns = written.flatMap((line) => parsePattern(line) ?? []);
  const offset = base === "" ? 0 : base.length + 1;
  return (path, name, isFolder) => {
    const own = path.slice(offset);
    const matching = patterns.findLast(
      (pattern) => (isFolder || !pattern.isOnlyFolders) && pattern.test.test(pattern.isByName ? name : own),
    );
    return matching?.isIgnored;
  };
}

function parsePattern(line: string): Pattern | undefined {
  const trimmed = line.replace(/(?<!\\)\s+$/, "");
  if (trimmed === "" || trimmed.startsWith("#") || trimmed.length > 500) {
    return undefined;
  }
  const isIgnored = !trimmed.startsWith("!");
  const pattern = trimmed.slice(isIgnored ? 0 : 1);
  const isOnlyFolders = pattern.endsWith("/");
  const body = isOnlyFolders ? pattern.slice(0, -1) : pattern;
  const isByName = !body.includes("/");
  return { test: globExpression(body.replace(/^\//, "")), isOnlyFolders, isIgnored, isByName };
}

/** `*` and `?` stay inside of a name, `**` crosses folders. */
function globExpression(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]]+\]|\\?[^]/g, (part) => {
    switch (part) {
      case "**/":
        return "(?:[^/]+/)*";
      case "/**":
        return "/.+";
      case "?":
        return "[^/]";
      default:
        return translatePart(part);
    }
  });
  return new RegExp(`^${source}$`);
}

function translatePart(part: string): string {
  if (part.startsWith("*")) {
    return "[^/]*";
  }
  if (part.length > 2 && part.startsWith("[")) {
    const isNegated = part.startsWith("[!");
    const members = part.slice(isNegated ? 2 : 1, -1).replaceAll(/[\\^[]/g, String.raw`\$&`);
    return `[${isNegated ? "^" : ""}${members}]`;
  }
  return (part.length === 2 ? (part[1] ?? "") : part).replace(/[.*+?^${}()|[\]\\/]/, String.raw`\$&`);
}
