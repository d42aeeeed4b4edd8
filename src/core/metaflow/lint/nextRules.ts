import type { FlowNode } from "../graph/flowGraph.ts";
import type { Report, Rule } from "./finding.ts";
import { quoteArtifact } from "./invalidNext.ts";
import { atNext } from "./stepReports.ts";

/** What is wrong with a `self.next` that passes Metaflow's check. */
export const nextRules: readonly Rule[] = [
  {
    id: "multiple-next",
    severity: "error",
    about: "a step calls self.next a second time, where Metaflow does not look",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(secondCalls),
  },
  {
    id: "foreach-not-a-name",
    severity: "error",
    about: "foreach is given a value instead of the name of an artifact",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(unnamedForeach),
  },
  {
    id: "condition-value",
    severity: "error",
    about: "a switch has no case for a value that its step assigns",
    check: ({ graph }) => [...graph.nodes.values()].flatMap(valuesWithoutCase),
  },
];

function secondCalls(node: FlowNode): Report[] {
  const { tail, body } = node.step.source;
  if (tail.kind !== "next") {
    return [];
  }
  const others = (body?.nextCalls ?? []).filter(
    ({ range, inside }) =>
      range.start.line < tail.range.start.line && !inside.includes("function_definition") && !inside.includes("lambda"),
  );
  return others.map(({ range }) => ({
    message: `*${node.name}* calls self.next here and again in its last line. Metaflow draws the graph from the last line alone and fails when the other call runs; use a switch to choose.`,
    range,
    file: node.step.file,
    step: node.name,
  }));
}

function unnamedForeach(node: FlowNode): Report[] {
  const { tail } = node.step.source;
  const value = tail.kind === "next" ? tail.arguments.find(({ keyword }) => keyword === "foreach") : undefined;
  if (!value || node.hasInvalidNext || /string$|^identifier$|^call$/.test(value.type)) {
    return [];
  }
  const message = `foreach of *${node.name}* is the name of an artifact, as a string, and not its value.`;
  return [{ ...atNext(node, message, quoteArtifact(value)), range: value.range }];
}

function valuesWithoutCase(node: FlowNode): Report[] {
  const { transition } = node;
  if (
    transition?.kind !== "switch" ||
    transition.cases.some(([key]) => typeof key === "string" && key.startsWith("config:"))
  ) {
    return [];
  }
  const keys = new Set(transition.cases.map(([key]) => key));
  const { source, file } = node.step;
  const writes = (source.body?.attributes ?? []).filter(
    ({ owner, name, access }) => owner === "self" && name === transition.condition && access === "write",
  );
  return writes.flatMap(({ value, range }): Report[] => {
    const isKnown = value !== undefined && value !== null && typeof value !== "object";
    return isKnown && !keys.has(value)
      ? [
          {
            message: `The switch *${node.name}* has no case for ${JSON.stringify(value)}; there are ${[...keys].map((key) => JSON.stringify(key)).join(", ")}.`,
            range,
            file,
            step: node.name,
          },
        ]
      : [];
  });
}
