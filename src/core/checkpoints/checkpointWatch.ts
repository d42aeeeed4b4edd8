import type { CheckpointFormat, CheckpointSummary } from "./checkpointSummary.ts";

/** What one look at a folder tells about a checkpoint. All but the path together say which version of it was seen. */
export type SeenCheckpoint = {
  path: string;
  sizeBytes: number;
  modifiedMs: number;
  /** Changes when another file takes the same path, as a rename into place does. */
  fileId: string;
};

export type WatchObservation =
  /** What was there when watching began: known, not announced. */
  | {
      kind: "baseline";
      checkpoints: readonly { seen: SeenCheckpoint; summary: CheckpointSummary | undefined }[];
      /** The time of day, by the clock that files are dated with. */
      clockMs: number;
    }
  | { kind: "look"; checkpoints: readonly SeenCheckpoint[] }
  /** The content was read, and the file looked the same before and after. */
  | { kind: "inspected"; seen: SeenCheckpoint; summary: CheckpointSummary }
  /** The file looked the same before and after, but its content may not be read. */
  | { kind: "unreadable"; seen: SeenCheckpoint; reason: string }
  | { kind: "folder-missing" }
  | { kind: "folder-unreadable"; message: string };

export type WatchEvent =
  | { kind: "writing"; path: string; sizeBytes: number }
  /** Goes on being written; not for the first look at a version. */
  | { kind: "growing"; path: string; sizeBytes: number }
  /** `isLink`: to another checkpoint of the same folder, which has its own event. */
  | { kind: "complete"; path: string; summary: CheckpointSummary; isLink?: true }
  | { kind: "torn"; path: string; summary: CheckpointSummary }
  /** Could not be read for as long as a torn one may take; complete or torn follows where it can be after all. */
  | { kind: "unreadable"; path: string; reason: string }
  | { kind: "removed"; path: string }
  | { kind: "folder-missing" }
  | { kind: "folder-found" }
  | { kind: "folder-unreadable"; message: string };

type Tracked = {
  seen: SeenCheckpoint;
  changedAtMs: number;
  /** `settled` has been announced, as complete or torn, or was there from the beginning; `unreadable` may still be read. */
  phase: "writing" | "unreadable" | "settled";
  /** What this version held when it was last read. */
  summary?: CheckpointSummary;
  /** Set instead where this version could not be read. */
  refusal?: Refusal;
};

type Refusal = {
  reason: string;
  /** Each time after as long as the file has been at rest, so that one of another user is soon left alone. */
  readAgainMs: number;
  /** It may only be locked for a moment, as a virus scanner does. */
  isSoon: boolean;
};

export type WatchState = {
  folder: "unvisited" | "present" | "missing" | "unreadable";
  tracked: ReadonlyMap<string, Tracked>;
};

export type WatchTiming = {
  /** How long a file must stay the same before its content is judged. */
  settleMs: number;
  /** How long a file of a format that cannot be judged must stay the same. */
  unknownAfterMs: number;
  tornAfterMs: number;
};

export type WatchStep = {
  state: WatchState;
  events: readonly WatchEvent[];
  /** Whose content to read next. */
  inspect: readonly SeenCheckpoint[];
  /** Whether something changes so soon that the next look should not wait for the usual interval. */
  isBusy: boolean;
};

export const initialWatchState: WatchState = { folder: "unvisited", tracked: new Map() };

/** The directory at the end of these is written last of all, so that no other sign of completion is needed. */
const selfProvingFormats: ReadonlySet<CheckpointFormat> = new Set(["torch-zip", "torch-script", "keras", "npz"]);

/**
 * Folds what was seen into what to announce. Each version of a checkpoint is announced at most once as writing and
 * once as complete or torn; a new version is one whose size, time or identity differs from what was announced.
 *
 * @param nowMs milliseconds of a clock that nobody sets and that rests while the machine sleeps, as the writer does
 */
export function observeCheckpoints(
  state: WatchState,
  observation: WatchObservation,
  nowMs: number,
  timing: WatchTiming,
): WatchStep {
  switch (observation.kind) {
    case "baseline":
      return takeBaseline(observation, nowMs, timing);
    case "look":
      return look(state, observation.checkpoints, nowMs, timing);
    case "inspected":
      return takeInspection(state, observation, nowMs, timing);
    case "unreadable":
      return takeRefusal(state, observation, nowMs, timing);
    case "folder-missing":
      return loseFolder(state, "missing", { kind: "folder-missing" });
    case "folder-unreadable":
    default:
      return loseFolder(state, "unreadable", { kind: "folder-unreadable", message: observation.message });
  }
}

function takeBaseline(
  { checkpoints, clockMs }: Extract<WatchObservation, { kind: "baseline" }>,
  nowMs: number,
  timing: WatchTiming,
): WatchStep {
  const tracked = new Map<string, Tracked>();
  const events: WatchEvent[] = [];
  for (const { seen, summary } of checkpoints) {
    const isUnfinished = summary !== undefined && ["torn", "writing"].includes(summary.completeness.state);
    const isFresh = clockMs - seen.modifiedMs < timing.tornAfterMs;
    const phase = summary === undefined ? "unreadable" : isUnfinished && isFresh ? "writing" : "settled";
    tracked.set(seen.path, { seen, changedAtMs: nowMs, phase });
    if (phase === "writing") {
      events.push({ kind: "writing", path: seen.path, sizeBytes: seen.sizeBytes });
    }
  }
  return stepTo({ folder: "present", tracked }, events, []);
}

function look(
  state: WatchState,
  checkpoints: readonly SeenCheckpoint[],
  nowMs: number,
  timing: WatchTiming,
): WatchStep {
  const tracked = new Map<string, Tracked>();
  const events: WatchEvent[] = [];
  const inspect: SeenCheckpoint[] = [];
  if (state.folder === "missing" || state.folder === "unreadable") {
    events.push({ kind: "folder-found" });
  }
  for (const seen of checkpoints) {
    const before = state.tracked.get(seen.path);
    if (before !== undefined && isSameVersion(before.seen, seen)) {
      tracked.set(seen.path, settleIfDue(before, nowMs, timing, { events, inspect }));
      continue;
    }
    tracked.set(seen.path, { seen, changedAtMs: nowMs, phase: "writing" });
    if (before?.phase !== "writing") {
      events.push({ kind: "writing", path: seen.path, sizeBytes: seen.sizeBytes });
      // A file renamed into place is complete at first sight.
      inspect.push(seen);
    } else if (before.seen.sizeBytes !== seen.sizeBytes) {
      events.push({ kind: "growing", path: seen.path, sizeBytes: seen.sizeBytes });
    }
  }
  for (const path of state.tracked.keys()) {
    if (!tracked.has(path)) {
      events.push({ kind: "removed", path });
    }
  }
  return stepTo({ folder: "present", tracked }, events, inspect);
}

/** What the passing of time alone means for a file that has not changed since the last look. */
function settleIfDue(
  file: Tracked,
  nowMs: number,
  timing: WatchTiming,
  out: { events: WatchEvent[]; inspect: SeenCheckpoint[] },
): Tracked {
  if (file.phase === "settled") {
    return file;
  }
  if (file.summary === undefined) {
    if (nowMs >= (file.refusal?.readAgainMs ?? file.changedAtMs + timing.settleMs)) {
      out.inspect.push(file.seen);
    }
    return file;
  }
  const event = announce(file, file.summary, nowMs, timing);
  if (event === undefined) {
    return file;
  }
  out.events.push(event);
  return settled(file);
}

function takeInspection(
  state: WatchState,
  { seen, summary }: { seen: SeenCheckpoint; summary: CheckpointSummary },
  nowMs: number,
  timing: WatchTiming,
): WatchStep {
  const file = unsettled(state, seen);
  if (file === undefined) {
    return stepTo(state, [], []);
  }
  const event = announce(file, summary, nowMs, timing);
  return event === undefined
    ? replaceTracked(state, { seen, changedAtMs: file.changedAtMs, phase: "writing", summary })
    : replaceTracked(state, settled(file), event);
}

function takeRefusal(
  state: WatchState,
  { seen, reason }: { seen: SeenCheckpoint; reason: string },
  nowMs: number,
  timing: WatchTiming,
): WatchStep {
  const file = unsettled(state, seen);
  if (file === undefined) {
    return stepTo(state, [], []);
  }
  const { changedAtMs } = file;
  const restMs = Math.max(nowMs - changedAtMs, timing.settleMs);
  const refusal = { reason, readAgainMs: nowMs + restMs, isSoon: restMs < timing.unknownAfterMs };
  const phase = restMs < timing.tornAfterMs ? file.phase : "unreadable";
  const isNew = phase !== file.phase;
  return replaceTracked(
    state,
    { seen, changedAtMs, phase, refusal },
    ...(isNew ? [{ kind: "unreadable", path: seen.path, reason } as const] : []),
  );
}

/** The checkpoint of which something was learned, unless that is of no use any more. */
function unsettled(state: WatchState, seen: SeenCheckpoint): Tracked | undefined {
  const file = state.tracked.get(seen.path);
  return file === undefined || file.phase === "settled" || !isSameVersion(file.seen, seen) ? undefined : file;
}

function replaceTracked(state: WatchState, file: Tracked, ...events: readonly WatchEvent[]): WatchStep {
  return stepTo({ ...state, tracked: new Map(state.tracked).set(file.seen.path, file) }, events, []);
}

/** What a version held is not needed once it is announced; there may be a hundred thousand. */
function settled({ seen, changedAtMs }: Tracked): Tracked {
  return { seen, changedAtMs, phase: "settled" };
}

/** The announcement that a file's content and rest allow by now, if any. */
function announce(
  file: Tracked,
  summary: CheckpointSummary,
  nowMs: number,
  timing: WatchTiming,
): WatchEvent | undefined {
  const restMs = nowMs - file.changedAtMs;
  const path = file.seen.path;
  switch (summary.completeness.state) {
    case "whole":
      return selfProvingFormats.has(summary.format) || restMs >= timing.settleMs
        ? { kind: "complete", path, summary }
        : undefined;
    case "unknown":
      return restMs >= timing.unknownAfterMs ? { kind: "complete", path, summary } : undefined;
    case "torn":
    case "writing":
    default:
      return restMs >= timing.tornAfterMs ? { kind: "torn", path, summary: asTorn(summary) } : undefined;
  }
}

/** What was being written when it was read has not been touched since. */
function asTorn(summary: CheckpointSummary): CheckpointSummary {
  return { ...summary, completeness: { ...summary.completeness, state: "torn" } };
}

/** The files stay known: a network folder that comes back is not announced anew. */
function loseFolder(state: WatchState, folder: "missing" | "unreadable", event: WatchEvent): WatchStep {
  return stepTo({ ...state, folder }, state.folder === folder ? [] : [event], []);
}

function stepTo(state: WatchState, events: readonly WatchEvent[], inspect: readonly SeenCheckpoint[]): WatchStep {
  const isBusy = [...state.tracked.values()].some((file) => file.phase === "writing" && isChanging(file));
  return { state, events, inspect, isBusy };
}

/** Not yet read since its last change, or read as whole and only waiting for its rest. */
function isChanging({ summary, refusal }: Tracked): boolean {
  return refusal?.isSoon ?? (summary === undefined || summary.completeness.state === "whole");
}

function isSameVersion(a: SeenCheckpoint, b: SeenCheckpoint): boolean {
  return a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs && a.fileId === b.fileId;
}
