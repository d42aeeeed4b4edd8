import type { FlowNode } from "../graph/flowGraph.ts";
import { removeStatement } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { atName, atNext, stepList } from "./stepReports.ts";

/** Names that Metaflow uses itself on a flow. */
const RESERVED = new Set(["name", "next", "input", "index", "cmd"]);

const ENDS = [
  { flag: "isStart", name: "start", keyword: "start=True" },
  { flag: "isEnd", name: "end", keyword: "end=True" },
] as const;

/** The rules about the beginning and the end of a flow. */
export const endRules: readonly Rule[] = [
  {
    id: "reserved-words",
    severity: "error",
    about: "a step has a name that Metaflow needs itself",
    check: ({ graph }) =>
      [...graph.nodes.values()]
        .filter(({ name }) => RESERVED.has(name))
        .map((node) => atName(node, `A flow has an attribute *${node.name}* already. Give the step another name.`)),
  },
  {
    id: "basic-steps",
    severity: "error",
    about: "a flow has no start or no end, or more than one",
    check: checkBasicSteps,
  },
  {
    id: "annotation-name-conflict",
    severity: "error",
    about: "one step is annotated as start or end, another is named so",
    check: checkNameConflict,
  },
  {
    id: "start-end-degree",
    severity: "error",
    about: "something leads to the start, or the end leads on",
    check: checkDegrees,
  },
  {
    id: "end-is-end",
    severity: "error",
    about: "the end calls self.next or takes inputs",
    check: checkEnd,
  },
];

function checkBasicSteps({ graph, flow, file }: FlowContext): Report[] {
  return ENDS.flatMap(({ flag, name, keyword }): Report[] => {
    if ((name === "start" ? graph.start : graph.end) !== undefined) {
      return [];
    }
    const annotated = flow.steps.filter((step) => step[flag]).map((step) => step.name);
    const message =
      annotated.length > 1
        ? `${stepList(annotated)} are all marked with @step(${keyword}). Leave the mark on one of them.`
        : `${flow.name} has no ${name} step. Name a step *${name}*, or mark one with @step(${keyword}).`;
    return [{ message, range: flow.source.range, file }];
  });
}

function checkNameConflict({ graph, flow, file }: FlowContext): Report[] {
  return ENDS.flatMap(({ name, keyword }): Report[] => {
    const chosen = name === "start" ? graph.start : graph.end;
    if (chosen === undefined || chosen === name || !graph.nodes.has(name)) {
      return [];
    }
    const message = `*${chosen}* is marked with @step(${keyword}), and there is a step named *${name}*. Rename *${name}* or take the mark away.`;
    return [{ message, range: flow.source.range, file }];
  });
}

function endsOf({ graph }: FlowContext): { start: FlowNode; end: FlowNode } | undefined {
  const start = graph.nodes.get(graph.start ?? "");
  const end = graph.nodes.get(graph.end ?? "");
  return start && end ? { start, end } : undefined;
}

function checkDegrees(context: FlowContext): Report[] {
  const ends = endsOf(context);
  if (!ends) {
    return [];
  }
  const { start, end } = ends;
  const reports: Report[] = [];
  if (start.incoming.length > 0) {
    reports.push(
      atName(
        start,
        `${stepList(start.incoming)} ${start.incoming.length === 1 ? "leads" : "lead"} back to the start step *${start.name}*. Nothing may lead there.`,
      ),
    );
  }
  if (end.next.length > 0) {
    const message = `The end step *${end.name}* leads on to ${stepList(end.next)}. Nothing may follow the end.`;
    reports.push(atName(end, message, removeStatement(end.step, "Remove self.next from the end step")));
  }
  return reports;
}

function checkEnd(context: FlowContext): Report[] {
  const { graph } = context;
  const end = graph.nodes.get(graph.end ?? "");
  if (!end) {
    return [];
  }
  if (end.hasTailNext) {
    // With a start, the rule before has named it.
    const isNamed = endsOf(context) !== undefined && end.next.length > 0;
    const message = `The end step *${end.name}* calls self.next. Remove the call.`;
    return isNamed ? [] : [atNext(end, message, removeStatement(end.step, "Remove self.next from the end step"))];
  }
  return end.argumentCount > 1
    ? [atName(end, `The end step *${end.name}* takes inputs like a join. Put a join step in front of it.`)]
    : [];
}
