import type { CurvePoints, CurveSeries, CurveWindow } from "./growingCurve.ts";

/** One run as the panel of curves shows it. */
export type CurvesRun = {
  id: string;
  title: string;
  /** `finished`; of logs that somebody else writes `live` or `idle` where they do not tell. */
  state: string;
  /** "finished in 1 min 42 s · epoch 10". */
  description: string;
  startedMs: number;
  /** Absent while it runs; the same as `startedMs` where nobody knows how long it took. */
  endedMs?: number;
  /** Where the values were read; says where they were looked for where there are none. */
  source: string;
  /** What the training was started with: names without dashes, defaults of the script included. */
  parameters: Readonly<Record<string, string>>;
  /** False where `series` has only what changed since the last message. */
  isWhole: boolean;
  /** Without `points` where they are not drawn, or did not change. */
  series: readonly CurveSeries[];
  checkpoints: readonly CheckpointMark[];
  alarms: readonly AlarmMark[];
  /** Whether what it printed can be shown. */
  hasOutput: boolean;
};

export type CheckpointMark = {
  step: number;
  name: string;
  path: string;
  /** Whether it is whole. */
  isWhole: boolean;
};

/** Where the watchdog noticed something. */
export type AlarmMark = {
  raisedMs: number;
  /** Two or three words. */
  title: string;
  /** Full sentences: what was noticed and what to do. */
  text: string;
  /** The line of the log that proves it. */
  line?: number;
};

/** From the extension to the panel. The panel answers `drawn` before it is sent the next `draw`. */
export type CurvesMessage =
  /** `knownRuns`: how many runs the workspace has, shown or not; of more than `maxRuns` only the newest can be shown together. */
  | {
      kind: "draw";
      runs: readonly CurvesRun[];
      knownRuns: number;
      maxRuns: number;
      /** The folder of logs whose runs they are; absent where they are those of the workspace. */
      folder?: ShownLogs;
      /** Where no run is shown: what holds logs in the workspace. */
      found?: readonly FoundFolder[];
    }
  /** Something else is read than what is drawn; the next `draw` has it. A few hundred long logs take a while. */
  | { kind: "reading"; text: string }
  /** The finer points of one metric, for the stretch that a chart was zoomed to. */
  | { kind: "detail"; tag: string; window: CurveWindow; curves: readonly { runId: string; points: CurvePoints }[] }
  /** The curves cannot be read; the panel offers to try again. */
  | { kind: "failed"; text: string };

/** From the panel to the extension. */
export type CurvesRequest =
  | { kind: "ready" }
  | { kind: "drawn" }
  /**
   * What is in sight: of these metrics of the runs that are not hidden points are sent, as many as the charts can show.
   * `withMeans`: for the means of groups.
   */
  | {
      kind: "look";
      tags: readonly string[];
      hidden: readonly string[];
      smoothing: number;
      maxPoints: number;
      withMeans: boolean;
    }
  | { kind: "detail"; tag: string; window: CurveWindow }
  | { kind: "retry" }
  | { kind: "choose-runs" }
  | { kind: "show-all-runs" }
  | { kind: "show-folder"; path?: string }
  | { kind: "show-output"; runId: string }
  | { kind: "open-checkpoint"; path: string }
  | { kind: "resume"; path: string }
  | { kind: "open-alarm"; runId: string; line?: number }
  | { kind: "open-tensorboard" }
  /** A picture that the panel drew: SVG as text, PNG in base64. */
  | { kind: "export-picture"; name: string; text: string }
  /** Every value of these metrics, not only those that are drawn. */
  | { kind: "export-values"; tags: readonly string[]; hidden: readonly string[] };

/** `isChosen`: the person chose the runs. `nothing`: why there are no curves, as sentences. */
export type ShownLogs = { path: string; name: string; isChosen: boolean; nothing: readonly string[] };

/** `name`: its path as a person reads it. `places`: how many folders and stores with logs it has. */
export type FoundFolder = { path: string; name: string; places: number };

/** What the panel keeps over a reload of the window. Of a folder without any ids the newest runs are shown. */
export type CurvesState = { runIds: readonly string[]; folder?: string | undefined };
