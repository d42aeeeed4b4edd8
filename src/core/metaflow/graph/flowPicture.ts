import type { Arrow, Box, BoxShape, Picture } from "../../base/drawing/picture.ts";
import type { FlowGraph, FlowNode } from "./flowGraph.ts";
import { caseLabel } from "./renderDot.ts";

type StepKind = "start" | "linear" | "split" | "foreach" | "parallel" | "switch" | "join" | "end" | "unknown";

/**
 * Rounded: start, and end with a second line. A split widens downwards, a join narrows. A foreach is a stack of
 * sheets, a parallel step a stack to the side, a switch has points, and an ordinary step is a box.
 */
const SHAPES: Readonly<Record<StepKind, BoxShape>> = {
  start: "round",
  end: "double-round",
  linear: "box",
  split: "widening",
  join: "narrowing",
  switch: "pointed",
  foreach: "stack",
  parallel: "side-stack",
  unknown: "missing",
};

/** Below the name of a step, which most often is `start` and `end` itself. */
const KIND_WORDS: Readonly<Partial<Record<StepKind, string>>> = {
  start: "first step",
  linear: "step",
  end: "last step",
};

/** The drawing of a flow: its steps, and the steps it names that do not exist. */
export function flowPicture(graph: FlowGraph): Picture {
  const nodes = [...graph.nodes.values()];
  const known = nodes.map((node) => boxOf(node, graph));
  const missing = new Set(nodes.flatMap(({ next }) => next.filter((name) => !graph.nodes.has(name))));
  return {
    title: `Graph of ${graph.flow.name}`,
    boxes: [...known, ...[...missing].map((name): Box => ({ name, shape: "missing", note: "no such step" }))],
    arrows: nodes.flatMap(arrowsOf),
  };
}

function boxOf(node: FlowNode, { flow, start }: FlowGraph): Box {
  const { source, file } = node.step;
  const [kind, text] = kindOf(node);
  // A flow may begin with a split, which keeps the shape of a split.
  const note = node.name === start && kind !== "start" && kind !== "end" ? `first step, ${text}` : text;
  return {
    name: node.name,
    shape: SHAPES[kind],
    note,
    ...(file === flow.file ? { line: source.range.start.line } : {}),
  };
}

function kindOf({ type, transition, isParallelStep }: FlowNode): [StepKind, string] {
  const suffix = isParallelStep ? ", @parallel" : "";
  if (type === undefined) {
    return ["unknown", "unfinished"];
  }
  if (type === "foreach") {
    return transition?.kind === "parallel"
      ? ["parallel", `parallel × ${parameterText(transition.parameter)}`]
      : ["foreach", `foreach ${transition?.kind === "foreach" ? parameterText(transition.parameter) : "?"}`];
  }
  if (type === "split-switch") {
    return ["switch", `switch ${transition?.kind === "switch" ? transition.condition : ""}`];
  }
  return [type, `${KIND_WORDS[type] ?? type}${suffix}`];
}

function parameterText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}

function arrowsOf({ name, next, transition }: FlowNode): Arrow[] {
  const arrows = new Map<string, Arrow>();
  const add = (to: string, label: string) => {
    const known = arrows.get(to);
    arrows.set(to, { from: name, to, label: known ? [known.label, label].join(", ") : label });
  };
  if (transition?.kind === "switch") {
    transition.cases.forEach(([key, to]) => add(to, caseLabel(key)));
  } else {
    new Set(next).forEach((to) => add(to, ""));
  }
  return [...arrows.values()];
}
