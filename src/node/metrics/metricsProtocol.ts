import type { CurveSeries } from "../../core/dashboard/curveSeries.ts";
import type { RunLogs } from "./runMetrics.ts";

/** What the thread is asked: the curves of these runs, brought up to date and thinned out for drawing. */
export type MetricsRequest = {
  id: number;
  /** Paths in the answers are relative to this folder. */
  root: string;
  runs: readonly (RunLogs & { key: string })[];
  /** Of each series at most so many points. */
  maxPoints: number;
};

export type MetricsReply = {
  id: number;
  runs: readonly { key: string; series: readonly CurveSeries[]; source: string }[];
};
