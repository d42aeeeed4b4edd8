import { addedLines, type ChangedFile, type ChangeFinding } from "./changedFile.ts";

/** Fewer equal lines happen by chance: a call with its arguments, a closing sequence. */
const MIN_EQUAL_LINES = 6;

/** Rows of a table or of a lock file are alike by their nature, and become no function. */
const SOURCE = /\.(?:pyi?|ipynb|r|jl|scala|java|kt|go|rs|c|cc|cpp|cu|cuh|h|hpp|cs|swift|[cm]?[jt]sx?|sh|bash|sql)$/i;

type CodeLine = { file: ChangedFile; line: number; text: string; isAdded: boolean };

/** Blocks of at least six added lines of code that stand a second time in the changed files, blank lines and indentation aside. */
export function findDuplicatedCode(files: readonly ChangedFile[]): ChangeFinding[] {
  const perFile = files.filter(({ path }) => SOURCE.test(path)).map(codeLines);
  const firstPlaces = new Map<string, { lines: readonly CodeLine[]; at: number }>();
  const findings: ChangeFinding[] = [];
  // Old blocks first, so that a copy is reported at the copy and not at its origin.
  for (const wantAdded of [false, true]) {
    for (const lines of perFile) {
      for (let at = 0; at + MIN_EQUAL_LINES <= lines.length; at++) {
        const window = lines.slice(at, at + MIN_EQUAL_LINES);
        const isAdded = window.every((line) => line.isAdded);
        const key = window.map(({ text }) => text).join("\n");
        const first = firstPlaces.get(key);
        if (isAdded !== wantAdded || isOnlyImports(window)) {
          continue;
        }
        if (first === undefined) {
          firstPlaces.set(key, { lines, at });
        } else if (isAdded && (first.lines !== lines || Math.abs(first.at - at) >= MIN_EQUAL_LINES)) {
          const length = equalLength(first, { lines, at });
          findings.push(describe(first.lines[first.at], window[0], length));
          at += length - 1;
        }
      }
    }
  }
  return findings;
}

function codeLines(file: ChangedFile): CodeLine[] {
  const added = new Set(addedLines(file).map(({ line }) => line));
  return file.after.split("\n").flatMap((raw, line) => {
    const text = raw.trim();
    const isCode = /\w/.test(text) && !text.startsWith("#") && !text.startsWith("//");
    return isCode ? [{ file, line, text, isAdded: added.has(line) }] : [];
  });
}

function isOnlyImports(window: readonly CodeLine[]): boolean {
  return window.every(({ text }) => /^(?:import|from)\s/.test(text));
}

type Place = { lines: readonly CodeLine[]; at: number };

function equalLength(first: Place, second: Place): number {
  let length = 0;
  for (;;) {
    const copy = second.lines[second.at + length];
    if (copy === undefined || !copy.isAdded || first.lines[first.at + length]?.text !== copy.text) {
      return length;
    }
    length += 1;
  }
}

function describe(origin: CodeLine | undefined, copy: CodeLine | undefined, length: number): ChangeFinding {
  const place = origin === undefined ? "elsewhere" : `${origin.file.path}:${origin.line + 1}`;
  return {
    rule: "duplicated-code",
    path: copy?.file.path ?? "",
    line: copy?.line ?? 0,
    message: `${length} lines are the same as at ${place}. Make one function of both.`,
  };
}
