import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsoleLog } from "../../../src/core/metrics/consoleLog.ts";
import { assertScales } from "../../support/assertScales.ts";
import { curvesOf } from "../../support/metricCurves.ts";

test("a console gives curves over all steps, although the counter begins anew each epoch", () => {
  const log = new ConsoleLog();
  for (const line of [
    "Epoch 1/2 step 20/40 loss=0.5",
    "Epoch 1/2: val_loss=0.4",
    "Epoch 2/2 step 20/40 loss=0.25",
    "done",
  ]) {
    log.addLine(line, 1_000);
  }
  assert.deepEqual(curvesOf(log.table.all()), {
    loss: [
      [20, 0.5],
      [60, 0.25],
    ],
    val_loss: [[20, 0.4]],
  });
});

const tqdm = (step: number, loss: number) =>
  `${step * 10}%|##| ${step}/10 [00:0${step}<00:09,  1.00it/s, loss=${loss}]`;

const keras = (step: number, loss: number) =>
  `\u001b[1m${step}/10\u001b[0m \u001b[32m━━\u001b[0m \u001b[1m3s\u001b[0m 2ms/step - loss: ${loss}`;

const lightning = (epoch: number) =>
  `Epoch ${epoch}: 100%|##| 10/10 [00:01<00:00,  9.00it/s, train_loss=0.${epoch + 1}]`;

function readConsole(lines: readonly [text: string, isPaintedOver: boolean][]) {
  const log = new ConsoleLog();
  lines.forEach(([text, isPaintedOver]) => log.addLine(text, 1_000, isPaintedOver));
  return curvesOf(log.table.all());
}

test("the states of a bar are values, its last one once, and the next bar of its kind goes on behind it", () => {
  const expected = [
    [4, 0.5],
    [10, 0.25],
    [13, 0.2],
    [20, 0.1],
    [30, 0.05],
  ];
  for (const before of ["train: ", ""]) {
    const bars = readConsole([
      [before + tqdm(4, 0.5), true],
      [before + tqdm(10, 0.25), true],
      [before + tqdm(10, 0.25), false],
      [before + tqdm(3, 0.2), true],
      [before + tqdm(10, 0.1), false],
      [before + tqdm(10, 0.05), false],
    ]);
    assert.deepEqual(bars, { loss: expected });
  }
  const keras3 = readConsole([
    // It goes back with as many backspaces as it has written characters.
    [keras(4, 0.5) + "\b".repeat(40), true],
    [keras(10, 0.25), false],
    [keras(3, 0.2) + "\b".repeat(40), true],
  ]);
  assert.deepEqual(keras3, { loss: expected.slice(0, 3) });
  const oncePerEpoch = readConsole([
    ["10/10 - 3s - 3ms/step - loss: 0.5", false],
    ["10/10 - 3s - 3ms/step - loss: 0.25", false],
  ]);
  assert.deepEqual(oncePerEpoch, {
    loss: [
      [10, 0.5],
      [20, 0.25],
    ],
  });
});

test("the epochs of a bar that tells its values before it do not lie over each other", () => {
  const steps = [1, 5, 10];
  const values = [12, 0.51, 0.32, 0.3, 0.25, 1e-7];
  const lines = values.map((value, index): [string, boolean] => {
    const step = steps[index % 3] ?? 0;
    return [`train loss ${value}, gap ${value / 3}: ${tqdm(step, 0).replace(", loss=0", "")}`, step < 10];
  });
  assert.deepEqual(readConsole(lines), {
    train_loss: [1, 5, 10, 11, 15, 20].map((step, index) => [step, values[index]]),
  });
  const workers = [1, 1, 2, 2].map((step, index): [string, boolean] => [`GPU ${index % 2}: ${tqdm(step, 0.5)}`, true]);
  assert.deepEqual(
    readConsole(workers)["loss"]?.map(([step]) => step),
    [1, 2],
  );
});

test("a line that waited for its end is no value, and a bar without values moves no other one", () => {
  const values = readConsole([
    ["step 10: loss=0.", true],
    ["step 10: loss=0.5", false],
    [" 50%|#####     | 250/500 [00:10<00:10, 25.00it/s]", true],
    ["val_loss=0.4", false],
  ]);
  assert.deepEqual(values, { loss: [[10, 0.5]], val_loss: [[10, 0.4]] });
});

test("epochs that are counted from 0 do not lie over each other", () => {
  assert.deepEqual(
    readConsole([
      [lightning(0), false],
      [lightning(1), false],
    ]),
    {
      train_loss: [
        [10, 0.1],
        [20, 0.2],
      ],
    },
  );
});

test("a line that is too long for a state of a training is passed over in the time of its length", () => {
  const log = new ConsoleLog();
  log.addLine("      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size", 0);
  const lines = [(blanks: string) => `Epoch GPU_mem box${blanks}x`, (blanks: string) => `all ${blanks}x`];
  for (const line of lines) {
    assertScales(line("…"), (count) => log.addLine(line(" ".repeat(count)), 0), 2_000);
  }
});
