import { oneLine } from "../../base/markdown.ts";
import type { FlowGraph, FlowNode } from "./flowGraph.ts";
import { outputType } from "./outputSteps.ts";
import { caseLabel } from "./renderDot.ts";

/** Of a docstring, or of the cases of a switch. */
const MAX_PART = 1_000;

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
    .map((part) => oneLine(part, MAX_PART))
    .join("  ");
}

function arrow({ next, transition }: FlowNode): string {
  const targets = next.join(", ");
  if (transition?.kind === "switch") {
    const cases = transition.cases.map(([key, target]) => `${caseLabel(key)}: ${target}`);
    return `-> ${cases.join(", ")} by ${transition.condition}`;
  }
  if (transition?.kind === "foreach") {
    return `-> ${targets} for each of ${typeof transition.parameter === "string" ? transition.parameter : "?"}`;
  }
  const count =
    transition?.kind === "parallel" && typeof transition.parameter === "number" ? transition.parameter : "?";
  return targets === "" ? "" : `-> ${targets}${transition?.kind === "parallel" ? ` × ${count}` : ""}`;
}
