import type { TextRange } from "../base/problems.ts";
import { buildGraph, type FlowGraph, type FlowNode } from "./graph/flowGraph.ts";
import { renderStep } from "./graph/renderStep.ts";
import type { FlowReport } from "./lint/checkFlow.ts";
import type { Finding } from "./lint/finding.ts";

/** What an editor shows of a flow file while it is typed. A few kilobytes where a report has megabytes, so it crosses threads. */
export type FlowSummary = {
  findings: readonly Finding[];
  flows: readonly {
    name: string;
    range: TextRange;
    /** The steps that stand in this file, with the line of their first decorator. */
    steps: readonly { name: string; firstLine: number }[];
  }[];
};

export type Position = { line: number; column: number };

/** Markdown about a step, for the range that it explains. */
export type StepHover = { markdown: string; range: TextRange };

export function summarizeFlows({ findings, flows }: FlowReport): FlowSummary {
  return {
    findings,
    flows: flows.map(({ name, source, steps, file }) => ({
      name,
      range: source.range,
      steps: steps
        .filter((step) => step.file === file)
        .map((step) => ({ name: step.name, firstLine: step.source.firstLine })),
    })),
  };
}

/** What is to be said of the step whose name stands at a position, in its definition or as a target. */
export function describeStepAt({ flows }: FlowReport, position: Position): StepHover | undefined {
  for (const graph of flows.map(buildGraph)) {
    const found = stepUnder(graph, position);
    if (found) {
      return { markdown: renderStep(found.node, graph), range: found.range };
    }
  }
  return undefined;
}

function stepUnder({ nodes, flow }: FlowGraph, position: Position): { node: FlowNode; range: TextRange } | undefined {
  for (const node of nodes.values()) {
    const { source, file } = node.step;
    if (file !== flow.file) {
      continue;
    }
    if (contains(source.range, position)) {
      return { node, range: source.range };
    }
    const targets = source.tail.kind === "next" ? source.tail.targets : [];
    const target = targets.find(({ range }) => contains(range, position));
    const to = target && nodes.get(target.name);
    if (target && to) {
      return { node: to, range: target.range };
    }
  }
  return undefined;
}

function contains({ start, end }: TextRange, { line, column }: Position): boolean {
  const isAfterStart = line > start.line || (line === start.line && column >= start.column);
  return isAfterStart && (line < end.line || (line === end.line && column <= end.column));
}
