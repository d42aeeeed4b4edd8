import { rangeOnLine, type TextRange } from "./problems.ts";
import { logicalLineEnd } from "./pythonStrings.ts";

type Indent = { columns: number; characters: number };

/** As Python counts: a tab goes to the next multiple of eight. */
const TAB_WIDTH = 8;

/**
 * The indentation that Python refuses with a TabError: one that is deeper than, or the same as, another only for one width of
 * tabs (https://docs.python.org/3/reference/lexical_analysis.html#indentation).
 */
export function firstMixedIndent(text: string): TextRange | undefined {
  if (!/^ *\t/m.test(text) || !/^\t* /m.test(text)) {
    return undefined;
  }
  const open: Indent[] = [{ columns: 0, characters: 0 }];
  let row = 0;
  for (let start = 0; start < text.length; ) {
    const end = logicalLineEnd(text, start);
    const line = text.slice(start, end);
    const [written = ""] = /^[ \t]*/.exec(line) ?? [];
    if (!/^[ \t\f]*(?:#|\r?\n?$)/.test(line) && !fits(indentOf(written), open)) {
      return rangeOnLine(row, 0, written.length);
    }
    row += line.split("\n").length;
    start = end + 1;
  }
  return undefined;
}

function indentOf(written: string): Indent {
  let columns = 0;
  for (const character of written) {
    columns = character === "\t" ? (Math.floor(columns / TAB_WIDTH) + 1) * TAB_WIDTH : columns + 1;
  }
  return { columns, characters: written.length };
}

/** Compares with the blocks that are open, closes those that end and opens one. */
function fits(indent: Indent, open: Indent[]): boolean {
  while ((open.at(-1)?.columns ?? 0) > indent.columns) {
    open.pop();
  }
  const around = open.at(-1) ?? { columns: 0, characters: 0 };
  if (around.columns < indent.columns) {
    open.push(indent);
    return around.characters < indent.characters;
  }
  return around.characters === indent.characters;
}
