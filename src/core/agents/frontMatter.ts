import matter from "gray-matter";
import { type Document, isMap, isNode, isScalar, parseDocument } from "yaml";
import { messageOf } from "../base/errors.ts";
import type { Problem, TextRange } from "../base/problems.ts";
import { rangeBetween, rangesIn } from "../base/textPosition.ts";
import { findFlaws, findLooseAliases, withoutFullStop } from "./yamlFlaws.ts";

/*
 *   ---                      first line, exactly this: what follows it would name a language to evaluate
 *   name: ml-trainer         YAML, and nothing but YAML
 *   ---                      last line, exactly this
 *   You train models.        the body
 */

export type FrontMatter = {
  data: Readonly<Record<string, unknown>>;
  body: string;
  /** The range of the value at a path such as `["handoffs", 0, "agent"]`, or of the nearest value around it. */
  locate(path: readonly (string | number)[]): TextRange;
  /** The range of the last key of a path. */
  locateKey(path: readonly (string | number)[]): TextRange;
};

export type FrontMatterResult =
  | { kind: "read"; frontMatter: FrontMatter; problems: readonly Problem[] }
  | { kind: "unreadable"; problems: readonly Problem[] };

/*
 * Five times what the longest agents have. They bound the time that a hostile file can ask for: the libraries look at
 * each line, and at each entry, together with all others.
 */
const MAX_CHARACTERS = 16_384;
const MAX_LINES = 1_000;

const OPENING = "---";

/** Keys that stand twice are found here, since the library compares each key with all others. */
const PARSING = { prettyErrors: false, logLevel: "silent", uniqueKeys: false } as const;

/** A value of one line that YAML would take for a mapping: `description: Use it so. Context: … user: "…"`. */
const PROSE_LINE = /^(description:[ \t]+)(?!["'|>{[&*!#%@`])(.*:(?:[ \t\r].*)?)$/m;
/** Of the private characters, which no text has. */
const PROSE_COLON = "\ue03a";

/**
 * Claude Code writes descriptions with colons and takes them as they stand. Where the YAML cannot be read otherwise, another
 * character stands in for each colon that would separate, so that every place of the file stays where it is.
 */
function parseYaml(yaml: string): { document: Document; data: Record<string, unknown> } {
  const document = parseDocument(yaml, PARSING);
  if (document.errors.length === 0) {
    return { document, data: toData(document) };
  }
  const prose = yaml.replace(
    PROSE_LINE,
    (_, key: string, text: string) => key + text.replaceAll(/:(?=[ \t\r]|$)/g, PROSE_COLON),
  );
  const tolerant = prose === yaml ? document : parseDocument(prose, PARSING);
  if (tolerant.errors.length > 0) {
    return { document, data: {} };
  }
  const data = toData(tolerant);
  const { description } = data;
  const isText = typeof description === "string";
  return {
    document: tolerant,
    data: isText ? { ...data, description: description.replaceAll(PROSE_COLON, ":") } : data,
  };
}

function toData(document: Document): Record<string, unknown> {
  // The library would throw, without saying where.
  return findLooseAliases(document).length > 0 ? {} : toRecord(document.toJS({ maxAliasCount: 100 }));
}

/** Splits and reads front matter. Never throws and never evaluates anything. Expects a text without a byte order mark. */
export function readFrontMatter(text: string): FrontMatterResult {
  const obstacle = findObstacle(text);
  if (obstacle !== undefined) {
    return { kind: "unreadable", problems: [obstacle] };
  }
  const parsed: { document?: Document } = {};
  try {
    const file = matter(text, {
      language: "yaml",
      engines: refusingEngines((yaml) => {
        // In a file with CRLF the last value would otherwise end in a carriage return and become a text.
        const { document, data } = parseYaml(yaml.replace(/\r$/, ""));
        parsed.document = document;
        return data;
      }),
    });
    return readDocument(text, file.content, { data: file.data, document: parsed.document });
  } catch (error) {
    // Collections nested thousands deep exhaust the stack of the YAML parser.
    const reason = error instanceof RangeError ? "it is nested too deeply" : withoutFullStop(messageOf(error));
    return unreadable(text, `The front matter cannot be read: ${reason}. Write plain \`key: value\` lines and lists.`);
  }
}

/**
 * The library evaluates `---js` front matter by default; the first line is checked before it is called, and
 * these engines refuse if that check is ever passed by.
 */
function refusingEngines(parse: (yaml: string) => Record<string, unknown>) {
  return {
    yaml: { parse },
    json: refuse,
    js: refuse,
    javascript: refuse,
    coffee: refuse,
    coffeescript: refuse,
    cson: refuse,
  };
}

function refuse(): never {
  throw new Error("only YAML front matter is read");
}

function readDocument(
  text: string,
  body: string,
  read: { data: Readonly<Record<string, unknown>>; document: Document | undefined },
): FrontMatterResult {
  const { data, document } = read;
  const rangeOf = rangesIn(text);
  // The library hands over what follows the opening dashes.
  const toRange = (start: number, end: number) => rangeOf(start + OPENING.length, end + OPENING.length);
  const flaws = document === undefined ? [] : findFlaws(document, text.slice(OPENING.length));
  if (flaws.length > 0) {
    const problems = flaws.map(({ code, message, pos }): Problem => {
      return { code, severity: "error", message, range: toRange(...pos) };
    });
    return { kind: "unreadable", problems };
  }
  const whole = rangeBetween(text, 0, OPENING.length);
  const contents = document?.contents;
  if (contents !== undefined && contents !== null && !isMap(contents)) {
    const message = "The front matter must be a list of `key: value` lines, for example `name: my-agent`.";
    return { kind: "unreadable", problems: [{ code: "invalid-yaml", severity: "error", message, range: whole }] };
  }
  const locate = (path: readonly (string | number)[]) => locateIn(document, path, { toRange, whole });
  const locateKey = (path: readonly (string | number)[]) => {
    const group = path.length === 1 ? contents : document?.getIn(path.slice(0, -1), true);
    const pair = isMap(group)
      ? group.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1))
      : undefined;
    const range = isNode(pair?.key) ? pair.key.range : undefined;
    return range ? toRange(range[0], range[1]) : whole;
  };
  const problems = (document?.warnings ?? []).map(
    (warning): Problem => ({
      code: "yaml-warning",
      severity: "warning",
      message: `${withoutFullStop(warning.message)}. Write the value without a tag.`,
      range: toRange(warning.pos[0], warning.pos[1]),
    }),
  );
  return { kind: "read", frontMatter: { data, body, locate, locateKey }, problems };
}

function locateIn(
  document: Document | undefined,
  path: readonly (string | number)[],
  text: { toRange(start: number, end: number): TextRange; whole: TextRange },
): TextRange {
  for (let length = path.length; length > 0; length--) {
    const node = document?.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return text.toRange(node.range[0], node.range[1]);
    }
  }
  return text.whole;
}

function findObstacle(text: string): Problem | undefined {
  const lines = text.split("\n", 1);
  const first = (lines[0] ?? "").replace(/\r$/, "");
  const onFirstLine = rangeBetween(text, 0, first.length);
  if (first.trimEnd() !== OPENING) {
    const message = first.startsWith(OPENING)
      ? `The first line must be exactly \`---\`, not \`${first.slice(0, 40)}\`: only YAML is read here, and no front matter is ever run as code.`
      : "The front matter is missing: let the file start with a line `---`, then `name:` and `description:`, then another line `---`.";
    return { code: "missing-front-matter", severity: "error", message, range: onFirstLine };
  }
  const closing = text.indexOf("\n---", OPENING.length - 1);
  if (closing === -1) {
    const message = "The front matter is never closed: write a line `---` between the last key and the instructions.";
    return { code: "unclosed-front-matter", severity: "error", message, range: onFirstLine };
  }
  const closingLine = (text.slice(closing + 1).split("\n", 1)[0] ?? "").trimEnd();
  if (closingLine !== OPENING) {
    const message = "A line that starts with `---` closes the front matter, so it must hold nothing else.";
    const range = rangeBetween(text, closing + 1, closing + 1 + closingLine.length);
    return { code: "unclosed-front-matter", severity: "error", message, range };
  }
  return findExcess(text, text.slice(OPENING.length, closing));
}

/** Looked at before any library sees the text. */
function findExcess(text: string, yaml: string): Problem | undefined {
  const limit =
    yaml.length > MAX_CHARACTERS
      ? `${MAX_CHARACTERS} characters`
      : yaml.split("\n", MAX_LINES + 2).length > MAX_LINES + 1
        ? `${MAX_LINES} lines`
        : undefined;
  if (limit === undefined) {
    return undefined;
  }
  const message = `The front matter is longer than ${limit}. Move the instructions below the closing \`---\`.`;
  return { code: "front-matter-too-long", severity: "error", message, range: rangeBetween(text, 0, OPENING.length) };
}

function unreadable(text: string, message: string): FrontMatterResult {
  const range = rangeBetween(text, 0, OPENING.length);
  return { kind: "unreadable", problems: [{ code: "invalid-front-matter", severity: "error", message, range }] };
}

/** Anything but a mapping is reported from the document itself, so it becomes no data here. */
function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
