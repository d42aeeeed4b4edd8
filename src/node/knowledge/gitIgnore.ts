import { type Glob, globMatches, parseGlob } from "../../core/knowledge/glob.ts";
import { readFileText } from "./fileText.ts";

/** Whether git ignores an entry of a folder; undefined where no pattern speaks of it. */
export type IgnoreRules = (path: string, name: string, isFolder: boolean) => boolean | undefined;

type Pattern = { glob: Glob; isOnlyFolders: boolean; isIgnored: boolean; isByName: boolean };

/** Longer lists are written by programs. */
const MAX_IGNORE_BYTES = 1_000_000;

/** Generated lists may have thousands of patterns; each costs a test for every file. */
const MAX_PATTERNS = 500;
const MAX_PATTERN_CHARACTERS = 500;

/** The rules of the nearest folder win. */
export function isIgnoredBy(
  rules: readonly IgnoreRules[],
  { path, name, isFolder }: { path: string; name: string; isFolder: boolean },
): boolean {
  for (let index = rules.length - 1; index >= 0; index--) {
    const verdict = rules[index]?.(path, name, isFolder);
    if (verdict !== undefined) {
      return verdict;
    }
  }
  return false;
}

/** The rules of a file, where there is one; `base` is the folder that its patterns speak of. */
export function readGitIgnore(file: string, base: string): IgnoreRules[] {
  const read = readFileText(file, MAX_IGNORE_BYTES);
  return read.kind === "text" ? [parseGitIgnore(read.text, base)] : [];
}

/**
 * The patterns of one `.gitignore`. `base` is its folder relative to the walked one. Later patterns win, `!` takes back,
 * a slash inside ties a pattern to the folder, one at the end to folders.
 */
export function parseGitIgnore(text: string, base: string): IgnoreRules {
  const written = text.split(/\r?\n/).slice(0, MAX_PATTERNS);
  const patterns = written.flatMap((line) => parsePattern(line) ?? []);
  const offset = base === "" ? 0 : base.length + 1;
  const hasPaths = patterns.some(({ isByName }) => !isByName);
  return (path, name, isFolder) => {
    const ownName = [name];
    const names = hasPaths ? path.slice(offset).split("/") : ownName;
    const matching = patterns.findLast(
      ({ glob, isOnlyFolders, isByName }) =>
        (isFolder || !isOnlyFolders) && globMatches(glob, isByName ? ownName : names),
    );
    return matching?.isIgnored;
  };
}

function parsePattern(line: string): Pattern | undefined {
  if (line.length > MAX_PATTERN_CHARACTERS) {
    return undefined;
  }
  const trimmed = withoutTrailingBlanks(line);
  if (trimmed === "" || trimmed.startsWith("#")) {
    return undefined;
  }
  const isIgnored = !trimmed.startsWith("!");
  const pattern = trimmed.slice(isIgnored ? 0 : 1);
  const isOnlyFolders = pattern.endsWith("/");
  const body = isOnlyFolders ? pattern.slice(0, -1) : pattern;
  const isByName = !body.includes("/");
  const glob = parseGlob(body.replace(/^\//, ""));
  // Git passes over a pattern that can match nothing.
  return glob && { glob, isOnlyFolders, isIgnored, isByName };
}

/** Blanks at the end do not count, but for one behind a backslash; tabs do. */
function withoutTrailingBlanks(line: string): string {
  const text = line.replace(/ +$/, "");
  const isEscaped = /(?:^|[^\\])(?:\\\\)*\\$/.test(text.slice(-MAX_PATTERN_CHARACTERS));
  return isEscaped && text.length < line.length ? `${text} ` : text;
}
