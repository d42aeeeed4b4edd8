import type { TextRange } from "../../base/problems.ts";
import { logicalLineEnd } from "../../base/pythonStrings.ts";
import type { PythonParser } from "../../base/pythonSyntax.ts";
import type { FlowFile } from "./flowSource.ts";
import { type ReadOptions, readFlowFile } from "./readFlowFile.ts";

/**
 * What a text says about flows. One that is Python but for colons that are missing is read as if they were there: without
 * them there is no class to the parser, and everything that is known of the flow would go with each `def` that is typed.
 */
export function readFlowText(parser: PythonParser, options: ReadOptions): FlowFile {
  const read = (text: string) => parser.read(text, (root) => readFlowFile(root, { ...options, text }));
  const file = read(options.text);
  const missing = file.syntaxError === undefined ? [] : missingColons(options.text);
  if (missing.length === 0 || missing.length > MAX_MISSING) {
    return file;
  }
  const mended = read(withColons(options.text, missing));
  if (mended.syntaxError !== undefined) {
    // Whatever else is wrong, the lines are no headers for certain, but flows may come to light with them.
    return membersIn(mended) > membersIn(file) ? { ...mended, text: options.text } : file;
  }
  const needed = missing.find((each) => {
    const others = missing.filter((other) => other !== each);
    return others.length === 0 || read(withColons(options.text, others)).syntaxError !== undefined;
  });
  return needed === undefined
    ? file
    : { ...mended, text: options.text, syntaxError: { range: needed, fault: "no-colon" } };
}

function membersIn({ classes }: FlowFile): number {
  return classes.reduce((count, { members }) => count + 1 + members.size, 0);
}

/** Nobody leaves out more while typing, and each is tried. */
const MAX_MISSING = 8;

function withColons(text: string, places: readonly TextRange[]): string {
  const lines = text.split("\n");
  for (const { start } of places) {
    const line = lines[start.line] ?? "";
    lines[start.line] = `${line.slice(0, start.column)}:${line.slice(start.column)}`;
  }
  return lines.join("\n");
}

/** A line that opens a block, up to where its colon would stand; a comment may follow. */
const HEADER =
  /^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\([^#]*\)(?:[ \t]*->[^#]*)?|class[ \t]+\w+[ \t]*(?:\([^#]*\))?|(?:if|elif|while|for|with|except)\b[^#]*|else|try|finally)(?<![:,\\([{ \t\r])(?=[ \t]*(?:#.*)?\r?$)/;

/** No header is longer, and a longer line takes the longer to try. */
const MAX_HEADER = 500;

/** Where colons are missing: behind headers whose next line stands further in. Texts and brackets hold no headers. */
function missingColons(text: string): TextRange[] {
  const lines = text.split("\n");
  const missing: TextRange[] = [];
  let row = 0;
  for (let start = 0; start < text.length; ) {
    const end = logicalLineEnd(text, start);
    const line = text.slice(start, end);
    const header = line.length > MAX_HEADER || line.includes("\n") ? undefined : HEADER.exec(line)?.[0];
    if (header !== undefined && indentBehind(lines, row) > indentOf(line)) {
      const at = { line: row, column: header.length };
      missing.push({ start: at, end: at });
    }
    row += line.split("\n").length;
    start = end + 1;
  }
  return missing;
}

/** Of the next line that is not empty; nothing at the end of the file. */
function indentBehind(lines: readonly string[], row: number): number {
  for (let at = row + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.trim() !== "") {
      return indentOf(line);
    }
  }
  return 0;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
