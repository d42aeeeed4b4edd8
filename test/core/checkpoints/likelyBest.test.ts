import assert from "node:assert/strict";
import { test } from "node:test";
import { planPrune } from "../../../src/core/checkpoints/planPrune.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";

const NONE = { keepBest: 0, keepLast: 0 };

/** Saved one after the other under these names, and what stays of them with the reason. */
function staying(names: readonly string[], factsOf: (at: number) => Parameters<typeof entryOf>[2] = () => ({})) {
  const { kept } = planPrune(
    names.map((name, at) => entryOf(name, at, factsOf(at))),
    NONE,
  );
  return kept.map(({ entry, reason }) => `${entry.summary.name}: ${reason}`);
}

test("keeps the best by the loss inside where a name holds a setting that reads as a metric", () => {
  const names = [1, 2, 3, 4].map((epoch) => `epoch_${epoch}_precision_16.pt`);
  assert.deepEqual(
    staying(names, (at) => ({
      metrics: { precision: 16, loss: [0.9, 0.3, 0.5, 0.6][at] ?? 0 },
      namedMetrics: ["precision"],
    })),
    ["epoch_4_precision_16.pt: the newest whole one", "epoch_2_precision_16.pt: the best by loss: 0.3"],
  );
});

test("what may be the best is told by no constant and no counter, and by the best of all where a training lost it", () => {
  const epochs = [1, 2, 3, 4, 5].map((epoch) => `epoch_${epoch}.pt`);
  const quality = [0.5, 0.9, 0.1, 0.6, 0.7];
  const byQuality = [
    "epoch_5.pt: the newest whole one",
    "epoch_3.pt: the lowest by quality, 0.1: it may be the best",
    "epoch_2.pt: the highest by quality, 0.9: it may be the best",
  ];
  assert.deepEqual(
    staying(epochs, (at) => ({
      metrics: { best_score: 0, beta: 1, elapsed: at, lr: 1 / (at + 1), quality: quality[at] ?? 0 },
    })),
    byQuality,
  );
  assert.equal(
    staying(epochs, (at) => ({ metrics: { a: at, b: -at, c: at, quality: quality[at] ?? 0 } })).length,
    2,
    "the extremes of three, which are the first and the last",
  );
  const lost = [0.5, 0.9, 0.9, 0.6, 0.6];
  assert.deepEqual(
    staying(epochs, (at) => ({ metrics: { best_acc: lost[at] ?? 0 } })),
    [
      "epoch_5.pt: the newest whole one",
      "epoch_4.pt: the first with best_acc 0.6, so likely the best",
      "epoch_2.pt: the first with best_acc 0.9, so likely the best",
    ],
  );
  const reached = [0.5, 0.9, 0.9, 0.9, 0.9];
  for (const name of ["val/best_acc", "valBestAcc"]) {
    assert.deepEqual(
      staying(epochs, (at) => ({ metrics: { [name]: reached[at] ?? 0 } })),
      ["epoch_5.pt: the newest whole one", `epoch_2.pt: the first with ${name} 0.9, so likely the best`],
    );
  }
});

test("keeps what may be the best where no metric says which is", () => {
  const epochs = [1, 2, 3, 4].map((epoch) => `epoch_${epoch}.pt`);
  assert.deepEqual(
    staying(epochs, (at) => ({ metrics: { lr: 1, best_score: [0.5, 0.9, 0.9, 0.9][at] ?? 0 } })),
    ["epoch_4.pt: the newest whole one", "epoch_2.pt: the first with best_score 0.9, so likely the best"],
  );
  assert.deepEqual(
    staying(epochs, (at) => ({ metrics: { val_metric: [0.5, 0.9, 0.1, 0.3][at] ?? 0 } })),
    [
      "epoch_4.pt: the newest whole one",
      "epoch_3.pt: the lowest by val_metric, 0.1: it may be the best",
      "epoch_2.pt: the highest by val_metric, 0.9: it may be the best",
    ],
  );
  assert.deepEqual(staying(["weights.01-0.93.keras", "weights.02-0.25.keras", "weights.03-0.31.keras"]), [
    "weights.03-0.31.keras: the newest whole one",
    "weights.02-0.25.keras: the lowest by the number in its name, 0.25: it may be the best",
    "weights.01-0.93.keras: the highest by the number in its name, 0.93: it may be the best",
  ]);
  assert.deepEqual(staying(epochs), ["epoch_4.pt: the newest whole one"]);
});
