import assert from "node:assert/strict";
import { test } from "node:test";
import { isCheckpointName, isStateName, isTemporaryName } from "../../../src/core/checkpoints/checkpointName.ts";
import { addNamedFacts, parseCheckpointName } from "../../../src/core/checkpoints/namedFacts.ts";

test("reads epoch, step and metrics out of the names that frameworks and people give", () => {
  const cases: [string, object][] = [
    ["epoch=3-step=1200.ckpt", { epoch: 3, step: 1200, metrics: {} }],
    ["epoch=07-val_loss=0.25.ckpt", { epoch: 7, metrics: { val_loss: 0.25 } }],
    ["checkpoint_epoch_7.pt", { epoch: 7, metrics: {} }],
    ["checkpoint-500", { step: 500, metrics: {} }],
    ["iter_0001000.pth", { step: 1000, metrics: {} }],
    ["global_step500.pt", { step: 500, metrics: {} }],
    ["weights.05-0.42.h5", { epoch: 5, metrics: {} }],
    ["model_ep12.pth", { epoch: 12, metrics: {} }],
    ["resnet50.pth", { metrics: {} }],
    ["best.pt", { metrics: {} }],
    ["last-v1.ckpt", { metrics: {} }],
    ["model_epoch3_acc0.93.pth", { epoch: 3, metrics: { acc: 0.93 } }],
    ["epoch_3_val_loss_0.250.pt", { epoch: 3, metrics: { val_loss: 0.25 } }],
    ["epoch_3_loss_-0.5_mIoU_61.25.pth", { epoch: 3, metrics: { loss: -0.5, mIoU: 61.25 } }],
    ["checkpoint-epoch3-f1-0.875.pt", { epoch: 3, metrics: { f1: 0.875 } }],
    ["step_300_psnr29.50_acc_93.pth", { step: 300, metrics: { psnr: 29.5, acc: 93 } }],
    ["loss_1_epoch_3.pt", { epoch: 3, metrics: {} }],
    ["resnet50-top1-76.1.2.pth", { metrics: {} }],
    ["epoch_3_loss_9.5e-05.pt", { epoch: 3, metrics: { loss: 9.5e-5 } }],
    ["loss_1e-05_epoch_3.pt", { epoch: 3, metrics: { loss: 1e-5 } }],
    ["epoch=3-val_loss=2.5e-05.ckpt", { epoch: 3, metrics: { val_loss: 2.5e-5 } }],
    ["epoch_3_acc_0,93.pt", { epoch: 3, metrics: {} }],
    ["epoch=3-acc=0,93.ckpt", { epoch: 3, metrics: {} }],
    ["epoch_3_mAP0.5_0.613.pt", { epoch: 3, metrics: { mAP50: 0.613 } }],
    ["epoch_3_map_0.5-0.95_0.42.pt", { epoch: 3, metrics: { map: 0.42 } }],
    ["epoch_3_mAP50-95_0.42.pt", { epoch: 3, metrics: { mAP: 0.42 } }],
    ["epoch_3_mAP50_0.613.pt", { epoch: 3, metrics: { mAP50: 0.613 } }],
    ["epoch_3_mAP@0.5=0.613.pt", { epoch: 3, metrics: { mAP50: 0.613 } }],
    ["epoch_3_map_0.613.pt", { epoch: 3, metrics: { map: 0.613 } }],
  ];
  for (const [name, expected] of cases) {
    assert.deepEqual(parseCheckpointName(name), expected, name);
  }
});

test("what a checkpoint holds goes before what its name tells, and what only the name tells is known", () => {
  assert.deepEqual(addNamedFacts({ epoch: 4, metrics: { loss: 0.251 } }, "epoch_3_step_90_loss_0.25_acc_0.9.pt"), {
    epoch: 4,
    step: 90,
    metrics: { loss: 0.251, acc: 0.9 },
    namedMetrics: ["acc"],
  });
});

test("tells checkpoints from temporary and other files", () => {
  const checkpoints = [
    "a.pt",
    "a.pth",
    "A.CKPT",
    "pytorch_model.bin",
    "a.safetensors",
    "a.h5",
    "a.keras",
    "model_best.pth.tar",
  ];
  const temporary = [
    "a.pt.tmp",
    "a.pt.part",
    "a.pt~",
    "a.ckpt.tmp.123",
    "tmp_a.pt",
    ".tmp-a.pt",
    "a.safetensors.incomplete",
  ];
  const others = ["train.py", "training_args.bin", "log.txt", ".hidden.pt", "a.ptx"];
  assert.deepEqual(
    [...checkpoints, ...temporary, ...others].filter((name) => isCheckpointName(name)),
    checkpoints,
  );
  assert.deepEqual(
    [...checkpoints, ...temporary, ...others].filter((name) => isTemporaryName(name)),
    temporary,
  );
});

test("knows the state of an optimizer by its name, and no model of that name", () => {
  const names = [
    "optimizer_5.pt",
    "opt070000.pt",
    "lr_sched.bin",
    "rng.pt",
    "opt-125m.bin",
    "opt_iml.pt",
    "optical.pt",
  ];
  assert.deepEqual(names.filter(isStateName), names.slice(0, 4));
});
