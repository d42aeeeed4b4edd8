import { type Document, isAlias, isCollection, isNode, isPair, isScalar, visit } from "yaml";
import { missingClosing } from "../base/yamlClosing.ts";

/** A mistake of the YAML; offsets are those of the library. */
type Flaw = { code: "invalid-yaml" | "front-matter-too-long"; message: string; pos: readonly [number, number] };

/** Five times what the longest agents have; see the limits of the front matter. */
const MAX_ENTRIES = 1_000;

/** Later errors mostly follow from the first ones. */
const MAX_YAML_ERRORS = 5;
/** Enough that so many lines are among them; a hostile file has thousands. */
const MAX_LOOKED_AT = 20;

/** What is wrong with the YAML of a text; `offsets` count from its beginning. Empty: all of it can be read. */
export function findFlaws(document: Document, yaml: string): Flaw[] {
  const { errors } = document;
  // The parser reports an exhausted stack once for every level; the first level says it all.
  const overflow = errors.find((error) => error.message.includes("call stack"));
  if (overflow !== undefined) {
    const message = "The front matter is nested too deeply to be read. Write plain `key: value` lines and lists.";
    return [{ code: "invalid-yaml", message, pos: overflow.pos }];
  }
  if (errors.length > 0) {
    const first = errors.slice(0, MAX_LOOKED_AT).filter((error) => !isSaidAlready(error, errors));
    const flaws = first.map((error) => placedFlaw(error, document, yaml));
    // A second one of the same line follows from the first.
    const lines = flaws.map(({ pos }) => yaml.lastIndexOf("\n", pos[0] - 1));
    return flaws.filter((_, index) => lines.indexOf(lines[index] ?? 0) === index).slice(0, MAX_YAML_ERRORS);
  }
  return [...findLooseAliases(document), ...findBadEntries(document)].slice(0, MAX_YAML_ERRORS);
}

type YamlError = Document["errors"][number];

/** A key over two lines is the mistake of the one that begins at the same place. */
function isSaidAlready({ code, pos }: YamlError, errors: readonly YamlError[]): boolean {
  const isOther = (other: YamlError) => other.code === "BLOCK_AS_IMPLICIT_KEY" && other.pos[0] === pos[0];
  return code === "MULTILINE_IMPLICIT_KEY" && errors.some(isOther);
}

/** A mistake where a person would look for it, and not where the library noticed it. */
function placedFlaw(error: YamlError, document: Document, yaml: string): Flaw {
  const [start, end] = error.pos;
  const lineEnd = (from: number) => (yaml.indexOf("\n", from) === -1 ? yaml.length : yaml.indexOf("\n", from));
  const isTwoLines = document.errors.some(({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] === start);
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" && isTwoLines) {
    const next = lineEnd(start) + 1;
    return invalid(
      "this line is indented as if it went on with the value above. Let it begin where the key above begins.",
      [next, lineEnd(next)],
    );
  }
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" && /^[ \t]/.test(yaml.slice(start, start + 1))) {
    return invalid(INDENTED, [start, lineEnd(start)]);
  }
  const unclosed = missingClosing(error.message);
  if (unclosed !== undefined) {
    const opening = findOpening(document, start);
    const place = opening === undefined ? error.pos : ([opening, lineEnd(opening)] as const);
    return invalid(`a value is opened here and never closed. Write \`${unclosed}\` where it ends.`, place);
  }
  return invalid(whatToWrite(error, yaml), [start, Math.min(end, Math.max(start + 1, lineEnd(start)))]);
}

function invalid(what: string, pos: Flaw["pos"]): Flaw {
  const message = `The front matter is not valid YAML: ${what} The file is not used until then.`;
  return { code: "invalid-yaml", message, pos };
}

/** Where the innermost quote or bracket is opened that still is at an offset. */
function findOpening(document: Document, offset: number): number | undefined {
  let opening: number | undefined;
  visit(document, {
    Node: (_, node) => {
      const isOpened = isScalar(node)
        ? (node.type ?? "").startsWith("QUOTE")
        : isCollection(node) && node.flow === true;
      const [start, , end] = node.range ?? [0, 0, 0];
      if (isOpened && start < offset && end >= offset) {
        opening = start;
      }
    },
  });
  return opening;
}

const INDENTED = "this line does not begin where the others of its group do. Indent it as far as they are.";

/** The most common mistakes in words of somebody who writes the file; the others are told as the library says them. */
const ADVICE: Partial<Record<YamlError["code"], (error: YamlError, yaml: string) => string>> = {
  TAB_AS_INDENT: () => "a tab indents this line. Indent with blanks.",
  BLOCK_AS_IMPLICIT_KEY: () => 'a value holds a colon and a blank. Put quotes around the value: `key: "a: b"`.',
  BAD_SCALAR_START: ({ message }) =>
    `a value cannot start with \`${message.at(-1)}\` without quotes. Put quotes around it.`,
  MULTILINE_IMPLICIT_KEY: () =>
    "this line has no colon behind its key. Write `key: value`, or indent the line if it goes on with the one above.",
  BAD_INDENT: () => INDENTED,
  UNEXPECTED_TOKEN: ({ message, pos }, yaml) => {
    const closing = /^[\]}]/.exec(yaml.slice(pos[0], pos[0] + 1))?.[0];
    return closing === undefined
      ? `${lowerFirst(withoutFullStop(message))}. Put quotes around the whole value.`
      : `\`${closing}\` closes nothing here. Remove it, or put quotes around the value.`;
  },
};

function whatToWrite(error: YamlError, yaml: string): string {
  const advice = ADVICE[error.code]?.(error, yaml);
  const isOutdented = error.message.includes("without - indicator");
  return advice ?? (isOutdented ? INDENTED : `${lowerFirst(withoutFullStop(error.message))}. Correct this line.`);
}

/** Texts such as `*important*`, which YAML takes for the name of a value that stands elsewhere. */
export function findLooseAliases(document: Document): Flaw[] {
  const anchors = new Set<string>();
  const flaws: Flaw[] = [];
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        if (!anchors.has(node.source)) {
          const what = `\`*${node.source}\` stands for a value that is marked with \`&${node.source}\`, and there is none above. Put quotes around a text that starts with \`*\`.`;
          flaws.push(invalid(what, positionOf(node)));
        }
      } else if (node.anchor !== undefined) {
        anchors.add(node.anchor);
      }
    },
  });
  return flaws;
}

/** Keys that stand twice in one place, and the entry that is one too many. */
function findBadEntries(document: Document): Flaw[] {
  const flaws: Flaw[] = [];
  let entries = 0;
  const count = (items: readonly unknown[]) => {
    const excess = items[MAX_ENTRIES - entries];
    entries += items.length;
    if (excess === undefined) {
      return undefined;
    }
    const message = `The front matter has more than ${MAX_ENTRIES} keys and list items. Move what describes the work below the closing \`---\`.`;
    flaws.push({ code: "front-matter-too-long", message, pos: positionOf(excess) });
    return visit.BREAK;
  };
  visit(document, {
    Seq: (_, { items }) => count(items),
    Map: (_, { items }) => {
      const keys = new Set<unknown>();
      for (const { key } of items.filter((item) => isScalar(item.key))) {
        const name = isScalar(key) ? key.value : undefined;
        if (keys.has(name)) {
          const message = `\`${String(name)}\` stands here a second time. Keep one of the two; the file is not used until then.`;
          flaws.push({ code: "invalid-yaml", message, pos: positionOf(key) });
        }
        keys.add(name);
      }
      return count(items);
    },
  });
  return flaws;
}

function positionOf(entry: unknown): readonly [number, number] {
  const node = isNode(entry) ? entry : isPair(entry) && isNode(entry.key) ? entry.key : undefined;
  const [start, end] = node?.range ?? [0, 0];
  return [start, end];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function withoutFullStop(text: string): string {
  return text.replace(/[.:]\s*$/, "");
}
