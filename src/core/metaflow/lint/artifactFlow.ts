import { rememberBy } from "../../base/remember.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import type { FunctionSource } from "../graph/flowSource.ts";
import type { AttributeUse, BodyCall } from "../graph/stepBody.ts";
import type { FlowContext } from "./finding.ts";

/** Which artifacts there can be where, from what steps assign. */
export type ArtifactFlow = {
  /** What every step has: parameters, class attributes, what helper methods assign. */
  always: ReadonlySet<string>;
  /** The artifacts that may exist when a step begins. */
  before: ReadonlyMap<string, ReadonlySet<string>>;
  /** The artifacts that some step in front of this one assigns, whether or not a join drops them. */
  upstream: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Methods and attributes that `FlowSpec` has itself. */
const OF_METAFLOW = [
  "input",
  "index",
  "next",
  "name",
  "cmd",
  "foreach_stack",
  "merge_artifacts",
  "script_name",
  "switch",
];

/** Steps times artifacts. A flow that large is generated, and has no typing mistakes; its sets would fill the memory. */
const MAX_PAIRS = 500_000;

/**
 * Nothing where assignments hide from a reader: the flow is handed out, `super()`, an unknown base class, a syntax error;
 * and for a flow that is too large.
 */
export const artifactFlow = rememberBy((context: FlowContext): ArtifactFlow | undefined => {
  const { flow, graph } = context;
  const assigned = new Set([...graph.nodes.values()].flatMap(({ step }) => assignedIn(step.source)));
  if (assigned.size * graph.nodes.size > MAX_PAIRS) {
    return undefined;
  }
  const isHidden = [...flow.attributes.values()].some(
    ({ member }) =>
      member.kind === "function" &&
      (hidesAssignments(member.source) || hidesMerge(member.source, graph.nodes.has(member.source.name))),
  );
  if (!flow.isComplete || flow.file.syntaxError || isHidden) {
    return undefined;
  }
  const always = new Set([...OF_METAFLOW, ...flow.attributes.keys()]);
  for (const [name, { member }] of flow.attributes) {
    if (member.kind === "function" && !graph.nodes.has(name)) {
      assignedIn(member.source).forEach((artifact) => always.add(artifact));
    }
  }
  for (const { decorators } of flow.steps) {
    decorators.forEach(({ source }) => addString(source.keywords.get("var")?.value, always));
  }
  return { always, ...followArtifacts(context) };
});

function addString(value: unknown, names: Set<string>): void {
  if (typeof value === "string") {
    names.add(value);
  }
}

function hidesAssignments({ body }: FunctionSource): boolean {
  // What a method of a base class assigns that another one overrides is read nowhere.
  return body !== undefined && (body.bareSelf === "handedOut" || body.calls.some(({ method }) => method === "super"));
}

/** What a helper merges, or another name of `merge_artifacts`, goes to a join that is not known here. */
function hidesMerge({ body }: FunctionSource, isStep: boolean): boolean {
  const named = (body?.attributes ?? []).filter(({ name }) => name === "merge_artifacts").length;
  const called = (body?.calls ?? []).filter(({ method }) => method === "merge_artifacts").length;
  return isStep ? named > called : named > 0;
}

export function assignedIn({ body }: FunctionSource): string[] {
  return usesOf(body?.attributes ?? [], "write").map(({ name }) => name);
}

export function usesOf(uses: readonly AttributeUse[], access: AttributeUse["access"]): AttributeUse[] {
  return uses.filter((use) => use.owner === "self" && use.access === access);
}

/** Goes through the steps in the order of the graph; a switch that repeats itself does not change what there is. */
function followArtifacts({ graph }: FlowContext): Omit<ArtifactFlow, "always"> {
  const before = new Map<string, Set<string>>();
  const upstream = new Map<string, Set<string>>();
  const after = new Map<string, Set<string>>();
  for (const name of graph.order) {
    const node = graph.nodes.get(name);
    if (!node) {
      continue;
    }
    const sources = node.incoming.filter((each) => each !== name);
    const reaching = union(sources.map((each) => after.get(each)));
    const here = node.type === "join" ? mergedArtifacts(node, reaching) : reaching;
    const seen = union([...sources.map((each) => upstream.get(each)), reaching]);
    const assigned = assignedIn(node.step.source);
    before.set(name, here);
    upstream.set(name, seen);
    after.set(name, new Set([...here, ...assigned]));
    // What a step assigns is upstream of those behind it, also where a join in between drops it.
    assigned.forEach((artifact) => seen.add(artifact));
  }
  return { before, upstream };
}

function union(sets: readonly (ReadonlySet<string> | undefined)[]): Set<string> {
  return new Set(sets.flatMap((set) => [...(set ?? [])]));
}

/** A join begins with nothing but what `merge_artifacts` carries over. */
function mergedArtifacts({ step }: FlowNode, reaching: ReadonlySet<string>): Set<string> {
  const merges = (step.source.body?.calls ?? []).filter(({ method }) => method === "merge_artifacts");
  const merged = new Set<string>();
  for (const merge of merges) {
    const { include = [], exclude = [] } = mergeNames(merge);
    // What is empty is as good as left out.
    for (const name of include.length > 0 ? include : reaching) {
      if (!exclude.includes(name)) {
        merged.add(name);
      }
    }
  }
  return merged;
}

/** What `merge_artifacts` is told to take and to leave out; nothing for what cannot be read. */
export function mergeNames({ arguments: [, second, third], keywords, hasSplat }: BodyCall): {
  include?: readonly string[] | undefined;
  exclude?: readonly string[] | undefined;
} {
  const include = keywords.get("include") ?? third;
  const exclude = keywords.get("exclude") ?? second;
  return hasSplat
    ? {}
    : { include: include ? namesIn(include.value) : [], exclude: exclude ? namesIn(exclude.value) : [] };
}

function namesIn(value: unknown): string[] | undefined {
  if (value === null) {
    return [];
  }
  return typeof value === "object" && "items" in value && Array.isArray(value.items)
    ? value.items.filter((item) => typeof item === "string")
    : undefined;
}
