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
