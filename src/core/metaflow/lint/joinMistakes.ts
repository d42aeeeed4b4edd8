import type { Fix } from "../../base/problems.ts";
import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import { insertAt, linesOf, replace } from "./edits.ts";
import type { Report } from "./finding.ts";
import { atName, stepList } from "./stepReports.ts";

/** The branches of a split come to the end: Metaflow's finding is about the end, the mistake mostly in the step that was to join. */
export function openAtEnd(end: FlowNode, roots: readonly string[], graph: FlowGraph): Report {
  const join = meantJoin(roots, graph);
  if (join === undefined) {
    return atName(
      end,
      `The flow comes to its end *${end.name}* before the branches ${stepList(roots)} are joined. Join them in a step that takes \`self\` and \`inputs\`.`,
    );
  }
  const { name, step } = join;
  const met = roots.length > 1 ? `The branches ${stepList(roots)} meet` : `The tasks of *${roots[0]}* are joined`;
  const message = `${met} in *${name}*, which does not take what they did. Write \`def ${name}(self, inputs)\`.`;
  return { message, range: step.source.range, file: step.file, step: end.name, fixes: takeInputs(join) };
}

/** Enough to know where branches meet; a generated flow may have a thousand. */
const MAX_BRANCHES = 20;

/** The step behind a split that speaks of `inputs`, or in which all of its branches meet, and that takes only `self`. */
function meantJoin(roots: readonly string[], graph: FlowGraph): FlowNode | undefined {
  const reached = roots.slice(0, MAX_BRANCHES).map((root) => walk(root, (name) => graph.nodes.get(name)?.next));
  const candidates = graph.order.flatMap((name) => {
    const node = graph.nodes.get(name);
    return node?.argumentCount === 1 && node.type === "linear" && reached.every((names) => names.has(name))
      ? [node]
      : [];
  });
  return (
    candidates.find((node) => speaksOfInputs(node, "inputs")) ??
    candidates.find(({ incoming }) => roots.length > 1 && incoming.length > 1)
  );
}

/** A step and all that lies on one side of it. */
function walk(from: string, neighbours: (name: string) => readonly string[] | undefined): ReadonlySet<string> {
  const reached = new Set([from]);
  for (const name of reached) {
    for (const next of neighbours(name) ?? []) {
      reached.add(next);
    }
  }
  return reached;
}

function takeInputs({ step }: FlowNode): Fix[] {
  const { parametersRange, parameterNames } = step.source;
  const { line, column } = parametersRange.end;
  return parameterNames.length === 1 && parametersRange.start.line === line
    ? [{ title: "Take inputs", edits: [insertAt(line, column - 1, ", inputs")] }]
    : [];
}

/** A step takes inputs where nothing was split. */
export function joinsNothing(node: FlowNode, graph: FlowGraph): Report {
  const { name } = node;
  const before = walk(name, (each) => graph.nodes.get(each)?.incoming);
  const found = [...graph.nodes.values()].find(
    ({ type, next }) => type === "split-switch" && next.every((each) => before.has(each)),
  );
  const why = found === undefined ? "" : `: the switch *${found.name}* runs only one of its cases`;
  return atName(
    node,
    `*${name}* takes inputs like a join, and no split leads to it${why}. Write \`def ${name}(self)\`, and read artifacts from \`self\`.`,
    leaveInputs(node),
  );
}

function leaveInputs(node: FlowNode): Fix[] {
  const { parametersRange, parameterNames } = node.step.source;
  const [self, inputs] = parameterNames;
  const isPlain = parameterNames.length === 2 && inputs !== undefined && !speaksOfInputs(node, inputs);
  return isPlain ? [{ title: `Remove ${inputs}`, edits: [replace(parametersRange, `(${self})`)] }] : [];
}

/** Whether the body of a step has the word. */
function speaksOfInputs({ step }: FlowNode, word: string): boolean {
  const { parametersRange, fullRange } = step.source;
  const lines = linesOf(step.file).slice(parametersRange.end.line + 1, fullRange.end.line + 1);
  return lines.some((line) => new RegExp(`\\b${word}\\b`).test(line));
}
