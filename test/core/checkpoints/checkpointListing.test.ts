import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bestBy,
  type CheckpointEntry,
  chooseMetric,
  describeFurther,
  furtherThan,
  judgeFreshness,
  newestFirst,
  newestWhole,
} from "../../../src/core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { describeCheckpointFolder } from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { inferMetricDirection, isMetricName } from "../../../src/core/checkpoints/metricNames.ts";
import { namedFurther } from "../../../src/core/checkpoints/newestCheckpoint.ts";
import { entryOf, summaryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const torn = { state: "torn", reason: "cut" } as const;

test("picks the newest whole checkpoint past newer torn ones", () => {
  const entries = [
    entryOf("a.pt", 1),
    entryOf("b.pt", 2),
    entryOf("c.pt", 3, { completeness: torn }),
    entryOf("d.pt", 4, { completeness: { state: "unknown", reason: "" } }),
  ];
  assert.equal(newestWhole(entries)?.summary.name, "b.pt");
  assert.equal(newestWhole(entries.slice(2)), undefined);
});

function picked(...facts: Partial<CheckpointSummary>[]): unknown[] {
  const entries = facts.map((each, index) => entryOf(`${index}`, index, each));
  return [newestWhole(entries)?.summary.name, bestBy(entries, "val_acc")?.entry.summary.name];
}

test("never picks a checkpoint that runs code when loaded, and one with code of its own only where there are no others", () => {
  const dangerous = { imports: [{ name: "os.system", trust: "dangerous" as const }], metrics: { val_acc: 1 } };
  const unlisted = { imports: [{ name: "mymodel.Net", trust: "unlisted" as const }], metrics: { val_acc: 0.9 } };
  const plain = { imports: [{ name: "collections.OrderedDict", trust: "known" as const }], metrics: { val_acc: 0.8 } };
  assert.deepEqual(picked(plain, unlisted, dangerous), ["0", "0"]);
  assert.deepEqual(picked(unlisted, dangerous), ["0", "0"]);
  assert.deepEqual(picked(dangerous), [undefined, undefined]);
});

test("tells of a higher step that is older by its time, of the same run and kind of name", () => {
  const newest = entryOf("checkpoint-20", 9, { step: 20 });
  const further = entryOf("checkpoint-60", 5, { step: 60 });
  const others = [
    entryOf("checkpoint-70", 4, { step: 70, completeness: torn }),
    { ...entryOf("checkpoint-80", 3, { step: 80 }), run: "other" },
    entryOf("mine-90.pt", 2, { step: 90 }),
    entryOf("checkpoint-50", 4, { step: 50 }),
  ];
  assert.equal(furtherThan(newest, [newest, further, ...others]), further);
  assert.equal(furtherThan(further, [newest, further, ...others]), undefined);
  const text = describeCheckpointFolder({
    kind: "listed",
    folder: "/c",
    entries: [newest, further, ...others],
    temporary: [],
    unreadable: [],
  });
  assert.match(text, /checkpoint-60 is of a higher step \(60\) than checkpoint-20 \(20\), but older by the time/);
});

test("tells of a higher epoch where no step tells", () => {
  const saves = [1, 2, 11, 12, 3].map((epoch, at) => entryOf(`epoch_${epoch}.pt`, at, { epoch, step: 7 }));
  const [newest, further] = [saves[4], saves[3]];
  assert.ok(newest && further);
  assert.equal(furtherThan(newest, saves), further);
  assert.match(
    describeFurther(newest, further),
    /^epoch_12\.pt is of a higher epoch \(12\) than epoch_3\.pt \(3\), but older by the time of its files\. Copying /,
  );
  assert.deepEqual(namedFurther(newest, ["epoch_40.pt", "epoch_2.pt"]), []);
  const { step: _, ...summary } = newest.summary;
  assert.deepEqual(namedFurther({ ...newest, summary }, ["epoch_40.pt", "epoch_2.pt", "epoch_50.pt", "other_90.pt"]), [
    "epoch_50.pt",
    "epoch_40.pt",
  ]);
  const { kept } = planPrune(saves, { keepBest: 0, keepLast: 0 });
  assert.deepEqual(
    kept.map(({ reason }) => reason),
    ["the newest whole one", "the one with the highest epoch, 12"],
  );
});

test("orders files of one time by step and epoch", () => {
  const entries = [entryOf("a", 1, { step: 5 }), entryOf("b", 1, { step: 10 }), entryOf("c", 1, { epoch: 9 })];
  assert.deepEqual(
    newestFirst(entries).map(({ summary }) => summary.name),
    ["b", "a", "c"],
  );
});

test("finds the best whole checkpoint in the direction its metric means", () => {
  const entries = [
    entryOf("a", 1, { metrics: { val_loss: 0.3, val_acc: 0.9 } }),
    entryOf("b", 2, { metrics: { val_loss: 0.2, val_acc: 0.8 } }),
    entryOf("c", 3, { metrics: { val_loss: 0.1, val_acc: 1 }, completeness: torn }),
    entryOf("d", 4, { metrics: { val_loss: Number.NaN } }),
    entryOf("e", 5, { metrics: { val_acc: 0.9 } }),
  ];
  const named = (metric: string): string | undefined => bestBy(entries, metric)?.entry.summary.name;
  assert.equal(named("val_loss"), "b");
  assert.equal(named("val_acc"), "e", "the newest of equals");
  assert.equal(named("toString"), undefined);
  assert.equal(bestBy(entries, "val_loss", "max")?.entry.summary.name, "a");
});

test("a metric that is not finite is never the best", () => {
  const { NEGATIVE_INFINITY, POSITIVE_INFINITY, NaN: none } = Number;
  const entries = [0.5, 0.3, NEGATIVE_INFINITY, POSITIVE_INFINITY, none].map((value, at) =>
    entryOf(`${at}`, at, { metrics: { val_loss: value } }),
  );
  assert.equal(bestBy(entries, "val_loss")?.entry.summary.name, "1");
  assert.equal(bestBy(entries, "val_loss", "max")?.entry.summary.name, "0");
  assert.equal(bestBy(entries.slice(2), "val_loss"), undefined);
});

test("knows which way the metrics of common training scripts are better", () => {
  const better = { prec1: 2, elbo: 2, lpips: 1, val_eer: 1 };
  for (const [metric, value] of Object.entries(better)) {
    const entries = [1, 2].map((each) => entryOf(`${each}`, 1, { metrics: { [metric]: each } }));
    assert.equal(bestBy(entries, metric)?.value, value, metric);
  }
});

test("says nothing about the best by a metric of unknown direction", () => {
  assert.equal(bestBy([entryOf("a", 1, { metrics: { metric_x: 1 } })], "metric_x"), undefined);
});

test("judges by the validation metric that most checkpoints carry, by the training's only without any", () => {
  const both = { train_loss: 1, val_loss: 1, best_val_loss: 0 };
  assert.equal(chooseMetric([entryOf("a", 1, { metrics: both })]), "val_loss");
  assert.equal(
    chooseMetric([entryOf("a", 1, { metrics: both }), entryOf("b", 1, { metrics: { train_loss: 2 } })]),
    "val_loss",
    "a checkpoint of an interrupted epoch has no validation",
  );
  assert.equal(
    chooseMetric([
      entryOf("a", 1, { metrics: { val_acc: 1, val_loss: 1 } }),
      entryOf("b", 1, { metrics: { val_loss: 1 } }),
    ]),
    "val_loss",
  );
  assert.equal(chooseMetric([entryOf("a", 1, { metrics: { test_acc: 1, val_loss: 1 } })]), "val_loss");
  assert.equal(chooseMetric([entryOf("a", 1, { metrics: { train_loss: 1 } })]), "train_loss");
  assert.equal(chooseMetric([entryOf("a", 1)]), undefined);
});

/** Of checkpoints with these metrics, two of which only their names tell. */
function choose(...metrics: Record<string, number>[]): string | undefined {
  const namedMetrics = ["precision", "val_acc"];
  return chooseMetric(metrics.map((each, at) => entryOf(`${at}.pt`, at, { metrics: each, namedMetrics })));
}

test("a metric inside goes before one of a name, and what is the same in all judges only where nothing differs", () => {
  assert.equal(choose({ precision: 16, loss: 0.3 }, { precision: 32, loss: 0.4 }), "loss", "the name may be misread");
  assert.equal(choose({ precision: 16, loss: 0.3 }, { precision: 16 }), "loss");
  assert.equal(choose({ precision: 16 }, { precision: 16 }), undefined);
  assert.equal(choose({ precision: 0.6 }, { precision: 0.7 }), "precision");
  assert.equal(choose({ val_acc: 0.6, loss: 0.3 }, { val_acc: 0.7, loss: 0.2 }), "val_acc", "held-out data");
  assert.equal(choose({ val_loss: 0, acc: 0.3 }, { val_loss: 0, acc: 0.4 }), "acc");
  assert.equal(choose({ acc: 1, lr: 0.2 }, { acc: 1, lr: 0.1 }), "acc", "both may be equally good");
  assert.equal(choose({ acc: 1, quality: 0.2 }, { acc: 1, quality: 0.1 }), undefined, "the other one may tell");
});

/** Two steps of a Trainer that names the second one as its best, with this value. */
function namedBest(eval_f1: number, best_metric: number): CheckpointEntry[] {
  return [0.9, 0.6].map((eval_accuracy, index) =>
    entryOf(`checkpoint-${index}`, index, {
      bestName: "checkpoint-1",
      metrics: { eval_accuracy, eval_f1: index === 0 ? 0.2 : eval_f1, best_metric },
    }),
  );
}

test("judges by the metric by which the training itself names its best, where its value tells which that is", () => {
  assert.equal(chooseMetric(namedBest(0.8, 0.8)), "eval_f1");
  assert.equal(chooseMetric(namedBest(0.6, 0.6)), "eval_accuracy", "both have the value, so it does not tell");
  assert.equal(chooseMetric(namedBest(0.8, 0.7)), "eval_accuracy", "none has it");
});

test("calls an incomplete file that changed moments ago one being written", () => {
  const summary = summaryOf("a", { completeness: torn });
  assert.deepEqual(judgeFreshness(summary, 4_000).completeness, { state: "writing", reason: "changed 4 s ago; cut" });
  assert.deepEqual(judgeFreshness(summary, 30_000).completeness, torn);
  assert.equal(judgeFreshness(summaryOf("b", {}), 0).completeness.state, "whole");
});

test("infers from a metric's name whether less is better", () => {
  const cases: [string, "min" | "max" | undefined][] = [
    ["val_loss", "min"],
    ["eval/perplexity", "min"],
    ["top1_error", "min"],
    ["valRMSE", "min"],
    ["val_acc", "max"],
    ["best_acc1", "max"],
    ["macroF1", "max"],
    ["eval_rougeL", "max"],
    ["mAP50", "max"],
    ["val_auc", "max"],
    ["latency_ms", "min"],
    ["val_smape", "min"],
    ["crps", "min"],
    ["pinball", "min"],
    ["silhouette", "max"],
    ["metric", undefined],
    ["__proto__", undefined],
  ];
  for (const [name, direction] of cases) {
    assert.equal(inferMetricDirection(name), direction, name);
  }
});

test("tells metrics from counters and settings", () => {
  const names = [
    "val_loss",
    "best_metric",
    "acc",
    "loss_scale",
    "best_epoch",
    "lr",
    "metric_step",
    "epoch",
    "global_step",
  ];
  assert.deepEqual(
    names.filter((name) => isMetricName(name)),
    ["val_loss", "best_metric", "acc"],
  );
});
