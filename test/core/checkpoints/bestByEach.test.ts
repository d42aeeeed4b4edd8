import assert from "node:assert/strict";
import { test } from "node:test";
import { describePrune, describeStaying } from "../../../src/core/checkpoints/describePrune.ts";
import type { PrunePolicy } from "../../../src/core/checkpoints/prunePolicy.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const NONE: PrunePolicy = { keepBest: 0, keepLast: 0 };

/** Saves with these metrics inside, the oldest first, under these names. */
function savesOf(saves: Record<string, Record<string, number>>, namedMetrics: readonly string[] = []) {
  return Object.entries(saves).map(([name, metrics], at) => entryOf(name, at, { epoch: at, metrics, namedMetrics }));
}

/** What stays, with the reason. */
function staying(entries: ReturnType<typeof savesOf>, policy = NONE): string[] {
  return planPrune(entries, policy).kept.map(({ entry, reason }) => `${entry.summary.name}: ${reason}`);
}

test("keeps the best by each metric on held-out data, and by one that a person named only the best by that", () => {
  const entries = savesOf({
    "ckpt_0.pt": { val_acc: 0.9, test_acc: 0.1, loss: 4 },
    "ckpt_1.pt": { val_acc: 0.2, test_acc: 0.8, loss: 3 },
    "ckpt_2.pt": { val_acc: 0.3, test_acc: 0.2, loss: 1 },
    "ckpt_3.pt": { val_acc: 0.4, test_acc: 0.3, loss: 2 },
  });
  const newest = "ckpt_3.pt: the newest whole one";
  assert.deepEqual(staying(entries), [
    newest,
    "ckpt_1.pt: the best by test_acc: 0.8",
    "ckpt_0.pt: the best by val_acc: 0.9",
  ]);
  const chosen = { ...NONE, metric: "test_acc" };
  assert.deepEqual(staying(entries, chosen), [newest, "ckpt_1.pt: the best by test_acc: 0.8"]);
  assert.deepEqual(planPrune(entries, chosen).judgement.metrics, ["test_acc"]);
});

test("the held-out loss is one of six that the best is kept by, and what is left out is said", () => {
  const names = ["val_acc", "val_f1", "val_precision", "val_recall", "val_auc", "val_iou", "val_box_loss", "val_loss"];
  const entries = Array.from({ length: 10 }, (_, at) => {
    const values = names.map((name, own) => [name, name.endsWith("loss") === (own === at) ? 0.1 + at / 1000 : 0.9]);
    return entryOf(`ckpt_${at}.pt`, at, { metrics: Object.fromEntries(values) });
  });
  const plan = planPrune(entries, NONE);
  assert.deepEqual(plan.judgement, {
    metrics: ["val_acc", "val_loss", "val_auc", "val_f1", "val_iou", "val_precision"],
    leftOut: ["val_recall", "val_box_loss"],
    unjudged: 0,
  });
  assert.ok(plan.kept.some(({ entry, reason }) => entry.summary.name === "ckpt_7.pt" && reason.includes("val_loss")));
  assert.match(
    describePrune(plan),
    /^The best were found by val_acc, .*val_precision; not by val_recall, val_box_loss\.$/m,
  );
});

test("keeps the best by a quality that says no data beside the loss on held-out data", () => {
  const entries = savesOf({
    "ckpt_0.pt": { train_loss: 4, val_loss: 3, accuracy: 0.9, dice: 0.1, val_dice: 0.3 },
    "ckpt_1.pt": { train_loss: 3, val_loss: 1, accuracy: 0.2, dice: 0.9, val_dice: 0.4 },
    "ckpt_2.pt": { train_loss: 1, val_loss: 2, accuracy: 0.3, dice: 0.2, val_dice: 0.6 },
    "ckpt_3.pt": { train_loss: 2, val_loss: 4, accuracy: 0.4, dice: 0.3, val_dice: 0.7 },
  });
  assert.deepEqual(staying(entries), [
    "ckpt_3.pt: the newest whole one",
    "ckpt_1.pt: the best by val_loss: 1",
    "ckpt_0.pt: the best by accuracy: 0.9",
  ]);
  assert.deepEqual(planPrune(entries, NONE).judgement.metrics, ["val_dice", "val_loss", "accuracy"]);
});

test("a loss of 0 may be that of an epoch without a validation", () => {
  const losses = [3, 1, 2, 0];
  const saves = Object.fromEntries(losses.map((val_loss, at) => [`ckpt_${at}.pt`, { val_loss }]));
  assert.deepEqual(staying(savesOf(saves)), [
    "ckpt_3.pt: the newest whole one",
    "ckpt_1.pt: the best by val_loss: 1, as 0 may not have been measured",
  ]);
});

test("a metric that one of many carries does not tell the best", () => {
  const { judgement } = planPrune(
    savesOf({ "ckpt_0.pt": { val_loss: 1 }, "ckpt_1.pt": {}, "ckpt_2.pt": {}, "ckpt_3.pt": {} }),
    NONE,
  );
  assert.deepEqual(judgement, { metrics: ["val_loss"], leftOut: [], unjudged: 2 });
});

test("of those that have a metric of the training alone it is said by which", () => {
  const plan = planPrune(
    savesOf({
      "ckpt_0.pt": {},
      "ckpt_1.pt": { train_loss: 3 },
      "ckpt_2.pt": { train_loss: 2, train_acc: 0.5 },
      "ckpt_3.pt": { train_loss: 1, val_acc: 0.8 },
    }),
    NONE,
  );
  assert.deepEqual(plan.judgement.onlyTraining, { count: 2, metrics: ["train_acc", "train_loss"] });
  assert.deepEqual(describePrune(plan).split("\n").slice(-3), [
    "The best were found by val_acc.",
    "2 of those that go have only train_acc, train_loss, of no held-out data, so the best may be among them.",
    "No metric was found in 1 of those that go, so the best may be among those that go.",
  ]);
});

test("keeps the best by a metric in the names beside another one inside", () => {
  const entries = savesOf(
    {
      "ckpt_0_acc0.9.pt": { loss: 4, acc: 0.9 },
      "ckpt_1_acc0.2.pt": { loss: 3, acc: 0.2 },
      "ckpt_2_acc0.3.pt": { loss: 2, acc: 0.3 },
    },
    ["acc"],
  );
  assert.deepEqual(staying(entries), [
    "ckpt_2_acc0.3.pt: the newest whole one",
    "ckpt_0_acc0.9.pt: the best by acc: 0.9",
  ]);
});

test("keeps both where the names contradict what is inside, not where they only round it", () => {
  const newest = "e2_val_acc_0.70.pt: the newest whole one";
  assert.deepEqual(
    staying(
      savesOf({
        "e0_val_acc_0.90.pt": { val_acc: 0.5 },
        "e1_val_acc_0.80.pt": { val_acc: 0.6 },
        "e2_val_acc_0.70.pt": { val_acc: 0.7 },
      }),
    ),
    [newest, "e0_val_acc_0.90.pt: the best by val_acc in its name: 0.9"],
  );
  const rounded = savesOf({
    "e0_val_acc_0.90.pt": { val_acc: 0.904 },
    "e1_val_acc_0.90.pt": { val_acc: 0.896 },
    "e2_val_acc_0.70.pt": { val_acc: 0.7 },
  });
  assert.deepEqual(staying(rounded), [newest, "e0_val_acc_0.90.pt: the best by val_acc: 0.904"]);
});

test("says what goes, what stays and why, and how much becomes free", () => {
  const epochs = [0.6, 0.7, 0.8, 0.9, 0.8].map((acc, at) =>
    entryOf(`epoch_${at + 1}.pt`, at, { epoch: at + 1, step: (at + 1) * 100, metrics: { val_acc: acc } }),
  );
  const text = describePrune(planPrune(epochs, { ...NONE, keepEvery: 200 }));
  assert.equal(
    text,
    [
      "2 checkpoints go, 2.0 kB:",
      "  epoch_3.pt: epoch 3 · step 300 · val_acc 0.8 · 1.0 kB · whole",
      "  epoch_1.pt: epoch 1 · step 100 · val_acc 0.6 · 1.0 kB · whole",
      "3 checkpoints stay:",
      "  epoch_5.pt: the newest whole one",
      "  epoch_4.pt: the best by val_acc: 0.9",
      "  epoch_2.pt: step 200 is a multiple of 200",
      "The best were found by val_acc.",
    ].join("\n"),
  );
  assert.match(describePrune(planPrune(epochs.slice(0, 1), NONE)), /^Nothing goes; the only checkpoint stays:/);
});

test("says by what the best were found, and where no metric says it", () => {
  const numbers = [0, 1, 2];
  const judged = numbers.map((at) => ({ ...entryOf(`ckpt_${at}.pt`, at, { metrics: { val_acc: at } }), run: "a" }));
  const bare = numbers.map((at) => ({ ...entryOf(`ckpt_${at}.pt`, at), run: "b" }));
  const none = planPrune(bare, NONE);
  const sentence = "No metric was found in them, so the best may be among those that go.";
  assert.ok(describePrune(none).endsWith(`\n${sentence}`));
  assert.ok(describeStaying(none, "").endsWith(`\n${sentence}`));
  const lines = describePrune(planPrune([...judged, ...bare], NONE)).split("\n");
  assert.deepEqual(lines.slice(-2), [
    "The best were found by val_acc.",
    sentence.replace("them", "2 of those that go"),
  ]);
  assert.doesNotMatch(describePrune(planPrune(bare.slice(0, 1), NONE)), /metric/);
  const log = { path: "/w/log.csv", target: bare[0]?.path ?? "", isText: true as const, reason: "the log says so" };
  assert.doesNotMatch(describePrune(planPrune(bare, NONE, [], [log])), /No metric/, "a log beside them was asked");
});

test("the highest accuracy until then, as Swin Transformer saves it, tells when the best was saved", () => {
  const saves = savesOf({
    "ckpt_epoch_1.pth": { max_accuracy: 70 },
    "ckpt_epoch_2.pth": { max_accuracy: 71 },
    "ckpt_epoch_3.pth": { max_accuracy: 71 },
    "ckpt_epoch_4.pth": { max_accuracy: 71 },
  });
  assert.deepEqual(staying(saves), [
    "ckpt_epoch_4.pth: the newest whole one",
    "ckpt_epoch_2.pth: the first with max_accuracy 71, so likely the best",
    "ckpt_epoch_1.pth: the one before the first with max_accuracy 71: it may have been saved before it was judged",
  ]);
  const errors = savesOf({
    "epoch_1.pt": { max_error: 3 },
    "epoch_2.pt": { max_error: 2 },
    "epoch_3.pt": { max_error: 4 },
  });
  assert.deepEqual(staying(errors), ["epoch_3.pt: the newest whole one", "epoch_2.pt: the best by max_error: 2"]);
});

test("what an earlier prune kept as the first with the best value stays in the next one", () => {
  const left = savesOf({
    "ckpt_1.pt": { val_acc: 1, val_loss: 0.4 },
    "ckpt_2.pt": { val_acc: 1, val_loss: 0.3 },
    "ckpt_3.pt": { val_acc: 1, val_loss: 0.5 },
  });
  assert.deepEqual(staying(left), [
    "ckpt_3.pt: the newest whole one",
    "ckpt_2.pt: the best by val_loss: 0.3",
    "ckpt_1.pt: the first with val_acc 1, so likely the best",
  ]);
  assert.deepEqual(staying(left.toSpliced(1, 1)), [
    "ckpt_3.pt: the newest whole one",
    "ckpt_1.pt: the best by val_loss: 0.4",
  ]);
});
