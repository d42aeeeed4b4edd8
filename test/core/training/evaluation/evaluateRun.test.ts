import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type CurveReading,
  CurveTable,
  createCurveCollector,
} from "../../../../src/core/training/evaluation/curves.ts";
import { evaluateRun } from "../../../../src/core/training/evaluation/evaluateRun.ts";
import { renderEvaluation } from "../../../../src/core/training/evaluation/renderEvaluation.ts";

function curvesOf(readings: readonly CurveReading[]) {
  const collector = createCurveCollector();
  readings.forEach((reading, index) => collector.add(reading, index + 1));
  return collector.curves();
}

/** One reading for each epoch, from one. */
function epochs(metrics: readonly Record<string, number>[]) {
  return curvesOf(metrics.map((each, index) => ({ epoch: index + 1, metrics: each })));
}

const OVERFITTING = [
  { train_loss: 0.9, val_loss: 1, val_acc: 0.5 },
  { train_loss: 0.5, val_loss: 0.7, val_acc: 0.8 },
  { train_loss: 0.2, val_loss: 0.9, val_acc: 0.7 },
  { train_loss: 0.1, val_loss: 1.1, val_acc: 0.7 },
  { train_loss: 0.05, val_loss: 1.3, val_acc: 0.6 },
];

function tableCurves(text: string) {
  const table = new CurveTable();
  for (const byte of new TextEncoder().encode(text)) {
    table.push(Uint8Array.of(byte));
  }
  return table.end();
}

describe("curves", () => {
  test("keep the first, the last and the best value, each with its line", () => {
    const [loss] = epochs([{ val_loss: 1 }, { val_loss: 0.4 }, { val_loss: 0.6 }]);
    assert.deepEqual(loss, {
      name: "val_loss",
      count: 3,
      first: { value: 1, line: 1, epoch: 1 },
      last: { value: 0.6, line: 3, epoch: 3 },
      best: { value: 0.4, line: 2, epoch: 2, direction: "min" },
    });
  });

  test("say where a value stopped being a number, and do not take it for the best", () => {
    const [loss] = epochs([{ loss: 2 }, { loss: Number.NaN }]);
    assert.equal(loss?.broken?.line, 2);
    assert.equal(loss?.best?.value, 2);
  });

  test("are read from the tables of loggers, empty cells passed over", () => {
    const [loss, accuracy] = tableCurves("epoch,step,val_acc,train_loss\n0,10,,0.9\n0,20,0.5,\n1,40,0.75,\n");
    assert.deepEqual(accuracy?.best, { value: 0.75, line: 4, epoch: 1, step: 40, direction: "max" });
    assert.equal(loss?.count, 1);
    assert.deepEqual(tableCurves("name,price\na,3\n"), []);
    assert.equal(tableCurves("epoch;loss\n1;0.5\n2;0.25")[0]?.last.value, 0.25);
    assert.deepEqual(tableCurves(""), []);
  });
});

describe("an evaluation", () => {
  const evaluation = evaluateRun(
    { path: "logs/epochs.csv", curves: epochs(OVERFITTING) },
    { runId: "r1", curves: epochs([{ val_acc: 0.75 }]) },
  );

  test("judges by validation, names the gap and the epochs since the best", () => {
    assert.equal(evaluation.deciding?.name, "val_acc");
    assert.deepEqual([evaluation.gap?.metric, evaluation.gap?.count], ["loss", 5]);
    assert.equal(evaluation.epochsSinceBest, 3);
    assert.deepEqual(evaluation.baseline, { runId: "r1", metric: "val_acc", value: 0.75 });
    assert.match(evaluation.findings.join("\n"), /Validation `loss` is 1\.3 against 0\.05[^]*was best in epoch 2/);
  });

  test("is read by people as numbers with lines, and says what is missing", () => {
    const text = renderEvaluation("train", evaluation, {
      path: "checkpoints/best_epoch_2.pt",
      epoch: 2,
      metric: { name: "val_acc", value: 0.8 },
    });
    assert.match(text, /\| \*\*val_acc\*\* \| 0\.5 \| 0\.6 \| 0\.8 \(epoch 2\) \| 2 \|/);
    assert.match(text, /`checkpoints\/best_epoch_2\.pt` \(epoch 2, `val_acc` 0\.8\)/);
    assert.match(text, /`val_acc` 0\.75 in run `r1`: this run is better by 0\.05/);
    assert.match(text, /A test result/);
  });

  test("of a run that printed nothing says so", () => {
    const empty = evaluateRun({ path: "train.log", curves: [] });
    const text = renderEvaluation("train", empty, undefined);
    assert.match(text, /printed no metric/);
    assert.match(text, /none that is whole was found/);
    assert.match(empty.missing.join("\n"), /A validation metric[^]*A baseline/);
  });

  test("calls nothing overfitting in the first epochs", () => {
    assert.deepEqual(evaluateRun({ path: "a", curves: epochs([{ train_loss: 0.6, val_loss: 1.8 }]) }).findings, []);
  });
});
