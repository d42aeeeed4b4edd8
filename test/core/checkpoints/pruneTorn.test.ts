import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointEntry } from "../../../src/core/checkpoints/checkpointListing.ts";
import type { PrunePolicy } from "../../../src/core/checkpoints/prunePolicy.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const torn = { state: "torn", reason: "cut" } as const;
const NONE: PrunePolicy = { keepBest: 0, keepLast: 0 };

function namesOf(entries: readonly CheckpointEntry[]): string {
  return entries.map(({ summary }) => summary.name).join(" ");
}

/** Names of what goes and of what stays, newest first. */
function check(entries: readonly CheckpointEntry[], expected: { goes: string; stays: string }): void {
  const { removed, kept } = planPrune(entries, NONE);
  assert.deepEqual({ goes: namesOf(removed), stays: namesOf(kept.map(({ entry }) => entry)) }, expected);
}

test("of a torn folder the rest may be whole, so that it goes only for a later whole one named like it", () => {
  const folder = { kind: "folder", completeness: torn } as const;
  const stripped = [entryOf("checkpoint-1", 1, folder), entryOf("checkpoint-2", 2, folder), entryOf("final.bin", 3)];
  check(stripped, { goes: "", stays: "final.bin checkpoint-2 checkpoint-1" });
  check([...stripped, entryOf("checkpoint-3", 4), entryOf("checkpoint-4", 5, folder)], {
    goes: "checkpoint-2 checkpoint-1",
    stays: "checkpoint-4 checkpoint-3 final.bin",
  });
});

test("a torn file goes only for a later whole one named like it, or of its folder, since it may still be being written", () => {
  const cut = { completeness: torn };
  const saves = [entryOf("epoch_0.pt", 1, cut), entryOf("epoch_1.pt", 2), entryOf("epoch_2.pt", 3, cut)];
  check(saves, { goes: "epoch_0.pt", stays: "epoch_2.pt epoch_1.pt" });
  const [newest] = planPrune(saves, NONE).kept;
  assert.equal(newest?.reason, "it is not complete, but may still be being written: no whole one is newer");
  const other = entryOf("other.pt", 5);
  check([...saves, other, entryOf("alone.pt", 4, cut)], {
    goes: "alone.pt epoch_0.pt",
    stays: "other.pt epoch_2.pt epoch_1.pt",
  });
  check([...saves, other, entryOf("alone.pt", 6, cut)], {
    goes: "epoch_0.pt",
    stays: "alone.pt other.pt epoch_2.pt epoch_1.pt",
  });
});
