import { parseRequirement, type Requirement } from "../pep/requirement.ts";
import { type Reading, ReadingBuilder, type Standing, type TextFile } from "./reading.ts";
import { requirementOfUrl } from "./requirementUrl.ts";

/** `requirements-dev.txt`, `constraints.txt`, `requirements/base.in`. */
export function isRequirementsFile(path: string): boolean {
  return /(?:^|\/)(?:[\w.-]*[-_.])?(?:requirements|constraints)[\w.-]*\.(?:txt|in)$|(?:^|\/)requirements\/[\w.-]+\.(?:txt|in)$/i.test(
    path,
  );
}

/**
 * What a requirements file is for by its name or folder, where it is not for running the project: `dev` for
 * `requirements-dev.txt` and `requirements/dev.in`, `docs` for `docs/requirements.txt`.
 */
export function requirementsGroup(path: string): string | undefined {
  const [file = "", folder = ""] = path.toLowerCase().split("/").toReversed();
  const words = file.replace(/\.(?:txt|in)$/, "").split(/[-_.]/);
  const isFolderTold =
    folder !== "requirements" && words.every((word) => /^(?:requirements?|constraints?)$/.test(word));
  const telling = isFolderTold ? folder.split(/[-_.]/) : words;
  return PURPOSES.find(([pattern]) => telling.some((word) => pattern.test(word)))?.[1];
}

const PURPOSES: readonly (readonly [words: RegExp, purpose: string])[] = [
  [/^(?:dev|devel|develop|development)$/, "dev"],
  [/^(?:tests?|testing)$/, "test"],
  [/^(?:docs?|documentation)$/, "docs"],
  [/^(?:lint|linting|linters|format|style|typing|mypy)$/, "lint"],
  [/^(?:ci|build|release)$/, "build"],
  [/^(?:examples?|notebooks?|benchmarks?)$/, "examples"],
];

/** A requirements file as pip reads it: continued lines, comments, includes, options and per-requirement options. */
export function readRequirementsTxt({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const standing = /constraints[^/]*$/i.test(path) ? "constraint" : "declared";
  const group = requirementsGroup(path);
  for (const { text: line, line: number } of logicalLines(text)) {
    readLine(line, number, { reading, standing, group });
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

type Context = { reading: ReadingBuilder; standing: Standing; group: string | undefined };

function readLine(line: string, number: number, context: Context): void {
  const words = line.split(/\s+/);
  const firstOption = words.findIndex((word) => /^--?[A-Za-z]/.test(word));
  if (firstOption === 0) {
    readOption(line, number, context);
    return;
  }
  // Options behind a requirement (`--hash=…`) speak of where to get it, not of what it is.
  const requirement = firstOption === -1 ? line : words.slice(0, firstOption).join(" ");
  addRequirement(requirement, number, context);
}

function readOption(line: string, number: number, context: Context): void {
  const { reading } = context;
  const [, option = "", value = ""] = /^(--?[A-Za-z][\w-]*)\s*=?\s*(.*)$/.exec(splitShortOption(line)) ?? [];
  const argument = unquote(value.split(/(?<!\s)\s+--?[A-Za-z]/)[0]?.trim() ?? "");
  switch (option) {
    case "-r":
    case "--requirement":
    case "-c":
    case "--constraint":
      reading.addInclude(argument, option, {
        as: option.endsWith("r") || option === "--requirement" ? "requirements" : "constraints",
        line: number,
      });
      break;
    case "-e":
    case "--editable":
      addRequirement(argument, number, context);
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

function addRequirement(text: string, line: number, { reading, standing, group }: Context): void {
  const fromUrl = requirementOfUrl(text);
  if (fromUrl === undefined) {
    reading.addParsed(parseRequirement(text), { text, line, standing, group });
  } else if (fromUrl.name === undefined && isFolder(fromUrl.url)) {
    // `-e .` is this project or one beside it, whose own manifest says what it needs.
  } else if (fromUrl.name === undefined) {
    const message = `The name of \`${text.slice(0, 80)}\` stands in the package itself. Write \`name @ …\` to have it known here.`;
    reading.report("unnamed-requirement", line, message, "information");
  } else {
    reading.addPackage(namedRequirement(fromUrl, fromUrl.name), { line, standing, group });
  }
}

function isFolder(place = ""): boolean {
  return !/:\/\//.test(place) && !/\.(?:whl|zip|tgz|tar(?:\.\w+)?)$/i.test(place);
}

function namedRequirement(from: Omit<Requirement, "name">, name: string): Requirement {
  return { ...from, name };
}
