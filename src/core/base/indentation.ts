import { rangeOnLine, type TextRange } from "./problems.ts";
import { logicalLineAt } from "./pythonStrings.ts";

/**
 * What Python refuses in an indentation: tabs and spaces that make sense only for one width of a tab, a line deeper than the one
 * above that opens no block, or one as deep as no block that is open.
 */
export type IndentFault = "mixed-indent" | "unexpected-indent" | "unmatched-indent";

type Indent = { columns: number; characters: number };

/** As Python counts: a tab goes to the next multiple of eight. */
const TAB_WIDTH = 8;

/**
 * The first indentation of a text that Python refuses, which the parser's grammar lets pass; its rules are those of
 * https://docs.python.org/3/reference/lexical_analysis.html#indentation.
 */
export function firstIndentFault(text: string): { range: TextRange; fault: IndentFault } | undefined {
  const open: Indent[] = [{ columns: 0, characters: 0 }];
  let mayOpen = false;
  let row = 0;
  for (let start = 0; start < text.length; ) {
    const { codeEnd, end } = logicalLineAt(text, start);
    const code = text.slice(start, codeEnd);
    if (code.trim() !== "") {
      const [written = ""] = /^[ \t\f]*/.exec(code) ?? [];
      const fault = faultOf(indentOf(written), open, mayOpen);
      if (fault !== undefined) {
        return { range: rangeOnLine(row, 0, Math.max(1, written.length)), fault };
      }
      mayOpen = code.trimEnd().endsWith(":");
    }
    row += linesIn(text, start, end);
    start = end + 1;
  }
  return undefined;
}

function linesIn(text: string, start: number, end: number): number {
  let count = 1;
  for (let at = text.indexOf("\n", start); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) {
    count += 1;
  }
  return count;
}

function indentOf(written: string): Indent {
  let indent = { columns: 0, characters: 0 };
  for (const character of written) {
    const { columns, characters } = indent;
    indent =
      character === "\f"
        ? { columns: 0, characters: 0 }
        : {
            columns: character === "\t" ? (Math.floor(columns / TAB_WIDTH) + 1) * TAB_WIDTH : columns + 1,
            characters: characters + 1,
          };
  }
  return indent;
}

/** Compares with the blocks that are open, closes those that end and opens one. */
function faultOf(indent: Indent, open: Indent[], mayOpen: boolean): IndentFault | undefined {
  const before = open.at(-1) ?? indent;
  if (indent.columns > before.columns) {
    open.push(indent);
    return indent.characters <= before.characters ? "mixed-indent" : mayOpen ? undefined : "unexpected-indent";
  }
  while ((open.at(-1)?.columns ?? 0) > indent.columns) {
    open.pop();
  }
  const around = open.at(-1) ?? indent;
  if (around.columns !== indent.columns) {
    return "unmatched-indent";
  }
  return around.characters === indent.characters ? undefined : "mixed-indent";
}
