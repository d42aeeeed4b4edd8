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
    const kind = cosmeticKind(hunk);
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

function cosmeticKind({ oldLines, newLines }: Hunk): string | undefined {
  if (oldLines.length === 0 || newLines.length === 0) {
    return isBlank(oldLines) && isBlank(newLines) ? "Only blank lines changed." : undefined;
  }
  const before = tokensOf(oldLines);
  const after = tokensOf(newLines);
  if (isSame(before, after)) {
    // Indentation means something in Python: the same words one level deeper are another program.
    const sameIndent = indents(oldLines) === indents(newLines);
    return sameIndent || oldLines.length !== newLines.length ? "Only white space changed." : undefined;
  }
  if (isSame(before.map(inDoubleQuotes), after.map(inDoubleQuotes))) {
    return "Only quotes changed.";
  }
  if (oldLines.length > 1 && oldLines.toSorted().join("\n") === newLines.toSorted().join("\n")) {
    return oldLines.every(isImport) ? "Only the order of imports changed." : undefined;
  }
  const isReworded = oldLines.length === newLines.length && [...oldLines, ...newLines].every(isComment);
  return isReworded ? "Only the words of a comment changed." : undefined;
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\w+|\n|[^\s\w]/g;

/** The words, strings and signs of some lines, and the line ends between them that are not inside of brackets. */
function tokensOf(lines: readonly string[]): string[] {
  const tokens: string[] = [];
  let depth = 0;
  let isLineEnded = false;
  for (const token of lines.join("\n").match(TOKEN) ?? []) {
    if (token === "\n") {
      isLineEnded ||= depth <= 0;
      continue;
    }
    tokens.push(...(isLineEnded && tokens.length > 0 ? ["\n"] : []), token);
    isLineEnded = false;
    depth += /^[([{]$/.test(token) ? 1 : /^[)\]}]$/.test(token) ? -1 : 0;
  }
  return tokens;
}

function isSame(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((token, index) => token === after[index]);
}

function inDoubleQuotes(token: string): string {
  return /^'[^'"\\]*'$/.test(token) ? `"${token.slice(1, -1)}"` : token;
}

function indents(lines: readonly string[]): string {
  return lines.map((line) => line.length - line.trimStart().length).join();
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
