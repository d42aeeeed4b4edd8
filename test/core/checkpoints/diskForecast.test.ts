import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointEntry } from "../../../src/core/checkpoints/checkpointListing.ts";
import { describeCheckpointFolder } from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { forecastDisk, roughDuration } from "../../../src/core/checkpoints/diskForecast.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";

const HOUR = 3_600_000;

/** A gigabyte each half hour, from these steps on. */
function saved(steps: readonly number[]): CheckpointEntry[] {
  return steps.map((step, index) => entryOf(`${step}`, (index + 1) * (HOUR / 2), { step, sizeBytes: 1e9 }));
}

function check(entries: readonly CheckpointEntry[], nowMs: number, expectedHours: number | undefined): void {
  const forecast = forecastDisk(entries, { freeBytes: 6e9, nowMs });
  assert.equal(forecast && forecast.fullInMs / HOUR, expectedHours);
}

test("tells when the disk is full while a training saves, and not when it has stopped", () => {
  const steps = saved([100, 200, 300, 400]);
  check(steps, 2 * HOUR, 3);
  check(steps, 3.5 * HOUR, 3);
  check(steps, 4 * HOUR, undefined);
  check(steps.slice(0, 2), HOUR, undefined);
});

test("tells nothing where old checkpoints are deleted as new ones come", () => {
  check(saved([8800, 8900, 9000]), 1.5 * HOUR, undefined);
  check(saved([100, 200, 300, 400, 500]).slice(1), 2.5 * HOUR, 3);
});

test("counts neither links nor the runs of before", () => {
  const steps = saved([100, 200, 300]);
  const link = { ...entryOf("last", 1.5 * HOUR, { sizeBytes: 1e9 }), linkTarget: "300" };
  const before = { ...entryOf("old", 1, { sizeBytes: 9e9, step: 5 }), run: "run-1" };
  check([before, link, ...steps], 1.6 * HOUR, 3);
});

test("says it beside the free space", () => {
  const listing = { kind: "listed", folder: "/w", entries: saved([1, 2, 3]), temporary: [], unreadable: [] } as const;
  const disk = { freeBytes: 6e9, nowMs: 1.5 * HOUR };
  assert.match(
    describeCheckpointFolder(listing, { disk }),
    /3\.0 GB\. 6\.0 GB free on the disk; at this rate \(2\.0 GB per hour\) full in 3 h\.$/,
  );
  assert.match(
    describeCheckpointFolder(listing, { disk: { ...disk, freeBytes: 6e15 } }),
    /6000 TB free on the disk\.$/,
  );
});

test("is no more exact than a forecast is", () => {
  const shown = [10_000, 40 * 60_000, 2.6 * HOUR, 47 * HOUR, 71 * HOUR].map(roughDuration);
  assert.deepEqual(shown, ["1 min", "40 min", "3 h", "47 h", "3 days"]);
});
