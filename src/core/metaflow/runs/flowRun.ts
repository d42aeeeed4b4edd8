/*
 * A run in Metaflow's local datastore, by its files:
 *
 *   <root>/<Flow>/<run>/_meta/_self.json          who started it and when
 *   <root>/<Flow>/<run>/_parameters/0/            the parameters, as a task that never ran
 *   <root>/<Flow>/<run>/<step>/<task>/N.attempt.json, N.data.json, N.runtime, N.DONE.lock     per attempt, from 0
 *   <root>/<Flow>/<run>/<step>/<task>/_meta/sysmeta_*.json
 *   <root>/<Flow>/data/<sha[:2]>/<sha>            artifacts by content
 *
 * N.DONE.lock says that an attempt ended, not how: that stands in N.runtime, and for a task that a resumed run took
 * over in sysmeta_attempt_ok. Nothing at all is written when a run is killed, so whether it still lives is asked of
 * the system.
 */

export type AttemptFacts = {
  /** When it began and when it ended, in milliseconds since 1970. */
  startedAt?: number;
  endedAt?: number;
  /** Absent while nobody has said how it ended. */
  isOk?: boolean;
};

export type TaskFacts = {
  step: string;
  id: string;
  /** The last attempt; each retry adds one. */
  attempt: number;
  facts: AttemptFacts;
  /** Taken over from the run that was resumed, not run again. */
  isCloned: boolean;
};

export type FlowRunFacts = {
  flow: string;
  id: string;
  createdAt: number;
  user: string;
  tags: readonly string[];
  /** The run that this one was resumed from. */
  originRunId?: string;
  tasks: readonly TaskFacts[];
  /** By step, how many tasks a very wide foreach has besides those of `tasks`. */
  unread?: Readonly<Record<string, number>>;
  /** The step that ends the flow, where it is known and another one than `end`. */
  endStep?: string;
  /** When anything of the run was last written. */
  changedAt: number;
};

/** `gone`: it neither ended nor does anything of it run any more. */
export type FlowState = "running" | "done" | "failed" | "gone";

export type FlowTask = {
  step: string;
  id: string;
  attempt: number;
  state: FlowState;
  isCloned: boolean;
  startedAt?: number;
  endedAt?: number;
};

export type FlowRun = Omit<FlowRunFacts, "tasks" | "changedAt"> & {
  state: FlowState;
  tasks: readonly FlowTask[];
  endedAt?: number;
};

/** Between two tasks no task runs: how long nothing may be written until a run of which no process is found is gone. */
const QUIET_MS = 8_000;
/** The same where processes cannot be seen. A task writes when it begins and ends, which may be far apart. */
const UNSEEN_QUIET_MS = 600_000;

/** The step that ends a flow where none is marked with `@step(end=True)`. */
export const END_STEP = "end";

/**
 * What became of a run. `isAlive` says whether a process of it was found; undefined where nobody can tell, and then
 * a run that wrote something lately counts as running.
 */
export function judgeRun(facts: FlowRunFacts, isAlive: boolean | undefined, now: number): FlowRun {
  const { tasks, changedAt, ...rest } = facts;
  const isLive = isAlive === true || now - changedAt < (isAlive === undefined ? UNSEEN_QUIET_MS : QUIET_MS);
  const judged = tasks.map(({ facts: attempt, ...task }): FlowTask => {
    const { startedAt, endedAt } = attempt;
    return {
      ...task,
      state: taskState(attempt, isLive),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
    };
  });
  const state = runState(judged, isLive, facts.endStep ?? END_STEP);
  return { ...rest, tasks: judged, state, ...(state === "running" ? {} : { endedAt: lastEnd(judged, changedAt) }) };
}

function taskState({ isOk }: AttemptFacts, isLive: boolean): FlowState {
  if (isOk === undefined) {
    return isLive ? "running" : "gone";
  }
  return isOk ? "done" : "failed";
}

function runState(tasks: readonly FlowTask[], isLive: boolean, endStep: string): FlowState {
  const has = (state: FlowState) => tasks.some((task) => task.state === state);
  if (tasks.some(({ step, state }) => step === endStep && state === "done")) {
    return "done";
  }
  if (has("running")) {
    return "running";
  }
  // A failed task may be tried again, but the runner then lives.
  return has("failed") ? "failed" : isLive ? "running" : "gone";
}

function lastEnd(tasks: readonly FlowTask[], changedAt: number): number {
  return Math.max(
    ...tasks.map(({ endedAt }) => endedAt ?? 0),
    tasks.some(({ state }) => state === "gone") ? changedAt : 0,
  );
}

export type StepStatus = { state: FlowState; tasks: number; finished: number; seconds: number };

/** The tasks of a run by step: the worst state of them, and the time from the first start to the last end. */
export function statusByStep({ tasks }: FlowRun, now: number): Map<string, StepStatus> {
  const steps = new Map<string, FlowTask[]>();
  for (const task of tasks) {
    steps.set(task.step, [...(steps.get(task.step) ?? []), task]);
  }
  return new Map(
    [...steps].map(([step, own]) => {
      const state = (["running", "failed", "gone"] as const).find((each) => own.some((task) => task.state === each));
      const started = Math.min(...own.map(({ startedAt }) => startedAt ?? now));
      const ended = Math.max(...own.map((task) => task.endedAt ?? (task.state === "running" ? now : started)));
      const finished = own.filter((task) => task.state === "done").length;
      return [
        step,
        { state: state ?? "done", tasks: own.length, finished, seconds: Math.max(0, ended - started) / 1000 },
      ];
    }),
  );
}

export const STATE_WORDS: Readonly<Record<FlowState, string>> = {
  running: "running",
  done: "done",
  failed: "failed",
  gone: "killed",
};

/** Told apart without colour. */
export const STATE_SIGNS: Readonly<Record<FlowState, string>> = { running: "▶", done: "✓", failed: "✗", gone: "☠" };

/** An artifact of a task, described without loading it. */
export type FlowArtifact = {
  name: string;
  /** As Python names it: `int`, `numpy.ndarray`. */
  type: string;
  sizeBytes: number;
  /** The hash of its content; "" where the file names none. */
  sha: string;
  /** Its value where it is plain data and small. */
  text?: string;
  /** The text is all of the value. */
  isWhole?: boolean;
};
