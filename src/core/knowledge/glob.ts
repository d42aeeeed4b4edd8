/*
 * Globs as .gitignore files write them: `*`, `?` and `[a-z]` stay inside of a name, a name `**` stands for any number
 * of folders. They are matched by two pointers and no regular expression, since globs of strangers are not to be
 * trusted with backtracking: a comparison takes at most the length of the glob times that of the path.
 */

/** A glob by its names, `**` being a name of its own, behind a text that a path begins with. */
export type Glob = { beginning: string; parts: readonly Part[] };

type Part = typeof ANY_FOLDERS | NameTest;

type NameTest = (name: string) => boolean;

type Piece = { kind: "star" } | { kind: "one"; allows: (character: string) => boolean };

const ANY_FOLDERS = "**";

// Git compares the plain beginning of a pattern by itself, so that the stars of `data**/x` stand alone as in `**/x`.
const PLAIN_BEGINNING = /^[^*?[\\]*[^*?[\\/](?=\*\*+\/)/;

/** Nothing for a glob that matches nothing: a class that never ends or has an unknown name, a backslash before nothing. */
export function parseGlob(text: string): Glob | undefined {
  const beginning = PLAIN_BEGINNING.exec(text)?.[0] ?? "";
  const names = text.slice(beginning.length).split("/");
  const parts = names.map((name) => (/^\*\*+$/.test(name) ? ANY_FOLDERS : compileName(name)));
  return parts.every((part) => part !== undefined) ? { beginning, parts } : undefined;
}

/** Whether a glob matches a whole path, given by its names. */
export function globMatches(glob: Glob, names: readonly string[]): boolean {
  const { beginning, parts } = glob;
  if (beginning === "") {
    return matchRun(parts, names, FOLDERS);
  }
  const path = names.join("/");
  return path.startsWith(beginning) && matchRun(parts, path.slice(beginning.length).split("/"), FOLDERS);
}

type Rules<Each> = {
  isStar(part: Each): boolean;
  matches(part: Each, item: string): boolean;
  /** Whether a star may stand for nothing; `isLast` says whether it ends the glob. */
  isEmptyStar(isLast: boolean): boolean;
};

const FOLDERS: Rules<Part> = {
  isStar: (part) => part === ANY_FOLDERS,
  matches: (part, name) => part !== ANY_FOLDERS && part(name),
  // `folder/**` is what lies in the folder, not the folder.
  isEmptyStar: (isLast) => !isLast,
};

const CHARACTERS: Rules<Piece> = {
  isStar: (piece) => piece.kind === "star",
  matches: (piece, character) => piece.kind === "one" && piece.allows(character),
  isEmptyStar: () => true,
};

/** Only the last star is ever tried again with one item more: what an earlier one could give, it gives as well. */
function matchRun<Each>(parts: readonly Each[], items: ArrayLike<string>, rules: Rules<Each>): boolean {
  let part = 0;
  let item = 0;
  let afterStar: { part: number; item: number } | undefined;
  while (item < items.length) {
    const current = parts[part];
    if (current !== undefined && rules.isStar(current)) {
      part += 1;
      item += rules.isEmptyStar(part === parts.length) ? 0 : 1;
      afterStar = { part, item };
    } else if (current !== undefined && rules.matches(current, items[item] ?? "")) {
      part += 1;
      item += 1;
    } else if (afterStar !== undefined) {
      afterStar.item += 1;
      ({ part, item } = afterStar);
    } else {
      return false;
    }
  }
  return parts
    .slice(part)
    .every((rest, index, { length }) => rules.isStar(rest) && rules.isEmptyStar(index === length - 1));
}

const SPECIAL = /[*?[\\]/;

/** Most globs are plain names or endings, and a list of them is asked about every file of a workspace. */
function compileName(text: string): NameTest | undefined {
  if (!SPECIAL.test(text)) {
    return (name) => name === text;
  }
  const ending = text.slice(1);
  if (text.startsWith("*") && !SPECIAL.test(ending)) {
    return (name) => name.endsWith(ending);
  }
  const pieces = parseName(text);
  return pieces && ((name) => matchRun(pieces, name, CHARACTERS));
}

function parseName(text: string): Piece[] | undefined {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "*") {
      pieces.push({ kind: "star" });
    } else if (character === "?") {
      pieces.push({ kind: "one", allows: () => true });
    } else if (character === "[") {
      const parsed = parseClass(text, at + 1);
      if (parsed === undefined) {
        return undefined;
      }
      pieces.push({ kind: "one", allows: parsed.allows });
      at = parsed.end;
    } else {
      const literal = character === "\\" ? text[++at] : character;
      if (literal === undefined) {
        return undefined;
      }
      pieces.push({ kind: "one", allows: (other) => other === literal });
    }
  }
  return pieces;
}

/**
 * `[a-z_]`, `[!0-9]`, `[[:alpha:]]`. The ends of a range also stand for themselves, so that `[b-a]` holds `b`; a character
 * behind a range begins none. `end` is where the `]` stands.
 */
function parseClass(text: string, start: number): { allows: (character: string) => boolean; end: number } | undefined {
  const isNegated = text[start] === "!" || text[start] === "^";
  const tests: ((character: string) => boolean)[] = [];
  const first = start + (isNegated ? 1 : 0);
  let low: string | undefined;
  for (let at = first; at < text.length; at++) {
    if (text[at] === "]" && at > first) {
      return { allows: (character) => tests.some((test) => test(character)) !== isNegated, end: at };
    }
    const named = /^\[:([^\]]*):\]/.exec(text.slice(at, at + MAX_CLASS_NAME));
    if (named) {
      const pattern = NAMED_CLASSES.get(named[1] ?? "");
      if (pattern === undefined) {
        return undefined;
      }
      tests.push((character) => pattern.test(character));
      low = undefined;
      at += named[0].length - 1;
      continue;
    }
    const from = text[at] === "-" && text[at + 1] !== "]" ? low : undefined;
    at += from === undefined ? 0 : 1;
    const character = text[at] === "\\" ? text[++at] : text[at];
    if (character === undefined) {
      return undefined;
    }
    tests.push(from === undefined ? (other) => other === character : (other) => from <= other && other <= character);
    low = from === undefined ? character : undefined;
  }
  return undefined;
}

/** Longer than any of the names with their brackets. */
const MAX_CLASS_NAME = 40;

/** Of ASCII, as git has them. */
const NAMED_CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[A-Za-z0-9]/],
  ["alpha", /[A-Za-z]/],
  ["blank", /[ \t]/],
  ["cntrl", /[^ -~\u0080-\uffff]/],
  ["digit", /[0-9]/],
  ["graph", /[!-~]/],
  ["lower", /[a-z]/],
  ["print", /[ -~]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["space", /[ \t\n\r]/],
  ["upper", /[A-Z]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);
