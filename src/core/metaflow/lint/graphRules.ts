import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { findLoop } from "./findLoop.ts";
import { checkBalance } from "./splitJoinBalance.ts";
import { atName, atNext, stepList } from "./stepReports.ts";

/** The rules that need every transition to be known. */
export const graphRules: readonly Rule[] = [
  {
    id: "acyclicity",
    severity: "error",
    about: "steps lead back to an earlier step",
    check: ({ graph }) => checkLoop(graph),
  },
  { id: "orphans", severity: "error", about: "a step that nothing leads to", check: checkOrphans },
];

/** The rules that need a graph without loops, too. */
export const splitRules: readonly Rule[] = [
  {
    id: "split-join-balance",
    severity: "error",
    about: "a split that is not joined, or a join without its split",
    check: ({ graph }) => checkBalance(graph),
  },
  {
    id: "switch-splits",
    severity: "error",
    about: "a switch with fewer than two cases",
    check: ({ graph }) =>
      typed(graph, "split-switch")
        .filter(({ next }) => next.length < 2)
        .map((node) => atName(node, `The switch *${node.name}* has ${node.next.length} case. It needs two or more.`)),
  },
  {
    id: "empty-foreaches",
    severity: "error",
    about: "a foreach that goes straight to its join",
    check: ({ graph }) =>
      typed(graph, "foreach").flatMap((node) => {
        const join = node.next.find((name) => graph.nodes.get(name)?.type === "join");
        return join === undefined
          ? []
          : [
              atName(
                node,
                `The foreach *${node.name}* goes straight to the join *${join}*. Put a step that works on one item in between.`,
              ),
            ];
      }),
  },
  {
    id: "parallel-step-after-next",
    severity: "error",
    about: "num_parallel leads to a step without @parallel",
    check: ({ graph }) =>
      [...graph.nodes.values()]
        .filter((node) => isParallelSplit(node) && !node.next.every((name) => graph.nodes.get(name)?.isParallelStep))
        .map((node) =>
          atName(
            node,
            `*${node.name}* starts ${stepList(node.next)} with num_parallel, and the step has no @parallel decorator.`,
          ),
        ),
  },
  {
    id: "join-after-parallel",
    severity: "error",
    about: "a step behind a parallel step that is no join",
    check: ({ graph }) =>
      [...graph.nodes.values()]
        .filter(({ isParallelStep, next }) => isParallelStep && graph.nodes.get(next[0] ?? "")?.type !== "join")
        .map((node) =>
          atName(
            node,
            `A join has to follow the parallel step *${node.name}*${node.next.length === 0 ? "" : `; ${stepList(node.next)} takes no inputs`}.`,
          ),
        ),
  },
  {
    id: "parallel-foreach-calls",
    severity: "error",
    about: "a step with @parallel that is not started with num_parallel",
    check: checkParallelCalls,
  },
  {
    id: "ambiguous-joins",
    severity: "error",
    about: "a switch that goes straight to a join",
    check: ({ graph }) =>
      typed(graph, "join").flatMap((node) => {
        const switches = node.incoming.filter((name) => graph.nodes.get(name)?.type === "split-switch");
        return switches.length === 0
          ? []
          : [
              atName(
                node,
                `A case of the switch ${stepList(switches)} goes straight to the join *${node.name}*. Put an ordinary step in between.`,
              ),
            ];
      }),
  },
];

function typed({ nodes }: FlowGraph, type: FlowNode["type"]): FlowNode[] {
  return [...nodes.values()].filter((node) => node.type === type);
}

function isParallelSplit({ transition }: FlowNode): boolean {
  return transition?.kind === "parallel" || (transition?.kind === "invalid" && transition.isParallel);
}

function checkLoop(graph: FlowGraph): Report[] {
  const loop = findLoop(graph);
  return loop
    ? [
        atNext(
          loop.node,
          `The flow goes round in a circle: *${loop.path.join(" → ")}*. Only a switch may go back, and only to itself.`,
        ),
      ]
    : [];
}

function checkOrphans({ graph }: FlowContext): Report[] {
  const start = graph.nodes.get(graph.start ?? "");
  if (!start) {
    return [];
  }
  const reached = new Set([start.name]);
  const waiting = [start];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    for (const name of node.next) {
      const next = graph.nodes.get(name);
      if (next && !reached.has(name)) {
        reached.add(name);
        waiting.push(next);
      }
    }
  }
  return [...graph.nodes.values()]
    .filter(({ name }) => !reached.has(name))
    .map((node) =>
      atName(node, `Nothing leads from *${start.name}* to *${node.name}*. Name it in a self.next, or remove it.`),
    );
}

function checkParallelCalls({ graph }: FlowContext): Report[] {
  const callers = new Map<string, FlowNode>();
  for (const caller of graph.nodes.values()) {
    for (const name of isParallelSplit(caller) ? [] : caller.next) {
      callers.set(name, callers.get(name) ?? caller);
    }
  }
  return [...graph.nodes.values()].flatMap((node) => {
    const caller = node.isParallelStep ? callers.get(node.name) : undefined;
    return caller
      ? [
          atName(
            node,
            `*${node.name}* has @parallel, and *${caller.name}* does not start it with self.next(self.${node.name}, num_parallel=…).`,
          ),
        ]
      : [];
  });
}
