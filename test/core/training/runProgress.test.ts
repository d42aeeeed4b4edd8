import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConsoleLine } from "../../../src/core/metrics/consoleLine.ts";
import { createProgressTracker } from "../../../src/core/training/runProgress.ts";
import type { RunProgress } from "../../../src/core/training/runRecord.ts";

const NOON = new Date("2026-11-21T12:00:00Z");

/** Feeds console lines at their second and compares the progress at the last one. */
function check(lines: readonly [second: number, line: string][], expected: Partial<RunProgress>): void {
  const tracker = createProgressTracker();
  for (const [second, line] of lines) {
    const reading = parseConsoleLine(line);
    assert.ok(reading, line);
    tracker.add(reading, second * 1000);
  }
  const nowMs = (lines.at(-1)?.[0] ?? 0) * 1000;
  const { updatedAt, ...progress } = tracker.current(nowMs, NOON) ?? { metrics: {}, updatedAt: NOON.toISOString() };
  assert.equal(updatedAt, NOON.toISOString());
  assert.deepEqual(progress, { metrics: {}, ...expected });
}

test("forecasts from the pace of the epochs", () => {
  check(
    [
      [0, "Epoch 1/10: loss=0.9"],
      [10, "Epoch 2/10: loss=0.5"],
    ],
    {
      epoch: 2,
      epochs: 10,
      metrics: { loss: 0.5 },
      etaSeconds: 80,
    },
  );
  check(
    [
      [0, "Epoch 1/10"],
      [10, "Epoch 2/10"],
    ],
    { epoch: 2, epochs: 10, etaSeconds: 90 },
  );
  check(
    [
      [0, "Epoch 6/10: loss=1"],
      [10, "Epoch 7/10: loss=1"],
    ],
    { epoch: 7, epochs: 10, metrics: { loss: 1 }, etaSeconds: 30 },
  );
});

test("goes on from what a killed supervisor had seen, and measures the pace anew", () => {
  const earlier: RunProgress = {
    epoch: 2,
    epochs: 10,
    metrics: { val_acc: 0.95 },
    etaSeconds: 546,
    updatedAt: "2026-11-21T02:00:00.000Z",
  };
  const tracker = createProgressTracker(earlier);
  const { etaSeconds: _pace, ...known } = earlier;
  assert.deepEqual(tracker.current(0, NOON), known);
  for (const [second, line] of [
    [0, "step 40/200 loss 0.41"],
    [10, "step 80/200 loss 0.39"],
  ] as const) {
    tracker.add(parseConsoleLine(line) ?? assert.fail(line), second * 1000);
  }
  const { updatedAt: _time, ...progress } = tracker.current(10_000, NOON) ?? assert.fail("no progress");
  // A fifth of one of ten epochs in ten seconds, and eight and six tenths of them to go.
  const counts = { epoch: 2, epochs: 10, step: 80, steps: 200 };
  assert.deepEqual(progress, { ...counts, metrics: { val_acc: 0.95, loss: 0.39 }, etaSeconds: 430 });
});

test("counts the steps within an epoch", () => {
  check(
    [
      [0, "Epoch [1/2], Step [0/100], Loss: 1"],
      [10, "Epoch [1/2], Step [50/100], Loss: 0.5"],
    ],
    {
      epoch: 1,
      epochs: 2,
      step: 50,
      steps: 100,
      metrics: { loss: 0.5 },
      etaSeconds: 30,
    },
  );
  check(
    [
      [0, "Epoch 1/2"],
      [0, "0/10 - 1s - loss: 2"],
      [5, "5/10 - 1s - loss: 1"],
      [9, "Epoch 2/2"],
    ],
    {
      epoch: 2,
      epochs: 2,
      steps: 10,
      metrics: { loss: 1 },
      etaSeconds: 9,
    },
  );
});

test("forecasts a training without epochs from its steps, or takes the bar's own word", () => {
  check(
    [
      [0, "step 0/1000 loss 3"],
      [10, "step 100/1000 loss 2"],
    ],
    { step: 100, steps: 1000, metrics: { loss: 2 }, etaSeconds: 90 },
  );
  check([[0, " 10%|#   | 100/1000 [00:10<01:30, 10.0it/s]"]], { step: 100, steps: 1000, etaSeconds: 90 });
});

test("takes the fractional epochs of the HF Trainer as what is done", () => {
  check(
    [
      [0, "  Num Epochs = 3"],
      [0, "{'loss': 1.0, 'epoch': 0.5}"],
      [10, "{'loss': 0.9, 'epoch': 1.5}"],
    ],
    {
      epoch: 1.5,
      epochs: 3,
      metrics: { loss: 0.9 },
      etaSeconds: 15,
    },
  );
});

test("gives no forecast where nothing says how long it will be", () => {
  check(
    [
      [0, "epoch 1 loss 0.5"],
      [9, "epoch 2 loss nan"],
    ],
    { epoch: 2, metrics: { loss: Number.NaN } },
  );
});

test("a restarted loop is measured anew", () => {
  check(
    [
      [0, "Epoch 5/10: loss=1"],
      [10, "Epoch 2/10: loss=1"],
      [15, "Epoch 3/10: loss=1"],
    ],
    {
      epoch: 3,
      epochs: 10,
      metrics: { loss: 1 },
      etaSeconds: 35,
    },
  );
});

test("ignores bars beside the training and keeps the number of metrics bounded", () => {
  const tracker = createProgressTracker();
  const side = parseConsoleLine("Downloading: 45%|####5     | 4.5M/9.9M [00:10<00:12, 1.1MB/s]");
  assert.equal(side && tracker.add(side, 0), false);
  assert.equal(tracker.current(0, NOON), undefined);
  for (let i = 0; i < 1000; i++) {
    tracker.add({ metrics: { [`loss_${i}`]: i }, subject: "training" }, 0);
  }
  assert.equal(Object.keys(tracker.current(0, NOON)?.metrics ?? {}).length, 64);
});

test("takes no pace from what was printed while nobody read", () => {
  const tracker = createProgressTracker({ epoch: 2, epochs: 12, metrics: {}, updatedAt: "2026-11-21T03:00:00.000Z" });
  const read = (epoch: number, atMs: number) =>
    tracker.add({ epoch, epochs: 12, metrics: { loss: 1 }, subject: "training" }, atMs);
  [3, 4, 5].forEach((epoch) => read(epoch, epoch));
  assert.equal(tracker.current(10, NOON)?.etaSeconds, undefined);
  read(6, 10_005);
  assert.equal(tracker.current(10_005, NOON)?.etaSeconds, 60);
});

test("a validation that shows its own bar is no silence", () => {
  const tracker = createProgressTracker();
  const step = (at: number) =>
    tracker.add({ step: at, steps: 1_000, metrics: { loss: 1 }, subject: "training" }, at * 1_000);
  [1, 2, 3, 4, 5].forEach(step);
  for (let atMs = 10_000; atMs <= 60_000; atMs += 5_000) {
    tracker.add({ step: atMs / 5_000, steps: 100, metrics: {}, subject: "side" }, atMs);
  }
  assert.notEqual(tracker.current(61_000, NOON)?.etaSeconds, undefined);
  assert.equal(tracker.current(90_000, NOON)?.etaSeconds, undefined);
});

test("a training that falls silent has no end to forecast, neither while it is overdue nor after the expected end", () => {
  const tracker = createProgressTracker();
  const read = (epoch: number, atMs: number) =>
    tracker.add({ epoch, epochs: 300, metrics: { loss: 1 }, subject: "training" }, atMs);
  read(1, 0);
  read(2, 100);
  assert.equal(tracker.current(5_100, NOON)?.etaSeconds, 25);
  assert.equal(tracker.current(10_400, NOON)?.etaSeconds, undefined);
  read(290, 28_900);
  assert.equal(tracker.current(29_900, NOON)?.etaSeconds, 0);
  assert.equal(tracker.current(30_000, NOON)?.etaSeconds, undefined);
});
