import { isBefore } from "../../base/problems.ts";
import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import type { PythonValue } from "../graph/pythonValue.ts";
import type { BodyCall } from "../graph/stepBody.ts";
import { artifactFlow, mergeNames, usesOf } from "./artifactFlow.ts";
import { replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";

/** `merge_artifacts` takes what is the same everywhere, and ends the run for what is not. */
export const mergeRules: readonly Rule[] = [
  {
    id: "merge-conflict",
    severity: "warning",
    about: "merge_artifacts is to merge an artifact that differs between tasks",
    check: checkMerges,
  },
];

function checkMerges(context: FlowContext): Report[] {
  const artifacts = artifactFlow(context);
  const joins = [...context.graph.nodes.values()].filter(
    ({ type, step }) => type === "join" && step.file === context.file,
  );
  return artifacts === undefined
    ? []
    : joins.flatMap((join): Report[] => {
        const merge = join.step.source.body?.calls.find(({ method }) => method === "merge_artifacts");
        const merged = artifacts.before.get(join.name);
        const split = context.graph.nodes.get(join.splitParents.at(-1) ?? "");
        if (!merge || !merged || !split || !isRead(merge)) {
          return [];
        }
        const names = differing(split, join, context).filter(
          (name) => merged.has(name) && !isSetBefore(name, merge, join),
        );
        return names.length === 0 ? [] : [reportConflict(names, merge, join, context)];
      });
}

/** What a variable leaves out is not known here. */
function isRead(merge: BodyCall): boolean {
  const { include, exclude } = mergeNames(merge);
  return include !== undefined && exclude !== undefined;
}

function reportConflict(names: readonly string[], merge: BodyCall, join: FlowNode, { graph }: FlowContext): Report {
  const { step, name } = join;
  const listed = names.map((each) => `self.${each}`).join(", ");
  const [inputs, ...others] = merge.arguments;
  const excluded = `exclude=[${names.map((each) => `"${each}"`).join(", ")}]`;
  const isPlain = inputs !== undefined && others.length === 0 && merge.keywords.size === 0;
  const isReadLater = names.some((each) => isReadBehind(each, join, graph));
  return {
    message: `${listed} ${names.length === 1 ? "differs" : "differ"} between the tasks that *${name}* joins, and merge_artifacts ends the run for that. Assign ${names.length === 1 ? "it" : "them"} in the join first, or leave ${names.length === 1 ? "it" : "them"} out with ${excluded}.`,
    range: merge.range,
    file: step.file,
    step: name,
    fixes:
      isPlain && !isReadLater
        ? [
            {
              title: `Leave out ${names.join(", ")}`,
              edits: [replace(merge.range, `${merge.callee}(${inputs.text}, ${excluded})`)],
            },
          ]
        : [],
  };
}

/** Whether a step that follows a join reads an artifact, which the join has to carry over then. */
function isReadBehind(artifact: string, join: FlowNode, graph: FlowGraph): boolean {
  const behind = new Set(join.next);
  for (const name of behind) {
    graph.nodes.get(name)?.next.forEach((each) => behind.add(each));
  }
  return [...behind].some((name) =>
    usesOf(graph.nodes.get(name)?.step.source.body?.attributes ?? [], "read").some((use) => use.name === artifact),
  );
}

/** Metaflow leaves alone what the join has assigned by then. */
function isSetBefore(artifact: string, merge: BodyCall, { step }: FlowNode): boolean {
  return usesOf(step.source.body?.attributes ?? [], "write").some(
    ({ name, range }) => name === artifact && isBefore(range.start, merge.range.start),
  );
}

function differing(split: FlowNode, join: FlowNode, context: FlowContext): string[] {
  return split.transition?.kind === "foreach" ? followInput(split, join, context) : unequalBranches(split, context);
}

/** What the tasks of a foreach make of their input, and of what they made of it. */
function followInput(split: FlowNode, join: FlowNode, { graph }: FlowContext): string[] {
  const names = new Set<string>();
  for (const { step } of graph.order.flatMap((name) => graph.nodes.get(name) ?? [])) {
    const isInside = graph.nodes.get(step.name)?.splitParents.includes(split.name) === true && step.name !== join.name;
    for (const { name, value } of isInside ? usesOf(step.source.body?.attributes ?? [], "write") : []) {
      if ([...textOf(value).matchAll(/\bself\.(\w+)/g)].some(([, read = ""]) => read === "input" || names.has(read))) {
        names.add(name);
      }
    }
  }
  return [...names];
}

function textOf(value: PythonValue | undefined): string {
  return typeof value === "object" && value?.kind === "expression" ? value.text : "";
}

/** What the first steps of two branches set to values that are known, and not the same. */
function unequalBranches(split: FlowNode, { graph }: FlowContext): string[] {
  const values = new Map<string, Set<PythonValue>>();
  for (const branch of new Set(split.next)) {
    for (const { name, value } of usesOf(graph.nodes.get(branch)?.step.source.body?.attributes ?? [], "write")) {
      if (value !== undefined && (typeof value !== "object" || value === null)) {
        values.set(name, (values.get(name) ?? new Set()).add(value));
      }
    }
  }
  return [...values].flatMap(([name, found]) => (found.size > 1 ? [name] : []));
}
