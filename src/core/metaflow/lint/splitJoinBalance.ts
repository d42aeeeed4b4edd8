import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import type { Report } from "./finding.ts";
import { joinsNothing, openAtEnd } from "./joinMistakes.ts";
import { atName, stepList } from "./stepReports.ts";

/** The splits that are open on a path, the newest on top; equal ones are one object. */
type OpenSplits = {
  id: number;
  roots: readonly string[];
  below: OpenSplits | undefined;
  longer: Map<string, OpenSplits>;
};

type Visit = { node: FlowNode; open: OpenSplits };

/**
 * Walks every path from the start and compares what each join joins with what was split, as Metaflow does, but comes to
 * a step only once with the same splits open: the rest of the path is the same then. The first mistake ends the walk.
 */
export function checkBalance(graph: FlowGraph): Report[] {
  const start = graph.nodes.get(graph.start ?? "");
  if (!start || graph.end === undefined) {
    return [];
  }
  let stacks = 0;
  const newStack = (roots: readonly string[], below?: OpenSplits): OpenSplits => {
    stacks += 1;
    return { id: stacks, roots, below, longer: new Map() };
  };
  const push = (below: OpenSplits, roots: readonly string[]): OpenSplits => {
    const key = [...new Set(roots)].toSorted().join(" ") + roots.length;
    const known = below.longer.get(key) ?? newStack(roots, below);
    below.longer.set(key, known);
    return known;
  };
  const seen = new Set<string>();
  const waiting: Visit[] = [{ node: start, open: newStack([]) }];
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { node, open } = visit;
    const mistake = mistakeAt(node, open, graph);
    if (mistake) {
      return [mistake];
    }
    const after = node.type === "join" ? (open.below ?? open) : isSplit(node) ? push(open, node.next) : open;
    for (const name of node.next.toReversed()) {
      const next = node.type === "split-switch" && name === node.name ? undefined : graph.nodes.get(name);
      const key = `${name} ${after.id}`;
      if (next && !seen.has(key)) {
        waiting.push({ node: next, open: after });
      }
    }
    seen.add(`${node.name} ${open.id}`);
  }
  return [];
}

function isSplit({ type }: FlowNode): boolean {
  return type === "split" || type === "foreach";
}

function mistakeAt(node: FlowNode, { roots, below }: OpenSplits, graph: FlowGraph): Report | undefined {
  if (node.type === "end") {
    return below === undefined ? undefined : openAtEnd(node, roots, graph);
  }
  if (node.type !== "join") {
    return undefined;
  }
  if (below === undefined) {
    return joinsNothing(node, graph);
  }
  const joined = new Set(node.incoming.map((name) => graph.nodes.get(name)?.splitBranches.at(-1)));
  const expected = new Set(roots);
  if (joined.size !== roots.length || [...joined].some((name) => name === undefined || !expected.has(name))) {
    const found = [...joined].flatMap((name) => name ?? []);
    const inner = splitStillOpen(node, expected, graph);
    if (inner !== undefined && found.some((name) => !expected.has(name))) {
      return atName(
        node,
        `*${node.name}* joins ${stepList(found)}, which are of different splits: what *${inner}* splits is not joined before. Join it first, in a step of its own that takes \`inputs\`.`,
      );
    }
    return atName(
      node,
      `The join *${node.name}* does not join what was split: ${stepList(roots)} began, and ${found.length === 0 ? "none" : stepList(found)} of it ends here.`,
    );
  }
  const lineages = node.incoming.map((name) => {
    const from = graph.nodes.get(name);
    const parents = from?.splitParents ?? [];
    return (from?.type === "join" ? parents.slice(0, -1) : parents).join(" ");
  });
  return new Set(lineages).size > 1
    ? atName(node, `*${node.name}* joins steps that come from different splits. Join each split by itself.`)
    : undefined;
}

/** The step that split last on a way to a join which also joins what an earlier one split. */
function splitStillOpen(node: FlowNode, branches: ReadonlySet<string>, graph: FlowGraph): string | undefined {
  const within = node.incoming
    .flatMap((name) => graph.nodes.get(name) ?? [])
    .find(({ type, splitBranches }) => type !== "join" && branches.has(splitBranches.at(-1) ?? ""));
  return within?.splitParents.at(-1);
}
