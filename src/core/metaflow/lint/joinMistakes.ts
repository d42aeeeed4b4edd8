import type { Fix } from "../../base/problems.ts";
import { codePlaces } from "../../base/pythonStrings.ts";
import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import type { StepSource } from "../graph/linkFlow.ts";
import { linesOf, replace } from "./edits.ts";
import type { Report } from "./finding.ts";
import { atName, stepList } from "./stepReports.ts";

/** The branches of a split come to the end: Metaflow's finding is about the end, the mistake mostly in the step that was to join. */
export function openAtEnd(end: FlowNode, roots: readonly string[], graph: FlowGraph): Report {
  const join = meantJoin(roots, graph);
  if (join === undefined) {
    return atName(
      end,
      `The flow comes to its end *${end.name}* before the branches ${stepList(roots)} are joined. Join them in a step that takes \`self\` and \`inputs\`.`,
    );
  }
  const { name, step } = join;
  const met = roots.length > 1 ? `The branches ${stepList(roots)} meet` : `The tasks of *${roots[0]}* are joined`;
  const message = `${met} in *${name}*, which does not take what they did. Write \`def ${name}(self, inputs)\`.`;
  return { message, range: step.source.range, file: step.file, step: end.name, fixes: takeInputs(join) };
}

/** Enough to know where branches meet; a generated flow may have a thousand. */
const MAX_BRANCHES = 20;

/** The step behind a split that reads `inputs`, or in which all of its branches meet, and that takes only `self`. */
function meantJoin(roots: readonly string[], graph: FlowGraph): FlowNode | undefined {
  const reached = roots.slice(0, MAX_BRANCHES).map((root) => walk(root, (name) => graph.nodes.get(name)?.next));
  const candidates = graph.order.flatMap((name) => {
    const node = graph.nodes.get(name);
    const isBehind = !roots.includes(name) && reached.every((names) => names.has(name));
    return node?.argumentCount === 1 && node.type === "linear" && isBehind ? [node] : [];
  });
  return candidates.find(readsInputs) ?? candidates.find(({ incoming }) => roots.length > 1 && incoming.length > 1);
}

/** A step and all that lies on one side of it. */
function walk(from: string, neighbours: (name: string) => readonly string[] | undefined): ReadonlySet<string> {
  const reached = new Set([from]);
  for (const name of reached) {
    for (const next of neighbours(name) ?? []) {
      reached.add(next);
    }
  }
  return reached;
}

function takeInputs({ step }: FlowNode): Fix[] {
  const [self] = plainParameters(step, 1);
  return self === undefined
    ? []
    : [{ title: "Take inputs", edits: [replace(step.source.parametersRange, `(${self}, inputs)`)] }];
}

/** The parameters of a step that has so many, and nothing else in their brackets that would be lost with them. */
function plainParameters({ file, source }: StepSource, count: number): readonly string[] {
  const { start, end } = source.parametersRange;
  const written = start.line === end.line ? (linesOf(file)[start.line] ?? "").slice(start.column, end.column) : "";
  const names = written
    .slice(1, -1)
    .split(",")
    .flatMap((name) => name.trim() || []);
  return names.length === count && names.every((name) => /^\w+$/.test(name)) ? names : [];
}

/** A step takes inputs where nothing was split. */
export function joinsNothing(node: FlowNode, graph: FlowGraph): Report {
  const { name } = node;
  const before = walk(name, (each) => graph.nodes.get(each)?.incoming);
  const found = [...graph.nodes.values()].find(
    ({ type, next }) => type === "split-switch" && next.every((each) => before.has(each)),
  );
  const why = found === undefined ? "" : `: the switch *${found.name}* runs only one of its cases`;
  return atName(
    node,
    `*${name}* takes inputs like a join, and no split leads to it${why}. Write \`def ${name}(self)\`, and read artifacts from \`self\`.`,
    leaveInputs(node),
  );
}

function leaveInputs({ step }: FlowNode): Fix[] {
  const [self, inputs] = plainParameters(step, 2);
  return inputs === undefined || new RegExp(`\\b${inputs}\\b`).test(bodyOf(step))
    ? []
    : [{ title: `Remove ${inputs}`, edits: [replace(step.source.parametersRange, `(${self})`)] }];
}

/** What only a join does: going through the results of its tasks, or asking one of them. */
const READS_INPUTS = /\bin\s+(?:\w+\(\s*)*inputs\b|(?<![\w.])inputs(?:\s*\[|\.\w)|\bmerge_artifacts\(\s*inputs\b/g;

/** Ways in which a step has something of its own called `inputs`, as the batches of a training are. */
const BINDS_INPUTS =
  /(?<![\w.])inputs\b[^=\n]*?(?<![=!<>])=(?!=)|\bfor\b(?:(?!\bin\b)[^\n])*(?<![\w.])inputs\b|\b(?:as|def|del|global|import|lambda)\b[^\n]*\binputs\b/;

function readsInputs({ step }: FlowNode): boolean {
  const body = bodyOf(step);
  const isCode = codePlaces(body);
  const isOther = step.file.bound.has("inputs") || BINDS_INPUTS.test(body);
  return !isOther && [...body.matchAll(READS_INPUTS)].some(({ index }) => isCode(index));
}

/** All that is written behind the parameters of a step, which may stand in the same line. */
function bodyOf({ file, source }: StepSource): string {
  const { line, column } = source.parametersRange.end;
  const [first = "", ...others] = linesOf(file).slice(line, source.fullRange.end.line + 1);
  return [first.slice(column), ...others].join("\n");
}
