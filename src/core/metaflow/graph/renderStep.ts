import { escapeMarkdown, inlineCode } from "../../base/markdown.ts";
import type { FlowGraph, FlowNode } from "./flowGraph.ts";
import { isStepMark } from "./linkFlow.ts";
import { caseLabel } from "./renderDot.ts";

/** Markdown about a step: its kind, its neighbours, its decorators and the first line of its text. */
export function renderStep(node: FlowNode, graph: FlowGraph): string {
  const { step, incoming, matchingJoin, transition } = node;
  const doc = step.source.doc.trim().split("\n")[0] ?? "";
  const decorators = step.decorators
    .filter(({ origin }) => !isStepMark(origin))
    .map(({ source }) => `@${source.callee}`);
  const rows = [
    `**${escapeMarkdown(node.name)}**: ${kindText(node)} of ${inlineCode(graph.flow.name)}`,
    doc === "" ? "" : escapeMarkdown(doc),
    incoming.length === 0 ? "" : `after ${codeList(incoming)}`,
    node.next.length === 0 ? "" : `before ${codeList(node.next)}`,
    transition?.kind === "switch"
      ? `by ${inlineCode(transition.condition)}: ${transition.cases.map(([key, to]) => `${inlineCode(caseLabel(key))} → ${inlineCode(to)}`).join(", ")}`
      : "",
    transition?.kind === "foreach" && typeof transition.parameter === "string"
      ? `one task for each of ${inlineCode(transition.parameter)}`
      : "",
    matchingJoin === undefined ? "" : `joined in ${inlineCode(matchingJoin)}`,
    decorators.length === 0 ? "" : decorators.map((each) => inlineCode(each)).join(" "),
  ];
  return rows.filter((row) => row !== "").join("\n\n");
}

function codeList(names: readonly string[]): string {
  return [...new Set(names)].map((name) => inlineCode(name)).join(", ");
}

function kindText({ type, transition }: FlowNode): string {
  if (type === undefined) {
    return "an unfinished step";
  }
  const words: Record<typeof type, string> = {
    start: "the first step",
    end: "the last step",
    linear: "a step",
    split: "a split",
    foreach: transition?.kind === "parallel" ? "a parallel split" : "a foreach",
    "split-switch": "a switch",
    join: "a join",
  };
  return words[type];
}
