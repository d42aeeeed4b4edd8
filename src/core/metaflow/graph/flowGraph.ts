import type { Flow, StepSource } from "./linkFlow.ts";
import type { NodeType } from "./nodeType.ts";
import { isParallelStep } from "./stepDecorators.ts";
import type { Transition } from "./tail.ts";
import { traverse } from "./traverse.ts";

export type FlowNode = {
  name: string;
  step: StepSource;
  type: NodeType | undefined;
  /** The names of the steps it goes to, as written, unknown ones and repetitions included. */
  next: readonly string[];
  transition: Transition | undefined;
  /** How many arguments the method takes, `self` included. */
  argumentCount: number;
  isParallelStep: boolean;
  hasTailNext: boolean;
  hasInvalidNext: boolean;
  /** What walking the graph from its start finds; empty for steps that cannot be reached. */
  incoming: readonly string[];
  splitParents: readonly string[];
  splitBranches: readonly string[];
  matchingJoin: string | undefined;
};

/** The steps of a flow and how they hang together, as Metaflow's `FlowGraph` has them. */
export type FlowGraph = {
  flow: Flow;
  /** In alphabetical order, as Metaflow looks at them. */
  nodes: ReadonlyMap<string, FlowNode>;
  start: string | undefined;
  end: string | undefined;
  /** The steps that can be reached, in the order in which Metaflow shows them. */
  order: readonly string[];
};

export function buildGraph(flow: Flow): FlowGraph {
  const drafts = new Map(flow.steps.map((step) => [step.name, draftNode(step)]));
  const start = chooseEnd(flow.steps, "isStart", "start");
  const end = chooseEnd(flow.steps, "isEnd", "end");
  for (const node of drafts.values()) {
    node.type = typeOf(node, start, end);
  }
  const walk = traverse(drafts, start);
  const nodes = new Map(
    [...drafts].map(([name, draft]) => {
      const found = walk.openSplits.get(name);
      const node: FlowNode = {
        ...draft,
        incoming: [...(walk.incoming.get(name) ?? [])].toSorted(),
        splitParents: found?.parents ?? [],
        splitBranches: found?.branches ?? [],
        matchingJoin: walk.matchingJoins.get(name),
      };
      return [name, node];
    }),
  );
  return { flow, nodes, start, end, order: walk.order };
}

type DraftNode = Omit<FlowNode, "incoming" | "splitParents" | "splitBranches" | "matchingJoin">;

function draftNode(step: StepSource): DraftNode {
  const { tail, parameterNames } = step.source;
  const transition = tail.kind === "next" ? tail.transition : undefined;
  return {
    name: step.name,
    step,
    type: undefined,
    next: tail.kind === "next" ? tail.targets.map(({ name }) => name) : [],
    transition,
    argumentCount: parameterNames.length,
    isParallelStep: isParallelStep(step),
    hasTailNext: tail.kind === "next",
    hasInvalidNext: transition?.kind === "invalid",
  };
}

/** The only step of a flow is both ends; else the one that is annotated, else the one of that name. */
function chooseEnd(steps: readonly StepSource[], flag: "isStart" | "isEnd", name: string): string | undefined {
  const [only] = steps;
  if (steps.length === 1) {
    return only?.name;
  }
  const annotated = steps.filter((step) => step[flag]);
  if (annotated.length === 0) {
    return steps.some((step) => step.name === name) ? name : undefined;
  }
  return annotated.length === 1 ? annotated[0]?.name : undefined;
}

function typeOf(node: DraftNode, start: string | undefined, end: string | undefined): NodeType | undefined {
  const type = transitionType(node);
  if (node.name === end) {
    return "end";
  }
  // A start that splits keeps its kind of split, since the split has to be joined.
  return node.name === start && (type === undefined || type === "linear") ? "start" : type;
}

function transitionType({ transition, argumentCount }: DraftNode): NodeType | undefined {
  switch (transition?.kind) {
    case "linear":
      return argumentCount > 1 ? "join" : "linear";
    case "split":
      return "split";
    case "foreach":
    case "parallel":
      return "foreach";
    case "switch":
      return "split-switch";
    case "invalid":
      return transition.isForeach ? "foreach" : undefined;
    case undefined:
      break;
  }
  return undefined;
}
