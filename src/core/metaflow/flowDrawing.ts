import type { BoxStatus, Picture } from "../base/drawing/picture.ts";
import type { TextRange } from "../base/problems.ts";
import { buildGraph, type FlowNode } from "./graph/flowGraph.ts";
import { flowPicture } from "./graph/flowPicture.ts";
import type { FlowReport } from "./lint/checkFlow.ts";

/** Where a step stands: its name and the whole of it. */
export type StepPlace = { path: string; range: TextRange; fullRange: TextRange };

/** A flow as a panel draws it, and where a click on a step leads. Plain data, so it crosses threads. */
export type FlowDrawing = { name: string; picture: Picture; places: ReadonlyMap<string, StepPlace> };

export function drawFlows({ flows }: FlowReport): FlowDrawing[] {
  return flows.map((flow) => {
    const graph = buildGraph(flow);
    const places = [...graph.nodes].map(([name, node]) => [name, placeOfStep(node)] as const);
    return { name: flow.name, picture: flowPicture(graph), places: new Map(places) };
  });
}

export function placeOfStep({ step: { source, file } }: FlowNode): StepPlace {
  return { path: file.path, range: source.range, fullRange: source.fullRange };
}

/** A drawing with what a run made of its steps. */
export function withStatus(picture: Picture, status: ReadonlyMap<string, BoxStatus>): Picture {
  return {
    ...picture,
    boxes: picture.boxes.map((box) => {
      const own = status.get(box.name);
      return own ? { ...box, status: own } : box;
    }),
  };
}
