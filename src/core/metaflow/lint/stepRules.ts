import { closestName } from "../../base/closestName.ts";
import type { Fix } from "../../base/problems.ts";
import { rememberBy } from "../../base/remember.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import { appendStatement, insertAt, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { explainHiddenNext } from "./hiddenNext.ts";
import { explainInvalidNext } from "./invalidNext.ts";
import { atName, atNext } from "./stepReports.ts";

/** The rules that look at each step by itself. */
export const stepRules: readonly Rule[] = [
  {
    id: "step-names",
    severity: "error",
    about: "a step's name has other characters than a to z, digits and underscores",
    check: ({ graph }) =>
      nodesOf(graph)
        .filter(({ name }) => /[^a-z0-9_]/.test(name) || name.startsWith("_"))
        .map((node) =>
          atName(
            node,
            `A step cannot be named *${node.name}*. Use lowercase letters a to z, digits and underscores, with a letter or digit in front.`,
          ),
        ),
  },
  { id: "num-args", severity: "error", about: "a step takes the wrong number of arguments", check: checkArguments },
  {
    id: "static-transitions",
    severity: "error",
    about: "a step does not end with self.next",
    check: (context) =>
      nodesOf(context.graph)
        .filter((node) => node.type !== "end" && !node.hasTailNext)
        .map((node) => explainHiddenNext(node, context) ?? missingNext(node, context)),
  },
  {
    id: "valid-transitions",
    severity: "error",
    about: "a self.next that Metaflow cannot read",
    check: ({ graph }) =>
      nodesOf(graph)
        .filter((node) => node.type !== "end" && node.hasTailNext && node.hasInvalidNext)
        .map((node) => explainInvalidNext(node, graph)),
  },
  {
    id: "unknown-transitions",
    severity: "error",
    about: "a self.next that names a step that does not exist",
    check: checkUnknown,
  },
];

function nodesOf({ nodes }: FlowContext["graph"]): FlowNode[] {
  return [...nodes.values()];
}

function checkArguments({ graph }: FlowContext): Report[] {
  return nodesOf(graph).flatMap((node): Report[] => {
    const { name, argumentCount: count } = node;
    if (node.type === "end" && count === 2) {
      return [];
    }
    if (count > 2) {
      return [
        atName(node, `*${name}* takes ${count} arguments. A step takes \`self\`, and a join \`self\` and \`inputs\`.`),
      ];
    }
    if (count === 2 && node.type !== "join") {
      return [
        atName(
          node,
          `*${name}* takes inputs like a join and does not simply go to one next step. Let it join only, and do the rest in a step behind it.`,
        ),
      ];
    }
    return count === 0 ? [atName(node, `*${name}* does not take \`self\`.`, addSelf(node))] : [];
  });
}

function addSelf({ step }: FlowNode): Fix[] {
  const { start, end } = step.source.parametersRange;
  const isEmpty = start.line === end.line && end.column - start.column === 2;
  return isEmpty ? [{ title: "Add self", edits: [insertAt(start.line, start.column + 1, "self")] }] : [];
}

function missingNext(node: FlowNode, context: FlowContext): Report {
  const follower = followerOf(node, context);
  const call = `self.next(self.${follower})`;
  return atName(
    node,
    `*${node.name}* does not end with self.next, so that the flow stops here. Name the next step in its last line.`,
    follower === undefined ? [] : appendStatement(node.step, call, `Add ${call}`),
  );
}

/** The step that stands below in the file, where nothing leads to it yet: then it was meant. */
function followerOf(node: FlowNode, { graph }: FlowContext): string | undefined {
  const { followers, reached } = orderOf(graph);
  const follower = followers.get(node);
  return follower && !reached.has(follower.name) && follower.argumentCount === 1 && follower.name !== graph.start
    ? follower.name
    : undefined;
}

const byLine = (a: FlowNode, b: FlowNode) => a.step.source.range.start.line - b.step.source.range.start.line;

/** The step below each step of the same class, and the names to which a step leads. */
const orderOf = rememberBy((graph: FlowContext["graph"]) => {
  const followers = new Map<FlowNode, FlowNode>();
  const above = new Map<FlowNode["step"]["owner"], FlowNode>();
  for (const node of nodesOf(graph).toSorted(byLine)) {
    const before = above.get(node.step.owner);
    if (before) {
      followers.set(before, node);
    }
    above.set(node.step.owner, node);
  }
  return { followers, reached: new Set(nodesOf(graph).flatMap(({ next }) => next)) };
});

/** Two letters the wrong way round are the commonest mistake in a short name, and count as two to `closestName`. */
function meantName(name: string, names: readonly string[]): string | undefined {
  return closestName(name, names) ?? names.find((each) => sortedLetters(each) === sortedLetters(name));
}

function sortedLetters(name: string): string {
  return name.toLowerCase().split("").toSorted().join("");
}

/** Each comparison costs the product of two lengths; a flow this large is generated, and has no typing mistakes. */
const MAX_NAMES_TO_COMPARE = 200;

function checkUnknown({ graph, flow }: FlowContext): Report[] {
  if (!flow.isComplete) {
    return [];
  }
  const names = [...graph.nodes.keys()];
  return nodesOf(graph).flatMap((node): Report[] => {
    const { tail } = node.step.source;
    const targets = tail.kind === "next" ? tail.targets.filter(({ name }) => !graph.nodes.has(name)) : [];
    return targets.map(({ name, range }) => {
      const method = flow.attributes.get(name)?.member.kind === "function";
      const meant = names.length > MAX_NAMES_TO_COMPARE ? undefined : meantName(name, names);
      const hint = method
        ? ` There is a method of that name; put @step above it.`
        : meant === undefined
          ? ""
          : ` Is *${meant}* meant?`;
      const message = `*${node.name}* goes to *${name}*, and there is no such step.${hint}`;
      const fixes = method || meant === undefined ? [] : [{ title: `Go to ${meant}`, edits: [replace(range, meant)] }];
      return { ...atNext(node, message, fixes), range };
    });
  });
}
