import { shellCommands } from "../shellCommands.ts";
import type { ReadingBuilder } from "./reading.ts";
import { readRequirementsTxt } from "./requirementsTxt.ts";

/** Words of `pip install` that take a value behind them. */
export const VALUE_OPTIONS: ReadonlySet<string> = new Set([
  "-i",
  "--index-url",
  "--extra-index-url",
  "-f",
  "--find-links",
  "--target",
  "-t",
  "--prefix",
  "--root",
]);

type Place = {
  line: number;
  group?: string;
  /** What a file that the line names is called in the workspace, where that is another path. */
  originOf?: (path: string) => string;
};

/** Adds what `pip install …` on a line of a shell installs; everything else on the line is passed over. */
export function addShellLine(reading: ReadingBuilder, text: string, place: Place): void {
  for (const words of shellCommands(text)) {
    const pip = words.findIndex((word, at) => /(?:^|\/)pip[\d.]*$/.test(word) && words[at + 1] === "install");
    if (pip !== -1 && !/^(?:echo|printf)$/.test(words[0] ?? "")) {
      const end = words.findIndex((word) => /^(?:\d|&)?[<>]/.test(word));
      addInstalled(reading, words.slice(pip + 2, end === -1 ? undefined : end), place);
    }
  }
}

/** What the file behind a word of `pip install` is, if one stands there. */
export function includedBy(option: string): "requirements" | "constraints" | undefined {
  switch (option) {
    case "-r":
    case "--requirement":
      return "requirements";
    case "-c":
    case "--constraint":
      return "constraints";
    default:
      return undefined;
  }
}

function addInstalled(
  reading: ReadingBuilder,
  words: readonly string[],
  { originOf = (path) => path, ...place }: Place,
): void {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const as = includedBy(word);
    if (as !== undefined) {
      reading.addInclude(originOf(words[++index] ?? ""), word, { as, line: place.line, from: "shell" });
    } else if (VALUE_OPTIONS.has(word)) {
      index += 1;
    } else if (!word.startsWith("-") && /^[A-Za-z0-9]/.test(word) && !word.includes("$")) {
      const { statements } = readRequirementsTxt({ path: "requirements.txt", text: word });
      statements.forEach((statement) =>
        reading.add({ ...statement, ...(statement.kind === "package" ? { ...place, from: "shell" } : place) }),
      );
    }
  }
}

/** Lines that a backslash joins with the next, in one; each with the line it begins on, and the blank or tab that indents that. */
export function joinedLines(
  text: string,
  isLeftOut: (line: string) => boolean = () => false,
): { text: string; line: number; indent: string }[] {
  const lines: { text: string; line: number; indent: string }[] = [];
  let pieces: string[] = [];
  let start = 0;
  let indent = "";
  const finish = () => {
    lines.push({ text: pieces.join(" ").trim(), line: start, indent });
    pieces = [];
  };
  for (const [line, written] of text.split(/\r?\n/).entries()) {
    if (isLeftOut(written)) {
      continue;
    }
    [start, indent] = pieces.length === 0 ? [line, /^[\t ]?/.exec(written)?.[0] ?? ""] : [start, indent];
    const piece = written.trim();
    pieces.push(piece.endsWith("\\") ? piece.slice(0, -1).trimEnd() : piece);
    if (!piece.endsWith("\\")) {
      finish();
    }
  }
  if (pieces.length > 0) {
    finish();
  }
  return lines;
}
