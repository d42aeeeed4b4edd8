import type { Fix } from "../../base/problems.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import { hasOwnDecoratorsOnly } from "../graph/stepDecorators.ts";
import { type ArtifactFlow, artifactFlow, assignedIn, usesOf } from "./artifactFlow.ts";
import { prependToLast } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { atNext, failureIn } from "./stepReports.ts";

/** What only the run of a flow would find: artifacts that are not there. */
export const artifactRules: readonly Rule[] = [
  {
    id: "artifact-never-assigned",
    severity: "error",
    about: "foreach or condition names an artifact that no step before assigns",
    check: withArtifacts(checkNamedArtifacts),
  },
  {
    id: "artifact-lost-in-join",
    severity: "error",
    about: "a step reads an artifact that a join before it did not merge",
    check: withArtifacts(checkLostArtifacts),
  },
];

function withArtifacts(check: (context: FlowContext, artifacts: ArtifactFlow) => Report[]): Rule["check"] {
  return (context) => {
    const artifacts = artifactFlow(context);
    return artifacts ? check(context, artifacts) : [];
  };
}

function checkNamedArtifacts({ flow, graph }: FlowContext, artifacts: ArtifactFlow): Report[] {
  if (!hasOwnDecoratorsOnly(flow)) {
    return [];
  }
  return reachedNodes(graph).flatMap((node): Report[] => {
    const { transition } = node;
    const [what, name] =
      transition?.kind === "foreach"
        ? ["foreach", transition.parameter]
        : transition?.kind === "switch"
          ? ["condition", transition.condition]
          : [];
    if (typeof name !== "string" || isThere(name, node, artifacts) || artifacts.upstream.get(node.name)?.has(name)) {
      return [];
    }
    return [
      atNext(
        node,
        `${what} of *${node.name}* is "${name}", and neither this step nor one before it assigns self.${name}.`,
      ),
    ];
  });
}

function isThere(name: string, node: FlowNode, { always, before }: ArtifactFlow): boolean {
  return always.has(name) || before.get(node.name)?.has(name) === true || assignedIn(node.step.source).includes(name);
}

function checkLostArtifacts(context: FlowContext, artifacts: ArtifactFlow): Report[] {
  const { graph } = context;
  return reachedNodes(graph).flatMap((node): Report[] => {
    const named = new Set<string>();
    return usesOf(node.step.source.body?.attributes ?? [], "read").flatMap(({ name, range, isGuarded }): Report[] => {
      const isLost =
        !isGuarded &&
        !named.has(name) &&
        !graph.nodes.has(name) &&
        !isThere(name, node, artifacts) &&
        artifacts.upstream.get(node.name)?.has(name) === true;
      if (!isLost) {
        return [];
      }
      named.add(name);
      const join = joinBefore(node, context);
      const where = join === undefined || join === node ? "this join" : `the join *${join.name}*`;
      return [
        {
          ...severityIn(node),
          message: `self.${name} is not there in *${node.name}*: ${where} does not carry it over. Merge it in the join, or assign it from \`inputs\`.`,
          range,
          file: node.step.file,
          step: node.name,
          fixes: join && join.step.file === node.step.file ? mergeFix(name, join, context) : [],
        },
      ];
    });
  });
}

/** After @catch the run goes on. */
function severityIn({ step }: FlowNode): Pick<Report, "severity"> {
  const { severity } = failureIn(step);
  return severity === undefined ? {} : { severity };
}

/** The last join on the way to a step, the step itself where it is one. */
function joinBefore(node: FlowNode, { graph }: FlowContext): FlowNode | undefined {
  const seen = new Set<string>();
  const waiting = [node];
  for (let at = waiting.shift(); at; at = waiting.shift()) {
    if (at.type === "join") {
      return at;
    }
    for (const name of at.incoming.filter((each) => !seen.has(each))) {
      const before = graph.nodes.get(name);
      seen.add(name);
      if (before) {
        waiting.push(before);
      }
    }
  }
  return undefined;
}

/** Certain where the artifact is the same in all branches: then it was assigned in front of the split only. */
function mergeFix(name: string, join: FlowNode, { graph }: FlowContext): Fix[] {
  const split = join.splitParents.at(-1);
  const inputs = join.step.source.parameterNames[1];
  const merges = join.step.source.body?.calls.some(({ method }) => method === "merge_artifacts") === true;
  const assigning = [...graph.nodes.values()].filter(({ step }) => assignedIn(step.source).includes(name));
  const isBeforeSplit = assigning.every(
    ({ name: step, splitParents }) => step === split || !splitParents.includes(split ?? ""),
  );
  if (split === undefined || inputs === undefined || merges || !isBeforeSplit) {
    return [];
  }
  const statement = `self.merge_artifacts(${inputs}, include=["${name}"])`;
  return prependToLast(join.step, statement, `Merge ${name} in ${join.name}`);
}

function reachedNodes({ nodes, order }: FlowContext["graph"]): FlowNode[] {
  return order.flatMap((name) => nodes.get(name) ?? []);
}
