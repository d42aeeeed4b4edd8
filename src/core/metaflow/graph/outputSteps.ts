import type { FlowGraph, FlowNode } from "./flowGraph.ts";
import type { FlowFile } from "./flowSource.ts";
import type { FindModule } from "./origin.ts";
import { keyText, type PlainData, plainData } from "./pythonValue.ts";
import { nodeInfoOf, stepDecorators } from "./stepDecorators.ts";

/** What `python flow.py output-raw --json` prints. */
export type GraphOutput = {
  graph: Readonly<Record<string, PlainData>>;
  /** Step names in order; the branches of a split are a list of lists behind it. Empty where it would be endless. */
  graph_structure: Structure;
};

type Structure = (string | Structure)[];

/** Gives nothing where Metaflow refuses: without a start or an end there is no structure. */
export function outputSteps(graph: FlowGraph, find: FindModule): GraphOutput | undefined {
  const { start, end, nodes } = graph;
  if (start === undefined || end === undefined) {
    return undefined;
  }
  const reader = new StructureReader(graph);
  const { list } = start === end ? { list: [] } : reader.block(start, end);
  // Steps that cannot be reached from the start are not listed, by Metaflow neither.
  const reached = new Set([...graph.order, end]);
  const steps = [...nodes.values()].filter(({ name }) => reached.has(name));
  return {
    graph: Object.fromEntries(steps.map((node) => [node.name, stepOutput(node, graph.flow.file, find)])),
    graph_structure: reader.isTooLarge ? [] : [...list, end],
  };
}

function stepOutput(node: FlowNode, main: FlowFile, find: FindModule): PlainData {
  const { step, transition } = node;
  return {
    name: node.name,
    type: outputType(node),
    line: step.source.range.start.line + 1,
    source_file: step.file.path,
    doc: step.source.doc,
    decorators: stepDecorators(step, main, find).map(({ name, attributes }) => ({
      name,
      attributes: { ...attributes },
      statically_defined: true,
      inserted_by: null,
    })),
    next: [...node.next],
    node_info: nodeInfoOf(step.nodeInfo),
    ...(node.type === "foreach" && transition?.kind === "foreach"
      ? { foreach_artifact: rawData(transition.parameter) }
      : {}),
    ...(node.type === "foreach" && transition?.kind === "parallel"
      ? { num_parallel: rawData(transition.parameter) }
      : {}),
    ...(node.type === "split-switch" && transition?.kind === "switch"
      ? {
          condition: transition.condition,
          switch_cases: Object.fromEntries(transition.cases.map(([key, target]) => [keyText(key), target])),
        }
      : {}),
    ...(node.matchingJoin === undefined ? {} : { matching_join: node.matchingJoin }),
  };
}

function rawData(value: Parameters<typeof plainData>[0]): PlainData {
  return value === null ? null : plainData(value);
}

export function outputType({ type, transition }: FlowNode): string {
  if (type === "foreach") {
    const isParallel = transition?.kind === "parallel" || (transition?.kind === "invalid" && transition.isParallel);
    return isParallel ? "split-parallel" : "split-foreach";
  }
  return type === "split" ? "split-static" : (type ?? "unknown");
}

/** More names than this, or blocks nested deeper, and the structure says nothing to anybody. */
const MAX_NAMES = 100_000;
const MAX_DEPTH = 300;

/**
 * The nested lists of Metaflow. Behind a switch each case lists everything up to the end, so that each switch doubles
 * the list behind it; a block is read once and shared.
 */
class StructureReader {
  readonly #graph: FlowGraph;
  readonly #blocks = new Map<string, { list: Structure; size: number }>();
  isTooLarge = false;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
  }

  block(start: string, end: string | undefined, depth = 0): { list: Structure; size: number } {
    const key = `${start} ${end ?? ""}`;
    const known = this.#blocks.get(key);
    if (known) {
      return known;
    }
    const block: { list: Structure; size: number } = { list: [], size: 0 };
    // Set first, so that a circle ends.
    this.#blocks.set(key, block);
    const seen = new Set<string>();
    for (let node = this.#graph.nodes.get(start); node && node.name !== end && !seen.has(node.name); ) {
      seen.add(node.name);
      block.list.push(node.name);
      block.size += 1;
      const { branches, next } = behind(node, end);
      if (branches && depth < MAX_DEPTH) {
        const inner = branches.steps.map((step) => this.block(step, branches.end, depth + 1));
        block.list.push(inner.map(({ list }) => list));
        block.size += inner.reduce((sum, { size }) => sum + size, 0);
      }
      this.isTooLarge ||= block.size > MAX_NAMES || (branches !== undefined && depth >= MAX_DEPTH);
      node = next === undefined ? undefined : this.#graph.nodes.get(next);
    }
    return block;
  }
}

type Behind = { branches?: { steps: readonly string[]; end: string | undefined }; next: string | undefined };

function behind(node: FlowNode, end: string | undefined): Behind {
  switch (outputType(node)) {
    case "split-static":
    case "split-foreach":
      return { branches: { steps: node.next, end: node.matchingJoin }, next: node.matchingJoin };
    case "split-switch":
      return { branches: { steps: node.next.filter((step) => step !== node.name), end }, next: end };
    default:
      return { next: node.next[0] };
  }
}
