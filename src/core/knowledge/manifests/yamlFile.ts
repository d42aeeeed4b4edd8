import { type Document, isMap, isScalar, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from "yaml";
import { missingClosing } from "../../base/yamlClosing.ts";
import type { ReadingBuilder } from "./reading.ts";

/** The root of a YAML file as nodes, which name their lines. Aliases stay unexpanded, so that nothing can multiply. */
export type YamlFile = { root: YAMLMap | undefined; lineOf: (node: unknown) => number };

export function readYaml(text: string, reading: ReadingBuilder): YamlFile {
  const lines = new LineCounter();
  const document = parse(text, lines);
  const lineOf = (node: unknown) => {
    const range = hasRange(node) ? node.range : undefined;
    return Math.max(0, lines.linePos(range?.[0] ?? 0).line - 1);
  };
  const [error] = document?.errors ?? [];
  if (document === undefined || error) {
    const reason = error ? reasonOf(error.message) : "it is nested too deeply";
    const line = error?.pos ? lines.linePos(error.pos[0]).line - 1 : 0;
    reading.report("invalid-yaml", Math.max(0, line), `The file cannot be read: ${reason}.`, "error");
  }
  const contents = document?.contents;
  return { root: isMap(contents) ? contents : undefined, lineOf };
}

/** The end of a sentence; the library notices behind it that something is not closed. */
function reasonOf(message: string): string {
  const [first = ""] = message.split("\n", 1);
  const closing = missingClosing(first);
  return closing === undefined
    ? first.replace(/[.:]$/, "")
    : `a value is opened here or above and never closed. Write \`${closing}\` where it ends`;
}

/** The text of a scalar at a key; numbers as they were written. */
export function scalarText(map: YAMLMap | undefined, key: string): string | undefined {
  const node = map?.get(key, true);
  if (!isScalar(node)) {
    return undefined;
  }
  return node.source ?? (typeof node.value === "string" ? node.value : undefined);
}

function parse(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, { lineCounter, logLevel: "silent", prettyErrors: false });
  } catch (error) {
    // Collections nested thousands deep exhaust the stack of the parser.
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}

function hasRange(node: unknown): node is Pick<ParsedNode, "range"> {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

/** The configuration files of VS Code: JSON with comments, in which `//` and `#` of a text mean nothing. */
export function readJsonWithComments(text: string, reading: ReadingBuilder): YamlFile {
  return readYaml(withoutComments(text), reading);
}

/** Blanks for comments, so that lines and columns stay; texts are left as they are. What is never closed goes on to the end, so that nothing is looked at twice. */
function withoutComments(text: string): string {
  return text.replaceAll(/"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (match) =>
    match.startsWith('"') ? match : match.replaceAll(/[^\n]/g, " "),
  );
}
