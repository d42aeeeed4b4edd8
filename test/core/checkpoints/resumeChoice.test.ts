import assert from "node:assert/strict";
import { test } from "node:test";
import { type CheckpointEntry, newestWhole } from "../../../src/core/checkpoints/checkpointListing.ts";
import { chooseResumePoint, isLoss, type LossBreak } from "../../../src/core/checkpoints/resumeChoice.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";

const torn = { state: "torn", reason: "the directory at its end is missing" } as const;

function check(
  entries: readonly CheckpointEntry[],
  expected: { chosen: string | undefined; passed: readonly string[] },
  lossBreak?: LossBreak,
): void {
  const { chosen, passedOver } = chooseResumePoint(entries, lossBreak);
  assert.deepEqual(
    { chosen: chosen?.summary.name, passed: passedOver.map(({ entry, reason }) => `${entry.summary.name} ${reason}`) },
    expected,
  );
}

test("goes past newer torn ones, and says so of each", () => {
  const entries = [entryOf("a", 1), entryOf("b", 2), entryOf("c", 3, { completeness: torn })];
  check(entries, { chosen: "b", passed: ["c torn: the directory at its end is missing"] });
  check(entries.slice(2), { chosen: undefined, passed: ["c torn: the directory at its end is missing"] });
  check([], { chosen: undefined, passed: [] });
});

test("goes past what was saved after the loss broke", () => {
  const entries = [
    entryOf("a", 1000, { step: 10 }),
    entryOf("b", 2000, { step: 20 }),
    entryOf("c", 3000, { step: 30 }),
  ];
  const text = "loss became NaN at step 20";
  const late = [`c saved after ${text}`, `b saved after ${text}`];
  check(entries, { chosen: "a", passed: late }, { timeMs: 2000, text });
  check(entries, { chosen: "a", passed: late }, { step: 20, text });
  // Steps of a log may be epochs, so a time that is far enough off decides alone.
  check(entries, { chosen: "c", passed: [] }, { timeMs: 9000, step: 3, text });
  // A line that was read moments after the checkpoint of its own step was saved.
  check(entries.slice(0, 2), { chosen: "a", passed: late.slice(-1) }, { timeMs: 2001, step: 20, text });
  check(entries, { chosen: "a", passed: late }, { timeMs: 2100, text });
  const epochs = [entryOf("a", 1000, { epoch: 3 }), entryOf("b", 2000, { epoch: 4 })];
  check(epochs, { chosen: "a", passed: [`b saved after ${text}`] }, { timeMs: 9000, step: 4, text });
});

test("goes past a checkpoint whose own loss is no number, but not past another metric that is none", () => {
  const entries = [
    entryOf("a", 1, { metrics: { val_loss: 0.5 } }),
    entryOf("b", 2, { metrics: { val_loss: Number.NaN } }),
    entryOf("c", 3, { metrics: { train_loss: Number.POSITIVE_INFINITY } }),
  ];
  check(entries, { chosen: "a", passed: ["c its own train_loss is Infinity", "b its own val_loss is NaN"] });
  check([entryOf("d", 1, { metrics: { f1: Number.NaN, best_loss: Number.POSITIVE_INFINITY } })], {
    chosen: "d",
    passed: [],
  });
});

test("goes past what holds the state of an optimizer alone by its name, unless a training saves nothing else", () => {
  const state = { tensorCount: 2, hasOptimizerState: true };
  const parts = [
    entryOf("model_5.pt", 1, { tensorCount: 4 }),
    entryOf("optimizer_5.pt", 2, state),
    entryOf("scheduler_5.pt", 3),
  ];
  const passed = ["scheduler_5.pt holds no model by its name", "optimizer_5.pt holds no model by its name"];
  check(parts, { chosen: "model_5.pt", passed });
  assert.equal(newestWhole(parts)?.summary.name, "model_5.pt");
  check(parts.slice(1), { chosen: "scheduler_5.pt", passed: [] });
  // OPT is a model.
  check([entryOf("model.pt", 1), entryOf("opt-125m.pt", 2)], { chosen: "opt-125m.pt", passed: [] });
});

test("prefers the state of the optimizer to weights alone, where any checkpoint has it", () => {
  const weights = entryOf("best", 2, { tensorCount: 4 });
  const full = entryOf("last", 1, { tensorCount: 4, hasOptimizerState: true });
  check([weights, full], {
    chosen: "last",
    passed: ["best holds weights alone, without the state of the optimizer"],
  });
  check([weights], { chosen: "best", passed: [] });
});

test("never takes what would run code when loaded, and code of its own only where the full checkpoints all have it", () => {
  const evil = entryOf("evil", 9, { imports: [{ name: "os.system", trust: "dangerous" }] });
  const own = entryOf("own", 5, { hasOptimizerState: true, imports: [{ name: "my.Config", trust: "unlisted" }] });
  const plain = entryOf("plain", 4, { hasOptimizerState: true });
  const copy = entryOf("copy.safetensors", 6, { tensorCount: 1 });
  const refused = "evil would run code when loaded: os.system";
  check([plain, evil], { chosen: "plain", passed: [refused] });
  check([plain, own], { chosen: "plain", passed: ["own imports code of its own when loaded: my.Config"] });
  check([own, copy], {
    chosen: "own",
    passed: ["copy.safetensors holds weights alone, without the state of the optimizer"],
  });
});

test("tells a loss from what only carries its name", () => {
  const losses = ["loss", "train/loss", "val_loss", "eval_loss", "ppl", "NLL"].map(isLoss);
  const others = ["loss_scale", "best_loss", "min_val_loss", "lossless", "accuracy"].map(isLoss);
  assert.deepEqual([losses, others], [Array(6).fill(true), Array(5).fill(false)]);
});
