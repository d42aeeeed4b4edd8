import { shellCommands } from "../shellCommands.ts";
import type { ReadingBuilder } from "./reading.ts";
import { readRequirementsTxt } from "./requirementsTxt.ts";
import { ShellVariables } from "./shellVariables.ts";

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
  /** What is known where the line begins; it learns what the line assigns. */
  variables?: ShellVariables;
};

/** Adds what `pip install …` on a line of a shell installs; of everything else only assignments count. */
export function addShellLine(
  reading: ReadingBuilder,
  text: string,
  { variables = new ShellVariables(), ...place }: Place,
): void {
  for (const written of shellCommands(text)) {
    variables.assign(written);
    const words = written.flatMap((word) => expandedWords(word, variables));
    const pip = words.findIndex((word, at) => /(?:^|\/)pip[\d.]*$/.test(word) && words[at + 1] === "install");
    if (pip !== -1 && !/^(?:echo|printf)$/.test(words[0] ?? "")) {
      const end = words.findIndex((word) => /^(?:\d|&)?[<>]/.test(word));
      addInstalled(reading, words.slice(pip + 2, end === -1 ? undefined : end), place);
    }
  }
}

/** A variable that stands alone may hold many words. */
function expandedWords(word: string, variables: ShellVariables): string[] {
  const expanded = variables.expand(word);
  return /^\$(?:\w+|\{\w+\})$/.test(word) ? expanded.split(/\s+/).filter((each) => each !== "") : [expanded];
}

/** The requirement in a word: its package alone where only a run tells the version, nothing where it tells all of it. */
function knownPart(word: string): string | undefined {
  return word.includes("$") ? /^([\w.-]+(?:\[[\w\s,.-]*\])?)\s*[=<>!~][^$]*\$/.exec(word)?.[1] : word;
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
  { originOf = (path) => path, ...place }: Omit<Place, "variables">,
): void {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const as = includedBy(word);
    const known = knownPart(word);
    if (as !== undefined) {
      reading.addInclude(originOf(words[++index] ?? ""), word, { as, line: place.line, from: "shell" });
    } else if (VALUE_OPTIONS.has(word)) {
      index += 1;
    } else if (!word.startsWith("-") && /^[A-Za-z0-9]/.test(word) && known !== undefined) {
      const { statements } = readRequirementsTxt({ path: "requirements.txt", text: known });
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
