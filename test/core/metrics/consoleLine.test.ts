import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConsoleReading, parseConsoleLine } from "../../../src/core/metrics/consoleLine.ts";

function check(line: string, expected: Partial<ConsoleReading> | undefined): void {
  const reading = expected === undefined ? undefined : { metrics: {}, subject: "training" as const, ...expected };
  assert.deepEqual(parseConsoleLine(line), reading, line);
}

test("reads the bars of tqdm and what is built on it", () => {
  check(" 45%|####5     | 450/1000 [00:10<00:12, 44.10it/s, loss=0.123]", {
    step: 450,
    steps: 1000,
    remainingSeconds: 12,
    metrics: { loss: 0.123 },
  });
  check("Epoch 3/10:  45%|████▌     | 1.20k/3.40k [1:00:10<?, 2.10s/it, loss=nan, acc=.5]", {
    epoch: 3,
    epochs: 10,
    step: 1200,
    steps: 3400,
    metrics: { loss: Number.NaN, acc: 0.5 },
  });
  check("Epoch 3:  45%|####5     | 450/1000 [00:10<00:12, 44.10it/s, v_num=0, train_loss=0.123]", {
    epoch: 3,
    step: 450,
    steps: 1000,
    metrics: { train_loss: 0.123 },
  });
  check("100%|##########| 10/10 [00:10<00:00, ?it/s]{'loss': '1.827', 'epoch': '0.5'}", {
    step: 10,
    steps: 10,
    epoch: 0.5,
    remainingSeconds: 0,
    metrics: { loss: 1.827 },
  });
});

test("does not take a download, a tokenizer or a validation pass for the training", () => {
  check("Downloading: 45%|####5     | 4.5M/9.9M [00:10<00:12, 1.1MB/s]", { subject: "side" });
  check("100%|##########| 9.91M/9.91M [00:00<00:00, 11.5MB/s]", { subject: "side" });
  check("Map (num_proc=2): 10%|#   | 100/1000 [00:10<00:12, 12.0 examples/s]", { subject: "side" });
  check("Validation DataLoader 0: 10%|#   | 1/10 [00:10<00:12, 12.00it/s]", { subject: "side" });
});

test("reads dictionaries of the HF Trainer and JSON lines", () => {
  check("{'loss': 0.5143, 'grad_norm': 1.2, 'learning_rate': 4.9e-05, 'epoch': 0.03}", {
    epoch: 0.03,
    metrics: { loss: 0.5143, grad_norm: 1.2, learning_rate: 4.9e-5 },
  });
  check("{'loss': '1.827', 'grad_norm': 'nan', 'epoch': '0.00032'}", {
    epoch: 0.00032,
    metrics: { loss: 1.827, grad_norm: Number.NaN },
  });
  check('{"epoch": 2, "step": 400, "val_loss": Infinity, "timestamp": 1795}', {
    epoch: 2,
    step: 400,
    metrics: { val_loss: Number.POSITIVE_INFINITY },
  });
  check("  Total optimization steps = 1,752", { steps: 1752 });
  check("  Num Epochs = 3", { epochs: 3 });
});

test("reads Keras with and without its bars", () => {
  check("Epoch 1/10", { epoch: 1, epochs: 10 });
  check(
    "\u001b[1m938/938\u001b[0m \u001b[32m━━━━━━━━\u001b[0m\u001b[37m\u001b[0m \u001b[1m3s\u001b[0m 2ms/step - accuracy: 0.9123 - loss: 3.1e-01 - val_loss: 0.2",
    { step: 938, steps: 938, metrics: { accuracy: 0.9123, loss: 0.31, val_loss: 0.2 } },
  );
  check("abc\b\b\b12/938 - 3s - 3ms/step - loss: 0.5", { step: 12, steps: 938, metrics: { loss: 0.5 } });
  check("120/938 [==>...........] - ETA: 3s - loss: 0.5", { step: 120, steps: 938, metrics: { loss: 0.5 } });
});

test("reads the plain lines people write", () => {
  check("Epoch 3/10: train_loss=0.31 val_loss=0.35 val_acc=0.912 lr=3e-04", {
    epoch: 3,
    epochs: 10,
    metrics: { train_loss: 0.31, val_loss: 0.35, val_acc: 0.912, lr: 3e-4 },
  });
  check("Epoch [3/10], Step [100/600], Loss: 0.1", {
    epoch: 3,
    epochs: 10,
    step: 100,
    steps: 600,
    metrics: { loss: 0.1 },
  });
  check("epoch 4 | train loss 0.5 | val acc: 97.1%", { epoch: 4, metrics: { train_loss: 0.5, val_acc: 97.1 } });
  check("[INFO] 2026-11-21 03:44:55,123 - step=1,200 loss=-inf port=8080", {
    step: 1200,
    metrics: { loss: Number.NEGATIVE_INFINITY },
  });
  check("final test accuracy: 0.987", { metrics: { final_test_accuracy: 0.987 } });
});

test("reads the lines of well-known training programs", () => {
  check("Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.290000", {
    epoch: 1,
    step: 640,
    steps: 60000,
    metrics: { loss: 2.29 },
  });
  check("Test set: Average loss: 0.0533, Accuracy: 9827/10000 (98%)", {
    metrics: { average_loss: 0.0533, accuracy: 0.9827 },
  });
  check("Epoch: [0][  10/5005]\tTime  0.300 ( 0.400)\tLoss 6.9e+00 (7.0e+00)\tAcc@1   1.50 (  1.20)", {
    epoch: 0,
    step: 10,
    steps: 5005,
    metrics: { loss: 6.9, "acc@1": 1.5 },
  });
  check("iter 100: loss 2.3456, time 123.45ms, mfu 12.34%", { step: 100, metrics: { loss: 2.3456, mfu: 12.34 } });
  check("step 0: train loss 10.9, val loss 10.8", { step: 0, metrics: { train_loss: 10.9, val_loss: 10.8 } });
  check(
    " iteration      100/  500000 | consumed samples:  25600 | elapsed time per iteration (ms): 512.3 | learning rate: 6.0E-05 | lm loss: 6.1E+00 | loss scale: 1.0 | grad norm: 1.2 |",
    { step: 100, steps: 500000, metrics: { learning_rate: 6e-5, lm_loss: 6.1, grad_norm: 1.2 } },
  );
  check(
    "[rank0]:[titan] 2026-11-21 - root - INFO - step: 10  loss:  7.61  grad_norm: 0.9  memory: 1.2GiB  tps: 1,234",
    {
      step: 10,
      metrics: { loss: 7.61, grad_norm: 0.9, tps: 1234 },
    },
  );
  check("Epoch(train)  [1][ 100/7330]  lr: 2.0000e-04  eta: 1:02:03  loss: 1.2", {
    epoch: 1,
    step: 100,
    steps: 7330,
    metrics: { lr: 2e-4, loss: 1.2 },
  });
  check("eta: 0:20:00  iter: 19  total_loss: 1.9  loss_cls: 0.7", {
    step: 19,
    metrics: { total_loss: 1.9, loss_cls: 0.7 },
  });
  check("      1/100      2.5G      1.2      3.4        12        640", { epoch: 1, epochs: 100 });
  check("Train: 0 [   0/312 (  0%)]  Loss: 6.93 (6.93)  LR: 1.000e-06", {
    epoch: 0,
    step: 0,
    steps: 312,
    metrics: { loss: 6.93, lr: 1e-6 },
  });
  check("| epoch 001:  10/ 100 loss=5.1, ppl=34.2", {
    epoch: 1,
    step: 10,
    steps: 100,
    metrics: { loss: 5.1, ppl: 34.2 },
  });
  check("[0]\ttrain-logloss:0.6\tvalid-auc:0.91", { step: 0, metrics: { "train-logloss": 0.6, "valid-auc": 0.91 } });
  check("[100]\ttraining's l2: 0.1", { step: 100, metrics: { training_l2: 0.1 } });
  check("|    total_timesteps | 2048     |", { step: 2048 });
  check("|    ep_rew_mean     | 22.3     |", { metrics: { ep_rew_mean: 22.3 } });
});

test("strips the prefixes of Metaflow and of ranks", () => {
  check("2026-11-21 02:18:10.914 [1795/train/3 (pid 4711)] Epoch 1/3: loss=0.5", {
    epoch: 1,
    epochs: 3,
    metrics: { loss: 0.5 },
  });
  check("2026-11-21 02:18:10.914 [1795/train/3 (pid 4711)] Task is starting.", undefined);
  check("3: epoch 2 loss 0.4", { epoch: 2, metrics: { loss: 0.4 } });
});

test("finds nothing in lines that only look like numbers", () => {
  check("Listening on http://127.0.0.1:6006 (version 2.19.1)", undefined);
  check("Using device cuda:0, 24.0 GB, driver 550.54", undefined);
  check("loss function: cross entropy", undefined);
  check("", undefined);
  check(`loss=${"1".repeat(3000)}`, undefined);
  check("time: 12:30:05 eta: 1:02:03", undefined);
});
