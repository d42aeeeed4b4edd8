import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const NONE = { keepBest: 0, keepLast: 0 };

/** Saved one after the other under these names, and what stays of them with the reason. */
function staying(names: readonly string[], factsOf: (at: number) => Parameters<typeof entryOf>[2] = () => ({})) {
  const { kept } = planPrune(
    names.map((name, at) => entryOf(name, at, factsOf(at))),
    NONE,
  );
  return kept.map(({ entry, reason }) => `${entry.summary.name}: ${reason}`);
}

/** A training that saves before it judges has its best before the first that carries the value. */
function before(name: string, value: string): string {
  return `${name}: the one before the first with ${value}: it may have been saved before it was judged`;
}

/** Which of ten epochs stay beside the newest three, where each carries these values. */
function keptOf(valuesOf: (at: number) => Record<string, number>): string {
  const entries = Array.from({ length: 10 }, (_, at) =>
    entryOf(`epoch_${at}.pt`, at, { epoch: at, metrics: valuesOf(at) }),
  );
  const { kept } = planPrune(entries, { ...NONE, keepLast: 3 });
  const numbers = kept.map(({ entry }) => entry.summary.epoch ?? -1);
  return numbers.filter((number) => number < 7).join(" ");
}

test("the best so far goes by many names, and by its values", () => {
  const accuracy = [60, 70, 75, 82, 80, 79, 81, 78, 77, 76];
  const highest = (at: number) => Math.max(...accuracy.slice(0, at + 1));
  for (const name of ["max_accuracy", "maxValAcc", "val/highest_f1", "record_acc"]) {
    assert.equal(
      keptOf((at) => ({ [name]: highest(at) })),
      "3 2",
      name,
    );
  }
  for (const name of ["min_val_loss", "lowest_loss"]) {
    assert.equal(
      keptOf((at) => ({ [name]: -highest(at) })),
      "3 2",
      name,
    );
  }
  assert.equal(
    keptOf((at) => ({ accuracy: highest(at) })),
    "3",
    "never falls",
  );
  assert.equal(
    keptOf((at) => ({ max_accuracy: highest(at), val_loss: at === 5 ? 0.1 : 1 - at / 20 })),
    "5 3 2",
  );
  assert.equal(
    keptOf((at) => ({ max_error: [9, 8, 1, 5, 6, 7][at] ?? 8 })),
    "2",
    "of this model, not of the past",
  );
});

test("what is turned round, or tells how much another number varies, is judged so", () => {
  for (const name of ["val_neg_log_loss", "neg_mean_squared_error", "neg_root_mse"]) {
    assert.equal(
      keptOf((at) => ({ [name]: [-0.9, -0.5, -0.1, -0.2][at] ?? -0.3 })),
      "2",
      name,
    );
  }
  for (const name of ["neg_elbo", "negative_log_likelihood", "val_nll"]) {
    assert.equal(
      keptOf((at) => ({ [name]: [0.9, 0.5, 0.1, 0.2][at] ?? 0.3 })),
      "2",
      name,
    );
  }
  for (const name of ["accuracy_drop", "val_loss_improvement", "val_acc_std", "neg_loss", "recall_negative"]) {
    assert.equal(
      keptOf((at) => ({ [name]: [0.5, 0.9, 0.1, 0.2][at] ?? 0.3 })),
      "2 1",
      name,
    );
  }
});

/** The highest after the second, the lowest after the third. */
function vagueOf(at: number): number {
  return [0.5, 0.9, 0.1, 0.2][at] ?? 0.3;
}

/** Best after the sixth. */
function lossOf(at: number): number {
  return at === 5 ? 0.1 : 1 - at / 20;
}

test("a metric that nobody knows stays looked at beside one that is known, but not a training's own beside held-out ones", () => {
  assert.equal(
    keptOf((at) => ({ val_fluff: vagueOf(at), val_loss: lossOf(at) })),
    "5 2 1",
  );
  assert.equal(
    keptOf((at) => ({ fluff: vagueOf(at), loss: lossOf(at) })),
    "5 2 1",
  );
  assert.equal(
    keptOf((at) => ({ fluff: vagueOf(at), val_loss: lossOf(at) })),
    "5",
  );
  for (const name of ["val_cider", "success_rate", "win_rate", "bleu4", "chrf", "meteor", "rewards"]) {
    assert.equal(
      keptOf((at) => ({ [name]: vagueOf(at) })),
      "1",
      name,
    );
  }
  for (const name of ["val_ce", "bce", "rmsle", "cross_entropy"]) {
    assert.equal(
      keptOf((at) => ({ [name]: vagueOf(at) })),
      "2",
      name,
    );
  }
});

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
      before("epoch_3.pt", "best_acc 0.6"),
      "epoch_2.pt: the first with best_acc 0.9, so likely the best",
      before("epoch_1.pt", "best_acc 0.9"),
    ],
  );
  const reached = [0.5, 0.9, 0.9, 0.9, 0.9];
  for (const name of ["val/best_acc", "valBestAcc"]) {
    assert.deepEqual(
      staying(epochs, (at) => ({ metrics: { [name]: reached[at] ?? 0 } })),
      [
        "epoch_5.pt: the newest whole one",
        `epoch_2.pt: the first with ${name} 0.9, so likely the best`,
        before("epoch_1.pt", `${name} 0.9`),
      ],
    );
  }
});

test("keeps what may be the best where no metric says which is", () => {
  const epochs = [1, 2, 3, 4].map((epoch) => `epoch_${epoch}.pt`);
  assert.deepEqual(
    staying(epochs, (at) => ({ metrics: { lr: 1, best_score: [0.5, 0.9, 0.9, 0.9][at] ?? 0 } })),
    [
      "epoch_4.pt: the newest whole one",
      "epoch_2.pt: the first with best_score 0.9, so likely the best",
      before("epoch_1.pt", "best_score 0.9"),
    ],
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
