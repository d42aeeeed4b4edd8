import type { FlowDrawing } from "../../core/metaflow/flowDrawing.ts";
import type { FlowSummary, Position, StepHover } from "../../core/metaflow/flowSummary.ts";

/** What the thread is asked about the text of a file, which may differ from what is on disk. */
export type FlowsRequest = {
  id: number;
  path: string;
  roots: readonly string[];
  text: string;
  /** What is under it, instead of a summary. */
  position?: Position;
  /** The drawings of the flows, instead of a summary. */
  isDrawn?: true;
};

export type FlowsReply = { id: number } & (
  | { summary: FlowSummary }
  | { hover: StepHover | undefined }
  | { drawings: readonly FlowDrawing[] }
  | { error: string }
);
