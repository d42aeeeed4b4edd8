import type { FlowGraph } from "./flowGraph.ts";
import { keyText } from "./pythonValue.ts";

/** The graph in the language of Graphviz, as `python flow.py output-dot` prints it. */
export function renderDot(graph: FlowGraph): string {
  const nodes: string[] = [];
  const edges: string[] = [];
  for (const { name, type, transition, argumentCount, next } of graph.nodes.values()) {
    if (transition?.kind === "switch" && type === "split-switch") {
      nodes.push(
        `"${name}" [ label = <<b>${name}</b><br/><font point-size="9">switch: ${transition.condition}</font>>   fontname = "Helvetica"   shape = "hexagon"   style = "filled" fillcolor = "lightgreen" ];`,
      );
      for (const [key, target] of transition.cases) {
        edges.push(`${name} -> ${target} [label="${caseLabel(key)}" color="blue" fontcolor="blue"];`);
      }
    } else {
      const label = argumentCount > 1 ? "join" : (type ?? "None");
      nodes.push(
        `"${name}"[ label = <<b>${name}</b> | <font point-size="10">${label}</font>>   fontname = "Helvetica"   shape = "record" ];`,
      );
      edges.push(...next.map((target) => `${name} -> ${target};`));
    }
  }
  return `digraph ${graph.flow.name} {\n${nodes.join("\n")}\n${edges.join("\n")}\n}`;
}

/** Python spells True and False with a capital. */
export function caseLabel(key: Parameters<typeof keyText>[0]): string {
  return typeof key === "boolean" ? (key ? "True" : "False") : keyText(key);
}
