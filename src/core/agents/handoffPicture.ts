import type { Arrow, Box, Picture } from "../base/drawing/picture.ts";
import type { AgentNode, HandoffEdge, HandoffGraph } from "./handoffGraph.ts";

/** Who hands to whom, as a drawing, and what there is to know about it in words. */
export function handoffPicture(graph: HandoffGraph): { picture: Picture; caption: string } {
  const participants = graph.nodes.filter(({ kind }) => kind === "participant").map(({ name }) => name);
  const isDense = graph.edges.length > MAX_ARROWS_PER_BOX * graph.nodes.length;
  return {
    picture: {
      title: "Agents and their handoffs",
      boxes: graph.nodes.map((node) => boxOf(node, graph.edges)),
      arrows: graph.edges.map(arrowOf),
      ...(isDense ? { middle: participants } : {}),
    },
    caption: captionOf(graph),
  };
}

/** With more of them, layers become a tangle. */
const MAX_ARROWS_PER_BOX = 1.5;

const NOTES: Readonly<Record<AgentNode["kind"], string>> = {
  participant: "chat agent",
  "custom-agent": "custom agent",
  "built-in": "of VS Code",
  missing: "no such agent",
};

const SHAPES = {
  participant: "double-round",
  "custom-agent": "round",
  "built-in": "round",
  missing: "missing",
} as const;

function boxOf(node: AgentNode, edges: readonly HandoffEdge[]): Box {
  const outgoing = edges.filter(({ from }) => from === node.name).map(describeEdge);
  const incoming = edges.filter(({ to }) => to === node.name).map(({ from }) => from);
  const sentences = [
    `${node.name}, ${NOTES[node.kind]}.`,
    ...(outgoing.length === 0 ? [] : [`Hands to ${outgoing.join("; ")}.`]),
    ...(incoming.length === 0 ? [] : [`Receives from ${incoming.join(", ")}.`]),
    node.path === undefined ? "Opens the agent that names it." : "Opens its file.",
  ];
  return { name: node.name, shape: SHAPES[node.kind], note: NOTES[node.kind], label: sentences.join(" ") };
}

function describeEdge({ to, labels, sendsByItself }: HandoffEdge): string {
  return `${to} with ${labels.map((label) => `"${label}"`).join(", ")}${sendsByItself ? ", which sends by itself" : ""}`;
}

/** The labels of all buttons would hide the arrows; what has to stand out is what happens without a person. */
function arrowOf({ from, to, sendsByItself }: HandoffEdge): Arrow {
  return { from, to, label: sendsByItself ? "sends" : "", isHeavy: sendsByItself };
}

function captionOf({ nodes, edges }: HandoffGraph): string {
  const missing = nodes.filter(({ kind }) => kind === "missing").map(({ name }) => name);
  const sends = edges.filter(({ sendsByItself }) => sendsByItself).map(({ from, to }) => `${from} → ${to}`);
  return [
    `${count(nodes.length - missing.length, "agent")}, ${count(edges.length, "handoff")}. A double line is an agent of the chat.`,
    missing.length === 0
      ? "Every handoff has a target."
      : `Nobody is called ${missing.join(", ")} (dashed): the button offers who can take over.`,
    sends.length === 0
      ? "Every handoff waits for a person."
      : `Sends by itself: ${sends.join(", ")}. A chain of such handoffs stops after three.`,
    "Point at an agent to see its handoffs alone, click it to open its file.",
  ].join(" ");
}

function count(many: number, one: string): string {
  return `${many} ${one}${many === 1 ? "" : "s"}`;
}
