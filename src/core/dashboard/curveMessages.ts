import type { CheckpointMark } from "./checkpointMark.ts";
import type { CurvePoints, CurveView } from "./curveData.ts";
import type { SeriesSummary } from "./seriesSummary.ts";

/** A training run of the ledger, as far as finding and naming its logs needs it. */
export type RunSource = {
  id: string;
  title: string;
  state: string;
  logFolder?: string | undefined;
  consoleLog: string;
  startedMs: number;
  /** Absent while it goes on. */
  endedMs?: number | undefined;
  /** Flags and their values, as given or defaulted. */
  parameters: Readonly<Record<string, string>>;
};

/** One run with its series: a folder of log files, or what a training printed. */
export type LoggedRun = {
  /** Stays the same while the window is open: the folder, or the log. */
  key: string;
  name: string;
  /** The run of the ledger that wrote it, where one did. */
  source?: RunSource;
  summaries: readonly SeriesSummary[];
  /** Files that could not be read to their end, as sentences. */
  problems: readonly string[];
};

export type Curve = { run: string; tag: string; points: CurvePoints };

/** Everything the page needs to draw. */
export type CurvesFrame = {
  runs: readonly LoggedRun[];
  curves: readonly Curve[];
  /** Another number wherever anything was added since. */
  version: number;
  /** Where logs were looked for. */
  searched: readonly string[];
};

export type MarkedFrame = CurvesFrame & { marks: readonly CheckpointMark[] };

/** From the page to the extension. */
export type CurvesRequest =
  | { kind: "view"; view: CurveView }
  /** The last frame is on the screen: another one may come. */
  | { kind: "drawn" }
  | { kind: "inspect"; path: string }
  | { kind: "save"; name: string; content: string; encoding: "utf8" | "base64" }
  | { kind: "train" };

/** From the extension to the page. */
export type CurvesMessage = { kind: "frame"; frame: MarkedFrame };
