import assert from "node:assert/strict";
import { test } from "node:test";
import type { PickleValue } from "../../../src/core/checkpoints/inertPickleValue.ts";
import { collectTorchContents } from "../../../src/core/checkpoints/torchContents.ts";
import { collectTorchMetrics } from "../../../src/core/checkpoints/torchMetrics.ts";
import { decodeScalar } from "../../../src/core/checkpoints/torchScalar.ts";

type Plain = number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** What `torch.save` would write of plain values. */
function pickled(value: Plain): PickleValue {
  if (typeof value !== "object") {
    return value;
  }
  return Array.isArray(value)
    ? { kind: "list", items: value.map(pickled) }
    : { kind: "dict", entries: new Map(Object.entries(value).map(([key, inner]) => [key, pickled(inner)])) };
}

function check(saved: Readonly<Record<string, Plain>>, expected: Readonly<Record<string, number>>): void {
  const entries = new Map(Object.entries(saved).map(([key, value]) => [key, pickled(value)]));
  assert.deepEqual(Object.fromEntries(collectTorchMetrics(entries)), expected);
}

test("reads the last value of a curve, however a training keeps it", () => {
  check({ history: { val_loss: [0.5, 0.4], lr: [1, 0.1] } }, { val_loss: 0.4 });
  check(
    {
      history: [
        { epoch: 1, val_loss: 0.5 },
        { epoch: 2, val_loss: 0.4 },
      ],
    },
    { val_loss: 0.4 },
  );
  check({ val_losses: [0.5, 0.4], val_accs: [0.8, 0.9] }, { val_loss: 0.4, val_acc: 0.9 });
  check({ val_loss_history: [0.5, 0.4], val_accuracies: [0.8, 0.9] }, { val_loss: 0.4, val_accuracy: 0.9 });
  check({ val_loss: [0.5, 0.4] }, { val_loss: 0.4 });
  check({ losses: [] }, {});
});

test("takes no list for a curve that may have a value of each class, and replaces no number that the file tells", () => {
  check({ iou: [0.1, 0.9], names: ["a", "b"] }, {});
  check({ val_loss: 0.3, history: { val_loss: [0.5, 0.4] } }, { val_loss: 0.3 });
  check({ val_losses: [0.5, 0.4], val_loss: 0.3 }, { val_loss: 0.3 });
  check({ val_qwk: 0.5, val_every: 5, test_size: 0.2, best_val_epoch: 3, qwk: 1 }, { val_qwk: 0.5 });
  // Made for all epochs before the first, and not yet full.
  check({ val_losses: [0.5, 0.4, 0, 0], train_losses: [0, 0] }, { val_loss: 0.4, train_loss: 0 });
  check({ epoch: 2, val_accs: [0.5, 0.6, 0, 0] }, { val_acc: 0.6 });
});

test("a quality that fell to 0 is no quality of an earlier epoch", () => {
  check({ epoch: 4, val_f1s: [0.5, 0.6, 0, 0] }, { val_f1: 0 });
  check({ epoch: 3, history: { val_f1: [0.5, 0.6, 0, 0] } }, { val_f1: 0 });
  check({ val_f1s: [0.5, 0.6, 0, 0] }, {});
});

test("reads what a training measured on each set of data, and what it keeps among its own state", () => {
  check(
    { val: { loss: 0.3, acc: 0.9 }, train: { loss: 0.1, lr: 0.01 } },
    {
      "val/loss": 0.3,
      "val/acc": 0.9,
      "train/loss": 0.1,
    },
  );
  check({ validation_stats: { bleu: 31 } }, { "validation/bleu": 31 });
  check({ extra_state: { val_loss: 2.5, best: 2.1, train_iterator: { epoch: 3 } } }, { val_loss: 2.5 });
});

test("the -1 that Ultralytics writes into what it finished with is no epoch", () => {
  assert.equal(collectTorchContents(pickled({ epoch: -1, model: {} })).epoch, undefined);
  assert.equal(collectTorchContents(pickled({ epoch: 0, model: {} })).epoch, 0);
});

test("the epoch that a training is in goes before how many there will be", () => {
  assert.equal(collectTorchContents(pickled({ epochs: 100, cur_epoch: 3, model: {} })).epoch, 3);
  assert.equal(collectTorchContents(pickled({ epochs: 100, model: {} })).epoch, 100);
});

test("a float32 is read as it was meant, and a count in one exactly", () => {
  for (const value of [0.953, 12_345_678, -0.1, 16_777_216]) {
    assert.equal(decodeScalar("float32", new Uint8Array(Float32Array.of(value).buffer)), value);
  }
});
