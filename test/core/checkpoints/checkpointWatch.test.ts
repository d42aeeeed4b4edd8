import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointFormat, CompletenessState } from "../../../src/core/checkpoints/checkpointSummary.ts";
import {
  initialWatchState,
  observeCheckpoints,
  type SeenCheckpoint,
  type WatchObservation,
  type WatchStep,
} from "../../../src/core/checkpoints/checkpointWatch.ts";
import { summaryOf } from "../../support/checkpointSummaries.ts";

const timing = { settleMs: 100, unknownAfterMs: 3_000, tornAfterMs: 30_000 };

function seen(path: string, sizeBytes: number, modifiedMs = sizeBytes): SeenCheckpoint {
  return { path, sizeBytes, modifiedMs, fileId: "1" };
}

function look(...checkpoints: SeenCheckpoint[]): WatchObservation {
  return { kind: "look", checkpoints };
}

function inspected(
  file: SeenCheckpoint,
  state: CompletenessState,
  format: CheckpointFormat = "torch-zip",
): WatchObservation {
  return {
    kind: "inspected",
    seen: file,
    summary: summaryOf(file.path, { format, completeness: { state, reason: "" } }),
  };
}

function refused(file: SeenCheckpoint): WatchObservation {
  return { kind: "unreadable", seen: file, reason: "It may not be read." };
}

const emptyBaseline: WatchObservation = { kind: "baseline", checkpoints: [], clockMs: 0 };

/** What each observation announces, as "kind path"; a trailing "?" marks what is asked to be read. */
function check(steps: readonly [atMs: number, observation: WatchObservation, expected: string][]): void {
  let state = initialWatchState;
  for (const [atMs, observation, expected] of steps) {
    const step: WatchStep = observeCheckpoints(state, observation, atMs, timing);
    state = step.state;
    const events = step.events.map((event) => ("path" in event ? `${event.kind} ${event.path}` : event.kind));
    const shown = [...events, ...step.inspect.map(({ path }) => `${path}?`)].join(", ");
    assert.equal(shown, expected, `at ${atMs} ms`);
  }
}

test("announces a growing file once as writing and once as complete", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 1)), "writing a, a?"],
    [11, inspected(seen("a", 1), "torn"), ""],
    [20, look(seen("a", 2)), "growing a"],
    [30, look(seen("a", 3)), "growing a"],
    [200, look(seen("a", 3)), "a?"],
    [201, inspected(seen("a", 3), "whole"), "complete a"],
    [300, look(seen("a", 3)), ""],
    [301, inspected(seen("a", 3), "whole"), ""],
  ]);
});

test("announces a whole zip at first sight, since its end is written last", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 5)), "writing a, a?"],
    [11, inspected(seen("a", 5), "whole"), "complete a"],
  ]);
});

test("waits for rest where the right length may have been reserved before the bytes were written", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 5)), "writing a, a?"],
    [11, inspected(seen("a", 5), "whole", "safetensors"), ""],
    [50, look(seen("a", 5)), ""],
    [110, look(seen("a", 5)), "complete a"],
    [210, look(seen("a", 5)), ""],
  ]);
});

test("announces a file that stays incomplete once as torn, and again when it is written after all", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 1)), "writing a, a?"],
    [11, inspected(seen("a", 1), "torn"), ""],
    [29_000, look(seen("a", 1)), ""],
    [30_010, look(seen("a", 1)), "torn a"],
    [60_000, look(seen("a", 1)), ""],
    [60_010, look(seen("a", 2)), "writing a, a?"],
    [60_011, inspected(seen("a", 2), "whole"), "complete a"],
  ]);
});

test("announces a file of a format that cannot be judged after a longer rest", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 1)), "writing a, a?"],
    [11, inspected(seen("a", 1), "unknown", "unknown"), ""],
    [500, look(seen("a", 1)), ""],
    [3_100, look(seen("a", 1)), "complete a"],
  ]);
});

test("announces an overwritten file as a new version, also at the same size", () => {
  check([
    [0, { kind: "baseline", checkpoints: [{ seen: seen("a", 5, 1), summary: undefined }], clockMs: 0 }, ""],
    [10, look(seen("a", 5, 2)), "writing a, a?"],
    [11, inspected(seen("a", 5, 2), "whole"), "complete a"],
    [20, look({ ...seen("a", 5, 2), fileId: "2" }), "writing a, a?"],
  ]);
});

test("reads a file that may not be read ever more seldom, says so once, and announces it when it can be read", () => {
  const a = seen("a", 1);
  check([
    [0, emptyBaseline, ""],
    [0, look(a), "writing a, a?"],
    [0, refused(a), ""],
    [50, look(a), ""],
    [100, look(a), "a?"],
    [100, refused(a), ""],
    [199, look(a), ""],
    [10_000, look(a), "a?"],
    [10_000, refused(a), ""],
    [19_900, look(a), ""],
    [30_000, look(a), "a?"],
    [30_000, refused(a), "unreadable a"],
    [59_000, look(a), ""],
    [60_000, look(a), "a?"],
    [60_000, refused(a), ""],
    [120_000, look(a), "a?"],
    [120_000, inspected(a, "whole"), "complete a"],
    [240_000, look(a), ""],
  ]);
  check([
    [0, { kind: "baseline", checkpoints: [{ seen: a, summary: undefined }], clockMs: 0 }, ""],
    [1_000, look(a), "a?"],
    [1_000, refused(a), ""],
    [1_500, look(seen("a", 2)), "writing a, a?"],
    [1_500, inspected(seen("a", 2), "whole"), "complete a"],
  ]);
});

test("looks again soon after a file that is locked, but not for ever", () => {
  const a = seen("a", 1);
  const writing = observeCheckpoints(initialWatchState, look(a), 0, timing);
  const isBusyAfter = (atMs: number) => observeCheckpoints(writing.state, refused(a), atMs, timing).isBusy;
  assert.deepEqual([isBusyAfter(0), isBusyAfter(1_000), isBusyAfter(5_000)], [true, true, false]);
});

test("ignores what was read of a version that is gone", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 1)), "writing a, a?"],
    [11, look(seen("a", 2)), "growing a"],
    [12, inspected(seen("a", 1), "whole"), ""],
    [13, inspected(seen("b", 1), "whole"), ""],
  ]);
});

test("knows the files of the beginning, but follows one that is being written then", () => {
  const old = { seen: seen("old", 1, 0), summary: summaryOf("old", { completeness: { state: "torn", reason: "" } }) };
  const fresh = {
    seen: seen("fresh", 1, 99_000),
    summary: summaryOf("fresh", { completeness: { state: "torn", reason: "" } }),
  };
  const whole = { seen: seen("whole", 1, 99_000), summary: summaryOf("whole", {}) };
  check([
    [0, { kind: "baseline", checkpoints: [old, fresh, whole], clockMs: 100_000 }, "writing fresh"],
    [200, look(old.seen, fresh.seen, whole.seen), "fresh?"],
    [210, look(old.seen, seen("fresh", 2), whole.seen), "growing fresh"],
    [400, look(old.seen, seen("fresh", 2), whole.seen), "fresh?"],
    [401, inspected(seen("fresh", 2), "whole"), "complete fresh"],
  ]);
});

test("says once that the folder is gone, and does not announce its files anew when it is back", () => {
  check([
    [0, emptyBaseline, ""],
    [10, look(seen("a", 1)), "writing a, a?"],
    [11, inspected(seen("a", 1), "whole"), "complete a"],
    [20, { kind: "folder-missing" }, "folder-missing"],
    [30, { kind: "folder-missing" }, ""],
    [40, { kind: "folder-unreadable", message: "no" }, "folder-unreadable"],
    [50, look(seen("a", 1), seen("b", 1)), "folder-found, writing b, b?"],
    [60, look(seen("b", 1)), "removed a"],
  ]);
});

test("announces everything in a folder that was not there at the beginning", () => {
  check([
    [0, { kind: "folder-missing" }, "folder-missing"],
    [10, look(seen("a", 1)), "folder-found, writing a, a?"],
  ]);
});
