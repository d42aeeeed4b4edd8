import { type FlowGraph, type FlowNode } from "../graph/flowGraph.ts";
import { caseLabel } from "../graph/renderDot.ts";
import type { FlowState } from "../runs/flowRun.ts";

/** What a drawing of a flow shows, without places. */
export type GraphPicture = { name: string; boxes: readonly Box[]; arrows: readonly Arrow[] };

/** Each kind has a shape of its own, so that it is recognized without colour. */
export type BoxKind = "start" | "linear" | "split" | "foreach" | "parallel" | "switch" | "join" | "end" | "unknown";

export type Box = {
  name: string;
  kind: BoxKind;
  /** One line below the name: what the step splits on, or its kind in words. */
  note: string;
  /** What became of the step in the run that is shown. */
  status?: BoxStatus;
  /** Where the step stands, from zero; absent where it stands in another file, and for a step that does not exist. */
  line?: number;
};

export type BoxStatus = { state: FlowState; text: string };

export type Arrow = { from: string; to: string; label: string };

/** The picture of a flow, with what a run made of its steps where one is given. */
export function pictureOf(graph: FlowGraph, status: ReadonlyMap<string, BoxStatus> = new Map()): GraphPicture {
  const nodes = [...graph.nodes.values()];
  const known = nodes.map((node): Box => {
    const own = status.get(node.name);
    return { ...boxOf(node, graph), ...(own ? { status: own } : {}) };
  });
  const missing = new Set(nodes.flatMap(({ next }) => next.filter((name) => !graph.nodes.has(name))));
  return {
    name: graph.flow.name,
    boxes: [...known, ...[...missing].map((name): Box => ({ name, kind: "unknown", note: "no such step" }))],
    arrows: nodes.flatMap(arrowsOf),
  };
}

function boxOf(node: FlowNode, { flow, start }: FlowGraph): Box {
  const { source, file } = node.step;
  const [kind, text] = kindOf(node);
  // A flow may begin with a split, which keeps the shape of a split.
  const note = node.name === start && kind !== "start" && kind !== "end" ? `start, ${text}` : text;
  return { name: node.name, kind, note, ...(file === flow.file ? { line: source.range.start.line } : {}) };
}

function kindOf({ type, transition, isParallelStep }: FlowNode): [BoxKind, string] {
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
  return [type, `${type === "linear" ? "step" : type}${suffix}`];
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
