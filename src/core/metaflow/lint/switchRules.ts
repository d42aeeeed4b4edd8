import type { FlowNode } from "../graph/flowGraph.ts";
import { type ArtifactFlow, assignedIn, usesOf } from "./artifactFlow.ts";
import { type AssignedArtifacts, assignedArtifacts } from "./assignedArtifacts.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { stepList } from "./stepReports.ts";

/** What is true only where a switch went one way. */
export const switchRules: readonly Rule[] = [
  {
    id: "artifact-of-one-case",
    severity: "warning",
    about: "a step behind a switch reads an artifact that only one of its cases assigns",
    check: checkCases,
  },
];

function checkCases(context: FlowContext): Report[] {
  const nodes = context.graph.order.flatMap((name) => context.graph.nodes.get(name) ?? []);
  const found = nodes.some(({ type }) => type === "split-switch") ? assignedArtifacts(context) : undefined;
  if (found === undefined) {
    return [];
  }
  const sure = followSure(nodes, found.artifacts);
  return nodes
    .filter(({ step }) => step.file === context.file && !(step.source.body?.returns ?? []).some(isConditional))
    .flatMap((node) => readsInVain(node, sure.get(node.name) ?? new Set(), { nodes, found }));
}

function isConditional({ isConditional: is }: { isConditional: boolean }): boolean {
  return is;
}

/** The artifacts that a step has whichever way the switches before it went. Only behind a switch do ways meet in an ordinary step. */
function followSure(
  nodes: readonly FlowNode[],
  { before }: Pick<ArtifactFlow, "before">,
): ReadonlyMap<string, ReadonlySet<string>> {
  const sure = new Map<string, ReadonlySet<string>>();
  const after = new Map<string, ReadonlySet<string>>();
  for (const node of nodes) {
    const ways = node.incoming.flatMap((name) => (name === node.name ? [] : (after.get(name) ?? [])));
    const here =
      node.type === "join" ? before.get(node.name) : ways.reduce<ReadonlySet<string> | undefined>(common, undefined);
    sure.set(node.name, here ?? new Set());
    after.set(node.name, new Set([...(here ?? []), ...assignedIn(node.step.source)]));
  }
  return sure;
}

function common(one: ReadonlySet<string> | undefined, other: ReadonlySet<string>): ReadonlySet<string> {
  return one === undefined ? other : new Set([...one].filter((name) => other.has(name)));
}

type Known = { nodes: readonly FlowNode[]; found: AssignedArtifacts };

function readsInVain(node: FlowNode, sure: ReadonlySet<string>, { nodes, found }: Known): Report[] {
  const { always, before } = found.artifacts;
  const own = new Set([...sure, ...always, ...assignedIn(node.step.source)]);
  const uses = usesOf(node.step.source.body?.attributes ?? [], "read").filter(
    ({ name, isGuarded, isConditional: is }) =>
      !isGuarded && !is && !own.has(name) && !found.asked.has(name) && before.get(node.name)?.has(name) === true,
  );
  const first = new Map(uses.toReversed().map((use) => [use.name, use]));
  return [...first.values()].map(({ name, range }) => {
    const assigning = nodes.filter(({ step }) => assignedIn(step.source).includes(name)).map((each) => each.name);
    return {
      message: `self.${name} is not there on every way to *${node.name}*: only ${stepList(assigning)} ${assigning.length === 1 ? "assigns" : "assign"} it, and the run ends here where a switch went another way. Assign it in each case, or before the switch.`,
      range,
      file: node.step.file,
      step: node.name,
    };
  });
}
