import { UserError } from "../../base/errors.ts";
import type { TextEdit } from "../../base/problems.ts";
import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import { isStepMark } from "../graph/linkFlow.ts";
import { insertAt, lineEndOf, linesOf, replace } from "../lint/edits.ts";

/** What is put between a step and the one it goes to. */
export type Addition =
  | { kind: "step"; name: string }
  /** Steps side by side, and the join behind them. */
  | { kind: "branch"; names: readonly [string, string, ...string[]]; join: string }
  /** One step for each item of a list, and the join behind it. */
  | { kind: "foreach"; name: string; over: string; join: string };

/** `from` leads to `to`; where a step splits, `to` says which of its ways is meant. */
export type Place = { from: string; to: string };

const STEP_NAME = /^[a-z][a-z0-9_]*$/;

/**
 * The edits that add steps to a flow: the transition of one step, and the new methods behind it, in the indentation and with
 * the decorator that the step itself has. Throws a UserError where there is no such place or a name is taken.
 */
export function addSteps(graph: FlowGraph, { from, to }: Place, addition: Addition): TextEdit[] {
  const node = graph.nodes.get(from);
  const { tail, range: own } = node?.step.source ?? {};
  const target = tail?.kind === "next" ? tail.targets.find(({ name }) => name === to) : undefined;
  if (!node || tail?.kind !== "next" || !target || !own) {
    throw new UserError(`${from} does not lead to ${to} in ${graph.flow.name}. Choose a step and one that follows it.`);
  }
  if (node.step.file !== graph.flow.file) {
    throw new UserError(`${from} stands in ${node.step.file.path}. Open that file and add the step there.`);
  }
  requireFree(graph, addition);
  if (addition.kind !== "step") {
    requireLinear(node, addition.kind);
  }
  const layout = layoutOf(node);
  const transition =
    addition.kind === "step"
      ? replace(target.range, addition.name)
      : replace(tail.range, splitLines(addition).join(`${layout.lineEnd}${layout.body}`));
  const methods = methodsOf(addition, to).flatMap((method) => ["", ...methodLines(method, layout)]);
  return [
    transition,
    insertAt(layout.lastLine, layout.lastColumn, methods.map((line) => layout.lineEnd + line).join("")),
  ];
}

function requireFree({ flow }: FlowGraph, addition: Addition): void {
  const names = namesOf(addition);
  const wrong = names.find((name) => !STEP_NAME.test(name));
  if (wrong !== undefined) {
    throw new UserError(`"${wrong}" cannot name a step. Use lowercase letters, digits and underscores.`);
  }
  const taken = names.find((name, index) => flow.attributes.has(name) || names.indexOf(name) !== index);
  if (taken !== undefined) {
    throw new UserError(`${flow.name} has ${taken} already. Choose another name.`);
  }
}

function namesOf(addition: Addition): readonly string[] {
  switch (addition.kind) {
    case "step":
      return [addition.name];
    case "branch":
      return [...addition.names, addition.join];
    case "foreach":
      return [addition.name, addition.join];
  }
  return [];
}

/** Metaflow splits behind a step that goes one way and does not join. */
function requireLinear({ name, transition, argumentCount }: FlowNode, kind: string): void {
  if (transition?.kind !== "linear") {
    throw new UserError(`${name} splits already, so no ${kind} can begin in it. Add a step behind it first.`);
  }
  if (argumentCount > 1) {
    throw new UserError(`${name} is a join, so no ${kind} can begin in it. Add a step behind it first.`);
  }
}

function splitLines(addition: Exclude<Addition, { kind: "step" }>): string[] {
  return addition.kind === "branch"
    ? [`self.next(${addition.names.map((name) => `self.${name}`).join(", ")})`]
    : [`self.${addition.over} = [1, 2, 3]`, `self.next(self.${addition.name}, foreach="${addition.over}")`];
}

type Method = { name: string; doc: string; isJoin: boolean; body: readonly string[]; to: string };

function methodsOf(addition: Addition, to: string): Method[] {
  if (addition.kind === "step") {
    return [ordinaryMethod(addition.name, to, `print("${addition.name}")`)];
  }
  const join: Method = {
    name: addition.join,
    doc: "Keep what the branches agree on; choose among the rest.",
    isJoin: true,
    body: ["self.merge_artifacts(inputs)"],
    to,
  };
  return addition.kind === "branch"
    ? [...addition.names.map((name) => ordinaryMethod(name, addition.join, `print("${name}")`)), join]
    : [ordinaryMethod(addition.name, addition.join, `print("${addition.name}", self.input)`), join];
}

function ordinaryMethod(name: string, to: string, body: string): Method {
  return { name, doc: `Say what ${name} does.`, isJoin: false, body: [body], to };
}

type Layout = {
  method: string;
  body: string;
  decorator: string;
  lineEnd: string;
  lastLine: number;
  lastColumn: number;
};

/** How the flow is written where the new steps go. */
function layoutOf({ step: { source, file, decorators } }: FlowNode): Layout {
  const lines = linesOf(file);
  const indentOf = (line: number) => /^\s*/.exec(lines[line] ?? "")?.[0] ?? "";
  const method = indentOf(source.fullRange.start.line);
  const inBody = indentOf(source.lastStatement.start.line);
  const mark = decorators.find(({ origin }) => isStepMark(origin));
  const lastLine = source.fullRange.end.line;
  return {
    method,
    // A body on the line of its `def` has no indentation of its own.
    body: inBody.length > method.length ? inBody : `${method}${method === "" ? "    " : method}`,
    decorator: mark?.source.callee ?? "step",
    lineEnd: lineEndOf(file),
    lastLine,
    lastColumn: (lines[lastLine] ?? "").length,
  };
}

function methodLines({ name, doc, isJoin, body, to }: Method, layout: Layout): string[] {
  return [
    `${layout.method}@${layout.decorator}`,
    `${layout.method}def ${name}(self${isJoin ? ", inputs" : ""}):`,
    ...[`"""${doc}"""`, ...body, `self.next(self.${to})`].map((line) => `${layout.body}${line}`),
  ];
}
