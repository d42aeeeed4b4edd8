import type { TextRange } from "../../base/problems.ts";
import type { PythonParser } from "../../base/pythonSyntax.ts";
import type { FlowFile } from "./flowSource.ts";
import { type ReadOptions, readFlowFile } from "./readFlowFile.ts";

/**
 * What a text says about flows. One that is Python but for colons that are missing is read as if they were there: without
 * them there is no class to the parser, and everything that is known of the flow would go with each `def` that is typed.
 */
export function readFlowText(parser: PythonParser, options: ReadOptions): FlowFile {
  const file = parser.read(options.text, (root) => readFlowFile(root, options));
  const missing = file.syntaxError === undefined ? [] : missingColons(options.text);
  const [first] = missing;
  if (first === undefined) {
    return file;
  }
  const lines = options.text.split("\n");
  for (const { start } of missing) {
    const line = lines[start.line] ?? "";
    lines[start.line] = `${line.slice(0, start.column)}:${line.slice(start.column)}`;
  }
  const mended = parser.read(lines.join("\n"), (root) => readFlowFile(root, options));
  // Whatever else is wrong, the lines are no headers for certain.
  return mended.syntaxError === undefined ? { ...mended, syntaxError: { range: first, isColonMissing: true } } : file;
}

/** A line that opens a block, up to where its colon would stand; a comment may follow. */
const HEADER =
  /^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\([^#]*\)(?:[ \t]*->[^#]*)?|class[ \t]+\w+[ \t]*(?:\([^#]*\))?|(?:if|elif|while|for|with|except)\b[^#]*|else|try|finally)(?<![:,\\([{ \t\r])(?=[ \t]*(?:#.*)?\r?$)/;

/** No header is longer, and a longer line takes the longer to try. */
const MAX_HEADER = 500;

/** Where colons are missing: behind headers whose next line stands further in. */
function missingColons(text: string): TextRange[] {
  const lines = text.split("\n");
  return lines.flatMap((line, row) => {
    const header = line.length > MAX_HEADER ? undefined : HEADER.exec(line)?.[0];
    if (header === undefined || indentBehind(lines, row) <= indentOf(line)) {
      return [];
    }
    const at = { line: row, column: header.length };
    return [{ start: at, end: at }];
  });
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
