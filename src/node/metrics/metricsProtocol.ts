import type { CurveDetail, CurveSeries } from "../../core/dashboard/growingCurve.ts";
import type { RunEnd } from "../../core/metrics/runEnd.ts";
import type { RunLogs } from "./runMetrics.ts";

/** The curves of runs of the workspace, brought up to date, and as finely as they are drawn. */
export type RunsQuestion = CurveDetail & {
  /** Paths in the answers are relative to this folder. */
  root: string;
  /** Of the named tags the points are wanted, of the others only what they come to; without `tags` all points. */
  runs: readonly (RunLogs & { key: string; tags?: readonly string[] | undefined })[];
};

/** The curves of the logs in a folder, or of one log, whoever wrote them. */
export type FolderQuestion = CurveDetail & {
  folder: string;
  /** The places of the runs that are wanted; without any the newest. */
  chosen: readonly string[];
  maxRuns: number;
  tags?: readonly string[] | undefined;
  /** Runs of which no points are wanted. */
  hidden?: readonly string[] | undefined;
};

/** What the thread is asked; one of them at a time. */
export type MetricsRequest = { id: number } & (
  | { runs: RunsQuestion }
  | { folder: FolderQuestion }
  /** Which folders and stores at the top of these folders hold logs. */
  | { roots: readonly string[] }
);

export type RunCurvesReply = {
  key: string;
  series: readonly CurveSeries[];
  source: string;
  /** The hyper-parameters that the logs tell. */
  parameters: Readonly<Record<string, string>>;
};

/** `key`: its place. Times in milliseconds since 1970; NaN where the log has none. */
export type FolderRunReply = RunCurvesReply & {
  name: string;
  firstMs: number;
  lastMs: number;
  modifiedMs: number;
  /** How it ended, where its log tells. */
  end?: RunEnd | undefined;
};

export type FolderReply = {
  runs: readonly FolderRunReply[];
  /** Every run or place that may be chosen, the newest first. */
  known: readonly { key: string; name: string; modifiedMs: number }[];
  /** What cannot be read, and what makes a log: sentences. */
  problems: readonly string[];
  lookedFor: string;
};

/** A folder or a store at the top of a workspace that holds logs. */
export type FoundLogs = { path: string; places: number; modifiedMs: number };

export type MetricsReply = {
  id: number;
  runs?: readonly RunCurvesReply[];
  folder?: FolderReply;
  found?: readonly FoundLogs[];
};
