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
export function firstEmptyBlock(root: PythonNode): PythonNode | undefined {
  const empty = root.descendantsOfType("block").find((block) => block.namedChildCount === 0);
  return empty?.parent ?? undefined;
}
