import type { DeployPlace } from "../deploy/deployPlace.ts";
import type { DeployTargetId } from "../deploy/deployTarget.ts";
import type { Flow } from "../graph/linkFlow.ts";
import type { FlowReport } from "../lint/checkFlow.ts";

/** A run of a flow on this machine that came to its end. */
export type LocalRun = {
  description: string;
  /** The file was changed after the run began. */
  isOutdated?: boolean;
};

export type ReadinessFacts = {
  report: FlowReport;
  flow: Flow;
  /** As people read it, relative to the workspace folder. */
  path: string;
  localRun?: LocalRun;
  /** Where it would go; without it nothing is said about the place. */
  place?: DeployPlace;
  /** What it would go to; without it only what holds everywhere is checked. */
  target?: DeployTargetId;
};

/** `blocked`: nothing is deployed before this is solved. `open`: a person decides. Lines count from zero. */
export type ReadinessCheck = { name: string; state: "ok" | "open" | "blocked"; message: string; line?: number };
