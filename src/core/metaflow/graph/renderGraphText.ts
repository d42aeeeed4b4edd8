import type { FlowGraph, FlowNode } from "./flowGraph.ts";
import { outputType } from "./outputSteps.ts";
import { caseLabel } from "./renderDot.ts";

/** The steps of a flow in the order in which they run, each with what follows, as lines for a terminal. */
export function renderGraphText(graph: FlowGraph): string {
  const reached = graph.order.flatMap((name) => graph.nodes.get(name) ?? []);
  const others = [...graph.nodes.values()].filter(({ name }) => !graph.order.includes(name));
  return [
    `${graph.flow.name}: ${graph.nodes.size} ${graph.nodes.size === 1 ? "step" : "steps"}`,
    ...reached.map((node) => `  ${stepLine(node)}`),
    ...(others.length > 0 ? ["not reached:", ...others.map((node) => `  ${stepLine(node)}`)] : []),
  ].join("\n");
}

function stepLine(node: FlowNode): string {
  const doc = node.step.source.doc.trim().split("\n")[0] ?? "";
  return [
    `${node.name} (${outputType(node)}, line ${node.step.source.range.start.line + 1})`,
    arrow(node),
    doc && `# ${doc}`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function arrow({ next, transition }: FlowNode): string {
  switch (transition?.kind) {
    case "switch":
      return `-> ${transition.cases.map(([key, target]) => `${caseLabel(key)}: ${target}`).join(", ")} by ${transition.condition}`;
    case "foreach":
      return `-> ${next.join(", ")} for each of ${typeof transition.parameter === "string" ? transition.parameter : "?"}`;
    case "parallel":
      return `-> ${next.join(", ")} × ${typeof transition.parameter === "number" ? transition.parameter : "?"}`;
    default:
      return next.length === 0 ? "" : `-> ${next.join(", ")}`;
  }
}
