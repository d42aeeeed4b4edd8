import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";

/**
 * The first circle that Metaflow meets, walking from each step in alphabetical order, and the step whose transition
 * closes it. A switch may go back to itself. Steps behind which there is no circle are walked once.
 */
export function findLoop({ nodes }: FlowGraph): { node: FlowNode; path: string[] } | undefined {
  const harmless = new Set<string>();
  for (const root of nodes.values()) {
    const path: { node: FlowNode; next: number }[] = [{ node: root, next: 0 }];
    // The root is not on its own path: Metaflow notices it only when it comes by a second time.
    const onPath = new Set<string>();
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const target = at.node.next[at.next];
      at.next += 1;
      if (target === undefined) {
        path.pop();
        onPath.delete(at.node.name);
        harmless.add(at.node.name);
      } else if (!(at.node.type === "split-switch" && target === at.node.name)) {
        if (onPath.has(target)) {
          const names = path.map(({ node }) => node.name);
          return { node: at.node, path: [...names.slice(names.lastIndexOf(target)), target] };
        }
        const node = harmless.has(target) ? undefined : nodes.get(target);
        if (node) {
          onPath.add(target);
          path.push({ node, next: 0 });
        }
      }
    }
  }
  return undefined;
}
