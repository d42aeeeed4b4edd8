import type { CurveSeries } from "./curveSeries.ts";

/** One run as the panel of curves shows it. */
export type CurvesRun = {
  id: string;
  title: string;
  state: string;
  /** "finished in 1 min 42 s · epoch 10". */
  description: string;
  startedMs: number;
  /** Where the values were read, relative to the workspace; says why there are none where there are none. */
  source: string;
  series: readonly CurveSeries[];
  checkpoints: readonly CheckpointMark[];
};

export type CheckpointMark = {
  step: number;
  name: string;
  path: string;
  /** Whether it is whole. */
  isWhole: boolean;
};

/** From the extension to the panel. The panel answers `drawn` before it is sent the next. */
export type CurvesMessage = { kind: "draw"; runs: readonly CurvesRun[] };

/** From the panel to the extension. */
export type CurvesRequest =
  | { kind: "ready" }
  | { kind: "drawn" }
  | { kind: "choose-runs" }
  | { kind: "open-checkpoint"; path: string }
  | { kind: "export"; name: string; text: string };

/** What the panel keeps over a reload of the window. */
export type CurvesState = { runIds: readonly string[] };
