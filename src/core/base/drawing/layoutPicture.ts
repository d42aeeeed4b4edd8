import { Graph, layout } from "@dagrejs/dagre";
import { labelWidth, MARGIN, sizeOf } from "./boxSize.ts";
import { layoutColumns } from "./layoutColumns.ts";
import type { Arrow, Picture } from "./picture.ts";
import type { PlacedPicture, Point } from "./placedPicture.ts";

/** Places what a picture shows: around its middle where it has one, else in layers. */
export function layoutPicture(picture: Picture): PlacedPicture {
  return picture.middle === undefined ? layoutLayers(picture) : layoutColumns(picture, picture.middle);
}

/** Lays a graph out in layers from top to bottom. The time grows with the square of a very large one: see `MAX_BOXES`. */
function layoutLayers({ title, boxes, arrows }: Picture): PlacedPicture {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: "TB", nodesep: 28, edgesep: 8, ranksep: 44, marginx: MARGIN, marginy: MARGIN });
  boxes.forEach((box) => graph.setNode(box.name, sizeOf(box)));
  const [loops, others] = [arrows.filter(isLoop), arrows.filter((arrow) => !isLoop(arrow))];
  for (const { from, to, label } of others) {
    graph.setEdge(from, to, { width: labelWidth(label), height: label === "" ? 0 : 16, labelpos: "c" });
  }
  layout(graph);
  const placed = boxes.map((box) => {
    const { x, y, width, height } = graph.node(box.name);
    return { ...box, x: x ?? 0, y: y ?? 0, width, height };
  });
  const bends = others.flatMap(({ from, to }) => graph.edge(from, to).points ?? []);
  const right = Math.max(0, ...placed.map((box) => box.x + box.width / 2), ...bends.map(({ x }) => x));
  const loopRoom = Math.max(0, ...loops.map(({ label }) => Math.max(LOOP_WIDTH, labelWidth(label))));
  const bottom = Math.max(0, ...placed.map((box) => box.y + box.height / 2));
  return {
    title,
    width: Math.ceil(Math.max(right + loopRoom, graph.graph().width ?? 0) + MARGIN),
    height: Math.ceil(bottom + MARGIN),
    // As they are read, which is the order in which a keyboard goes through them.
    boxes: placed.toSorted((a, b) => a.y - b.y || a.x - b.x),
    arrows: [
      ...others.map((arrow) => {
        const { points = [], x, y } = graph.edge(arrow.from, arrow.to);
        return {
          ...arrow,
          points,
          ...(arrow.label !== "" && x !== undefined && y !== undefined ? { labelAt: { x, y } } : {}),
        };
      }),
      ...loops.flatMap((arrow) => {
        const box = placed.find((each) => each.name === arrow.from);
        return box ? [{ ...arrow, ...loopBeside(box, arrow.label) }] : [];
      }),
    ],
  };
}

/** A drawing of more boxes than this helps nobody, and would take longer than a person waits. */
export const MAX_BOXES = 400;

/** How far an arrow from a box to itself stands out, in pixels. */
const LOOP_WIDTH = 26;

function isLoop({ from, to }: Arrow): boolean {
  return from === to;
}

/** The label stands above the loop, between the layers, where no box is. */
function loopBeside(
  { x, y, width, height }: Point & { width: number; height: number },
  label: string,
): { points: Point[]; labelAt: Point } {
  const edge = x + width / 2;
  return {
    points: [
      { x: edge, y: y - 10 },
      { x: edge + LOOP_WIDTH, y: y - 14 },
      { x: edge + LOOP_WIDTH, y: y + 14 },
      { x: edge, y: y + 10 },
    ],
    labelAt: { x: edge + labelWidth(label) / 2, y: y - height / 2 - 8 },
  };
}
