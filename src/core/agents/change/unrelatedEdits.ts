import type { ChangedFile, ChangeFinding, Hunk } from "./changedFile.ts";

/**
 * Edits that change no behaviour, and files outside of what was asked.
 * `scope` holds the files or folders that the request is about; empty means that it does not say.
 */
export function findUnrelatedEdits(file: ChangedFile, scope: readonly string[]): ChangeFinding[] {
  const outside =
    scope.length === 0 || scope.some((asked) => isWithin(file.path, asked))
      ? []
      : [finding(file, 0, `The request is about ${scope.join(", ")}, and this file is not part of it.`)];
  const cosmetic = file.hunks.flatMap((hunk) => {
    const kind = cosmeticKind(hunk, file.path);
    return kind === undefined ? [] : [finding(file, hunk.newStart, `${kind} Leave such lines as they were.`)];
  });
  return [...outside, ...cosmetic];
}

function finding(file: ChangedFile, line: number, message: string): ChangeFinding {
  return { rule: "unrelated-edit", path: file.path, line, message };
}

function isWithin(path: string, asked: string): boolean {
  const folder = asked.replace(/^\.\//, "").replace(/\/+$/, "");
  return path === folder || path.startsWith(`${folder}/`);
}

function cosmeticKind({ oldLines, newLines }: Hunk, path: string): string | undefined {
  if (oldLines.length === 0 || newLines.length === 0) {
    return isBlank(oldLines) && isBlank(newLines) ? "Only blank lines changed." : undefined;
  }
  const before = wordsOf(oldLines);
  const after = wordsOf(newLines);
  if (isSame(before.tokens, after.tokens)) {
    // Indentation means something in Python: the same words one level deeper are another program.
    return isSame(before.indents, after.indents) ? "Only white space changed." : undefined;
  }
  // What stands between the quotes of a shell, they decide.
  if (path.endsWith(".py") && isSame(before.tokens.map(inDoubleQuotes), after.tokens.map(inDoubleQuotes))) {
    return "Only quotes changed.";
  }
  if (oldLines.length > 1 && oldLines.toSorted().join("\n") === newLines.toSorted().join("\n")) {
    return oldLines.every(isImport) ? "Only the order of imports changed." : undefined;
  }
  const isReworded = oldLines.length === newLines.length && [...oldLines, ...newLines].every(isComment);
  return isReworded ? "Only the words of a comment changed." : undefined;
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\w+|\n|[^\s\w]/g;

/**
 * The words, strings and signs of some lines, and the line ends between them that are not inside of brackets. `indents`:
 * how far each line is indented that goes on with no other.
 */
function wordsOf(lines: readonly string[]): { tokens: string[]; indents: number[] } {
  const text = lines.join("\n");
  const tokens: string[] = [];
  const indents: number[] = [];
  let depth = 0;
  let isLineEnded = true;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === "\n") {
      isLineEnded ||= depth <= 0;
      continue;
    }
    if (isLineEnded) {
      tokens.push(...(tokens.length > 0 ? ["\n"] : []));
      indents.push(index - (text.lastIndexOf("\n", index) + 1));
    }
    tokens.push(token);
    isLineEnded = false;
    depth += /^[([{]$/.test(token) ? 1 : /^[)\]}]$/.test(token) ? -1 : 0;
  }
  return { tokens, indents };
}

function isSame<Item>(before: readonly Item[], after: readonly Item[]): boolean {
  return before.length === after.length && before.every((token, index) => token === after[index]);
}

function inDoubleQuotes(token: string): string {
  return /^'[^'"\\]*'$/.test(token) ? `"${token.slice(1, -1)}"` : token;
}

function isBlank(lines: readonly string[]): boolean {
  return lines.every((line) => line.trim() === "");
}

function isImport(line: string): boolean {
  return /^\s*(?:import|from)\s/.test(line);
}

function isComment(line: string): boolean {
  return /^\s*(?:#|\/\/)/.test(line);
}
