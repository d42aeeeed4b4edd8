import type { CurvesMessage, CurvesRequest, CurvesRun } from "../../core/dashboard/curvesMessage.ts";
import type { CurveDetail, CurvePoints, CurveWindow } from "../../core/dashboard/growingCurve.ts";

/** A table of more runs is not looked through, and the thread keeps the values of so many. */
export const MAX_RUNS = 60;
/** Of a curve: as many as the widest chart on a fine screen can show. */
export const MAX_POINTS = 8_000;

/** What of the runs is wanted. */
export type CurvesWanted = CurveDetail & {
  /** The points of these metrics only; without it those of all. */
  tags?: readonly string[];
  /** Runs of which no points are wanted. */
  hidden?: readonly string[];
};

/** What the page asks of the editor rather than of the curves. */
export type CurvesAction = Exclude<
  CurvesRequest,
  { kind: "ready" | "drawn" | "look" | "detail" | "retry" | "choose-runs" | "show-all-runs" | "show-folder" }
>;

/** The runs of a picture, and what the page is told beside them. */
export type CurvesPicture = { runs: readonly CurvesRun[] } & Omit<
  Extract<CurvesMessage, { kind: "draw" }>,
  "kind" | "runs" | "maxRuns"
>;

/** What a panel of curves shows: runs of the workspace, or the logs in a folder. */
export type ShownCurves = {
  /** "digits", "runs", "3 runs"; "" for nothing. */
  readonly title: string;
  /** Whether it is time to read again without having been told of a change. */
  isDue(): boolean;
  read(wanted: CurvesWanted): Promise<CurvesPicture>;
  /** The finer points of one metric in a stretch. */
  readDetail(
    asked: { tag: string; window: CurveWindow },
    wanted: CurvesWanted,
  ): Promise<readonly { runId: string; points: CurvePoints }[]>;
  /** Asks the person which runs to show; none chosen changes nothing. */
  choose(): Promise<void>;
  showAll(): void;
  /** What a button of the page does in the editor. What is not shown any more is not acted on. */
  act(action: CurvesAction): Promise<void>;
};
