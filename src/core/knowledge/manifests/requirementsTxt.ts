import { parseRequirement, type Requirement } from "../pep/requirement.ts";
import { type Reading, ReadingBuilder, type Standing, type TextFile } from "./reading.ts";
import { requirementOfUrl } from "./requirementUrl.ts";

/** `requirements-dev.txt`, `constraints.txt`, `requirements/base.in`. */
export function isRequirementsFile(path: string): boolean {
  return /(?:^|\/)(?:[\w.-]*[-_.])?(?:requirements|constraints)[\w.-]*\.(?:txt|in)$|(?:^|\/)requirements\/[\w.-]+\.(?:txt|in)$/i.test(
    path,
  );
}

/** A requirements file as pip reads it: continued lines, comments, includes, options and per-requirement options. */
export function readRequirementsTxt({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const standing = /constraints[^/]*$/i.test(path) ? "constraint" : "declared";
  for (const { text: line, line: number } of logicalLines(text)) {
    readLine(line, number, { reading, standing });
  }
  return reading.reading;
}

type LogicalLine = { text: string; line: number };

/** Lines without comments, a backslash joining one with the next; each with the line it begins on. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let pending: LogicalLine | undefined;
  for (const [index, physical] of text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).entries()) {
    const isComment = /^\s*#/.test(physical);
    const isContinued = physical.endsWith("\\") && !isComment;
    // A comment inside of a continued line ends it.
    const piece = isContinued ? physical.slice(0, -1) : isComment ? ` ${physical}` : physical;
    pending = { text: (pending?.text ?? "") + piece, line: pending?.line ?? index };
    if (!isContinued) {
      lines.push(pending);
      pending = undefined;
    }
  }
  return [...lines, ...(pending ? [pending] : [])].flatMap((line) => {
    const withoutComment = stripComment(line.text).trim();
    return withoutComment === "" ? [] : [{ text: withoutComment, line: line.line }];
  });
}

/** A `#` begins a comment at the start of a line and after a blank; elsewhere it belongs to an address. */
function stripComment(line: string): string {
  for (let at = line.indexOf("#"); at !== -1; at = line.indexOf("#", at + 1)) {
    if (at === 0 || /\s/.test(line[at - 1] ?? "")) {
      return line.slice(0, at);
    }
  }
  return line;
}

type Context = { reading: ReadingBuilder; standing: Standing };

function readLine(line: string, number: number, { reading, standing }: Context): void {
  const words = line.split(/\s+/);
  const firstOption = words.findIndex((word) => /^--?[A-Za-z]/.test(word));
  if (firstOption === 0) {
    readOption(line, number, { reading, standing });
    return;
  }
  // Options behind a requirement (`--hash=…`) speak of where to get it, not of what it is.
  const requirement = firstOption === -1 ? line : words.slice(0, firstOption).join(" ");
  addRequirement(requirement, number, { reading, standing });
}

function readOption(line: string, number: number, { reading, standing }: Context): void {
  const [, option = "", value = ""] = /^(--?[A-Za-z][\w-]*)\s*=?\s*(.*)$/.exec(splitShortOption(line)) ?? [];
  const argument = unquote(value.split(/(?<!\s)\s+--?[A-Za-z]/)[0]?.trim() ?? "");
  switch (option) {
    case "-r":
    case "--requirement":
    case "-c":
    case "--constraint":
      reading.add({
        kind: "include",
        path: argument,
        as: option.endsWith("r") || option === "--requirement" ? "requirements" : "constraints",
        line: number,
      });
      break;
    case "-e":
    case "--editable":
      addRequirement(argument, number, { reading, standing });
      break;
    default:
      if (!KNOWN_OPTIONS.has(option)) {
        const message = `\`${option}\` is no option that a requirements file may have. pip stops here.`;
        reading.report("unknown-option", number, message);
      }
  }
}

/** `-rbase.txt` is `-r base.txt`. */
function splitShortOption(line: string): string {
  return line.replace(/^(-[recif])(?=[^\s=-])/, "$1 ");
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, "$2");
}

const KNOWN_OPTIONS = new Set(
  (
    "-i --index-url --pypi-url --extra-index-url --no-index -f --find-links --no-binary --only-binary --prefer-binary " +
    "--require-hashes --pre --trusted-host --use-feature"
  ).split(" "),
);

function addRequirement(text: string, line: number, { reading, standing }: Context): void {
  const fromUrl = requirementOfUrl(text);
  if (fromUrl === undefined) {
    reading.addParsed(parseRequirement(text), { text, line, standing });
  } else if (fromUrl.name === undefined) {
    const message = `The name of \`${text.slice(0, 80)}\` stands in the package itself. Write \`name @ …\` to have it known here.`;
    reading.report("unnamed-requirement", line, message, "information");
  } else {
    reading.addPackage(namedRequirement(fromUrl, fromUrl.name), { line, standing });
  }
}

function namedRequirement(from: Omit<Requirement, "name">, name: string): Requirement {
  return { ...from, name };
}
