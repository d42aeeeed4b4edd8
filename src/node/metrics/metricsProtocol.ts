import type { CurveDetail, CurveSeries } from "../../core/dashboard/growingCurve.ts";
import type { RunLogs } from "./runMetrics.ts";

/** What the thread is asked: the curves of these runs, brought up to date, and as finely as they are drawn. */
export type MetricsRequest = CurveDetail & {
  id: number;
  /** Paths in the answers are relative to this folder. */
  root: string;
  /** Of the named tags the points are wanted, of the others only what they come to; without `tags` all points. */
  runs: readonly (RunLogs & { key: string; tags?: readonly string[] | undefined })[];
};

export type MetricsReply = {
  id: number;
  runs: readonly { key: string; series: readonly CurveSeries[]; source: string }[];
};
