import type { PythonNode } from "./pythonSyntax.ts";

/** The first place in a parsed file that is no Python; undefined where all of it is. */
export function firstSyntaxError(root: PythonNode): PythonNode | undefined {
  let node = root;
  while (node.hasError && !node.isError && !node.isMissing) {
    const inner = node.children.find((child) => child.hasError || child.isMissing);
    if (!inner) {
      break;
    }
    node = inner;
  }
  return root.hasError ? node : undefined;
}

/** The first statement that opens a block and has none: `for x in y:` with nothing indented below, which the grammar lets pass. */
export function firstEmptyBlock(root: PythonNode, text: string): PythonNode | undefined {
  if (!mayLackBlock(text)) {
    return undefined;
  }
  const empty = root.descendantsOfType("block").find((block) => block.namedChildCount === 0);
  return empty?.parent ?? undefined;
}

/** Whether a line that may open a block has no deeper one below: the text tells it in a tenth of the time that the tree needs. */
function mayLackBlock(text: string): boolean {
  let opener: string | undefined;
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const code = line.trim();
    if (code === "" || code.startsWith("#")) {
      continue;
    }
    const indent = line.slice(0, line.length - line.trimStart().length);
    if (opener !== undefined && (indent === opener || !indent.startsWith(opener))) {
      return true;
    }
    opener = mayOpenBlock(code) ? indent : undefined;
  }
  return opener !== undefined;
}

/** A colon at the end, or one that only a comment or the sign for a continued line may follow. */
function mayOpenBlock(code: string): boolean {
  return code.endsWith(":") || (code.includes(":") && (code.includes("#") || code.endsWith("\\")));
}
