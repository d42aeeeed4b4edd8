import assert from "node:assert/strict";
import { test } from "node:test";
import { createPaceMeter, type PaceReading } from "../../../../src/core/training/evaluation/pace.ts";
import { namesSizes } from "../../../../src/core/training/evaluation/renderData.ts";

/** Lines as `[second, text, reading]`. */
function paceOf(lines: readonly (readonly [number, string, PaceReading?])[]) {
  const meter = createPaceMeter();
  lines.forEach(([second, text, reading], index) =>
    meter.add(reading, { text, line: index + 1, timeMs: second * 1000 }),
  );
  return meter.pace();
}

const step = (number: number): PaceReading => ({ step: number, hasMetrics: true });
const epoch = (number: number): PaceReading => ({ epoch: number, hasMetrics: true });

test("a step is timed between lines, and what lies between two epochs is no step", () => {
  const pace = paceOf([
    [0, "", step(0)],
    [2, "", step(10)],
    [10, "", epoch(1)],
    [11, "", step(0)],
    [13, "", step(10)],
    [20, "", epoch(2)],
  ]);
  assert.deepEqual(pace, { steps: 20, epochs: 1, stepSeconds: 0.2, epochSeconds: 10 });
});

test("a log without numbers or times measures nothing", () => {
  assert.deepEqual(paceOf([[0, "loading"]]), { steps: 0, epochs: 0 });
});

const shareOf = (text: string) => paceOf([[0, text]]).loaderShare;

test("the wait for data is known only where the training prints it", () => {
  assert.deepEqual(shareOf("Epoch: [0][10/500] Time 0.200 (0.21) Data 0.050 (0.06)"), { share: 0.25, line: 1 });
  assert.deepEqual(shareOf("Epoch(train) [1][100/7330] time: 0.4000 data_time: 0.1000"), { share: 0.25, line: 1 });
  assert.equal(shareOf("Epoch 1 loss=0.3"), undefined);
});

test("a line that tells sizes is told from one that tells progress", () => {
  for (const line of ["Data: 1257 train, 270 validation, 270 test", "Found 2000 images", "train_samples: 60,000"]) {
    assert.equal(namesSizes(line), true, line);
  }
  for (const line of ["Epoch 1/3: train_loss=0.3", "step 5 train: 3", "val_acc=0.98", "batch size: 32"]) {
    assert.equal(namesSizes(line), false, line);
  }
});
