import type { CheckpointEntry } from "../../src/core/checkpoints/checkpointListing.ts";
import { type CheckpointSummary, emptyContents } from "../../src/core/checkpoints/checkpointSummary.ts";

/** A whole torch checkpoint of a kilobyte, but for what the test cares about. */
export function summaryOf(name: string, facts: Partial<CheckpointSummary>): CheckpointSummary {
  return {
    ...emptyContents,
    name,
    kind: "file",
    format: "torch-zip",
    completeness: { state: "whole", reason: "all storages are complete" },
    sizeBytes: 1000,
    ...facts,
  };
}

export function entryOf(name: string, modifiedMs: number, facts: Partial<CheckpointSummary> = {}): CheckpointEntry {
  return { path: `/home/ada/checkpoints/${name}`, modifiedMs, summary: summaryOf(name, facts) };
}
