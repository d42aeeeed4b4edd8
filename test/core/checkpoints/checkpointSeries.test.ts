import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointEntry } from "../../../src/core/checkpoints/checkpointListing.ts";
import { describeDoubt, describeStaying } from "../../../src/core/checkpoints/describePrune.ts";
import type { PrunePolicy } from "../../../src/core/checkpoints/prunePolicy.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const NONE: PrunePolicy = { keepBest: 0, keepLast: 0 };

function namesOf(entries: readonly CheckpointEntry[]): string {
  return entries.map(({ summary }) => summary.name).join(" ");
}

/** Saved one after the other, each a millisecond later. */
function savedAs(...names: readonly string[]): CheckpointEntry[] {
  return names.map((name, index) => entryOf(name, index));
}

test("only a later save of the same thing makes one superfluous, whatever else lies beside it", () => {
  const last = { ...NONE, keepLast: 1 };
  const apart = [
    ["model_fold0.pth", "model_fold1.pth", "model_fold2.pth"],
    ["fold_0_best.pt", "fold_1_best.pt", "cv=2.ckpt", "cv=3.ckpt"],
    ["step_9_rank_0.pt", "step_9_rank_1.pt", "step_9_rank_2.pt"],
    ["model_world_size_2_rank_0.pt", "model_world_size_2_rank_1.pt", "optim_world_size_2_rank_0.pt"],
    ["resnet18-f37072fd.pth", "resnet50-0676ba61.pth", "vgg16.pth", "vgg19.pth"],
    ["sd-v1-4.ckpt", "sd-v1-5.ckpt", "opt-125m.bin", "opt-350m.bin"],
    ["data_0.pt", "data_1.pt", "graph-7.pt", "graph-8.pt"],
    ["mesh_00100.pt", "mesh_00200.pt", "mesh_00300.pt"],
    ["model.pt", "optimizer.pt", "scheduler.pt", "ema.pt", "rng.pt"],
    ["mnist_lr0.01.pt", "mnist_lr0.1.pt", "mnist_lr=0.2.pt"],
    ["llama-Q4_K_M.bin", "llama-Q5_K_M.bin", "llama.fp16.bin"],
    ["efficientnet_b0.pth", "efficientnet_b4.pth", "efficientnet_b7.pth"],
    ["vit_b16.pth", "vit_b32.pth", "llama_3.1_epoch_2.pt", "llama_3.2_epoch_2.pt"],
    ["agent_0.pt", "agent_1.pt", "agent_2.pt", "class_0.pt", "class_1.pt", "subject_01.pt", "subject_02.pt"],
    ["model_s1.pt", "model_s2.pt", "model_s3.pt", "sigma_15.pth", "sigma_25.pth", "lora_r_8.pt", "lora_r_16.pt"],
    ["net1_10.pt", "net1_20.pt", "net2_10.pt", "net2_20.pt", "resnet_100ep.pth", "resnet_300ep.pth"],
    ["model_1.pt", "model_2.pt", "model_3.pt", "model_20240115T103000.pt", "model_20240115T113000.pt"],
    ["mnist_acc0.93.pt", "mnist_acc0.95.pt", "loss_1_epoch_3.pt", "loss_2_epoch_3.pt", "epochs_10.pt", "epochs_20.pt"],
    ["epoch_3_acc0.93.pt", "epoch_3_acc0.95.pt", "00001.pt", "00002.pt", "00003.pt", "2000.pt", "2100.pt", "2200.pt"],
    ["part_1-0.5.pt", "unet_1.pt", "unet_2.pt", "unet_3.pt", "mlp_10-0.5.pt", "mlp_20-0.5.pt", "mlp_30-0.5.pt"],
  ];
  for (const names of apart) {
    assert.equal(namesOf(planPrune(savedAs(...names), last).removed), "", names.join(" "));
  }
  const finished = [
    ...["m-1.gguf", "m-2.gguf"].map((name, index) => entryOf(name, index, { format: "gguf" })),
    ...["2026-01-15", "2026-01-16"].map((name, index) => entryOf(name, index, { format: "trainer-folder" })),
  ];
  assert.deepEqual(planPrune(finished, last).removed, []);
  const replaced = [
    ["epoch=3-val_loss=0.5.ckpt", "epoch=12-val_loss=-1.2e-05.ckpt", "epoch=13-val_loss=nan.ckpt"],
    ["weights.01-0.50.hdf5", "weights.02-0.50.hdf5"],
    ["9epoch.pth", "10epoch.pth"],
    ["ckpt-5.index", "ckpt-10.index"],
    ["ckpt_9.pth", "ckpt_10.pth", "ckpt_11.pth"],
    ["epoch=3-step=1000.ckpt", "epoch=4-step=1250.ckpt"],
    ["net_iter_100k.pth", "net_iter_200k.pth"],
    ["000100.pt", "000200.pt", "000300.pt"],
    ["model000000.pt", "model010000.pt", "model020000.pt"],
    ["itr_10.pth", "itr_20.pth"],
    ["ema_0.9999_010000.pt", "ema_0.9999_020000.pt", "ema_0.9999_030000.pt"],
  ];
  for (const names of replaced) {
    const { removed } = planPrune(savedAs(...names), last);
    assert.deepEqual(removed.map(({ summary }) => summary.name).toReversed(), names.slice(0, -1));
  }
});

/** Saved one after the other, with what each says of its own epoch or step. */
function savedAt(unit: "epoch" | "step", saved: Readonly<Record<string, number>>): CheckpointEntry[] {
  return Object.entries(saved).map(([name, value], index) => entryOf(name, index, { [unit]: value }));
}

test("a bare number counts saves only where three or more hold that epoch or step", () => {
  const counted = [
    savedAt("epoch", { "model_1.pt": 1, "model_2.pt": 2, "model_10.pt": 10 }),
    savedAt("epoch", { "net_0.pt": 1, "net_1.pt": 2, "net_2.pt": 3 }),
    savedAt("epoch", { "model3_acc0.93.pt": 2, "model4_acc0.9.pt": 3, "model5_acc0.91.pt": 4 }),
    savedAt("step", { "net_100k.pth": 100_000, "net_200k.pth": 200_000, "net_300k.pth": 300_000 }),
  ];
  // Four hundred steps an epoch; 800 steps a save of 101 epochs; epochs that end between the saves.
  counted.push(
    savedAt("step", { "model_1.pt": 400, "model_2.pt": 800, "model_3.pt": 1200, "model_4.pt": 1600 }),
    savedAt("epoch", { "G_0.pth": 1, "G_800.pth": 101, "G_1600.pth": 201, "G_2400.pth": 301 }),
    savedAt("epoch", { "G_0.pth": 1, "G_1000.pth": 6, "G_2000.pth": 11, "G_3000.pth": 17 }),
    savedAt("step", { "G_0.pth": 1, "G_1000.pth": 6, "G_2000.pth": 11, "G_3000.pth": 17 }),
    savedAt("step", { "checkpoint_1_900.pt": 900, "checkpoint_1_1800.pt": 1800, "checkpoint_2_2700.pt": 2700 }),
  );
  for (const entries of counted) {
    assert.deepEqual(namesOf(planPrune(entries, NONE).removed), namesOf(entries.slice(0, -1).toReversed()));
  }
  const distinct = [
    savedAt("epoch", { "model_1.pt": 10, "model_2.pt": 10, "model_3.pt": 10 }),
    savedAt("epoch", { "model_1.pt": 12, "model_2.pt": 15, "model_3.pt": 21 }),
    savedAt("epoch", { "model_1.pt": 1, "model_2.pt": 2 }),
    savedAt("epoch", { "model_1.pt": 10, "model_2.pt": 20, "model_3.pt": 30 }),
    savedAt("epoch", { "model_100.pt": 9, "model_200.pt": 8, "model_300.pt": 21, "model_400.pt": 22 }),
    savedAt("epoch", { "checkpoint_1.pt": 50, "checkpoint_2.pt": 50, "checkpoint_3.pt": 50 }),
    savedAt("epoch", { "ckpt_0.pt": 50, "ckpt_1.pt": 50 }),
    savedAt("epoch", { "agent_1.pt": 1, "agent_2.pt": 2, "agent_3.pt": 3 }),
    // Sample rates, the sizes of hidden layers, of data and of its parts, and how long each was trained.
    savedAt("epoch", { "model_16000.pt": 50, "model_32000.pt": 50, "model_44100.pt": 50, "model_48000.pt": 50 }),
    savedAs("model_16000.pt", "model_32000.pt", "model_44100.pt", "model_48000.pt"),
    savedAt("epoch", { "model_08000.pt": 50, "model_16000.pt": 50, "model_44100.pt": 50 }),
    savedAt("epoch", { "model_08000.pt": 50, "model_16000.pt": 43, "model_22000.pt": 61 }),
    savedAs("model_01000.pt", "model_02000.pt", "model_05000.pt"),
    savedAt("epoch", { "model_128.pt": 12, "model_256.pt": 15, "model_512.pt": 19, "model_1024.pt": 25 }),
    savedAt("epoch", { "model_100.pt": 12, "model_200.pt": 15, "model_300.pt": 19, "model_400.pt": 25 }),
    savedAt("step", { "model_1000.pt": 100, "model_2000.pt": 200, "model_3000.pt": 300, "model_4000.pt": 400 }),
    savedAt("epoch", { "model_1.pt": 10, "model_2.pt": 20, "model_3.pt": 30, "model_4.pt": 40 }),
    [1, 2, 3, 4].map((size) => entryOf(`model_${size}.pt`, size, { epoch: size * 10, step: size * 1000 })),
    [1, 2, 3, 4].map((size) => entryOf(`model_${size}00.pt`, size, { epoch: 50, step: size * 500 })),
    savedAt("step", { "model-1-0.5.h5": 800, "model-2-0.6.h5": 800, "model-3-0.7.h5": 800, "model-4-0.8.h5": 800 }),
    savedAs("model-1-0.5.h5", "model-2-0.6.h5", "model-3-0.7.h5"),
    savedAt("epoch", { "mlp_1-0.5.pt": 1, "mlp_2-0.5.pt": 2, "mlp_3-0.5.pt": 3 }),
  ];
  for (const entries of distinct) {
    assert.equal(namesOf(planPrune(entries, NONE).removed), "", namesOf(entries));
  }
  const inEpoch = [1, 2, 3].map((epoch) => entryOf(`epoch_${epoch}.pt`, epoch, { epoch, step: 500 }));
  assert.equal(
    namesOf(planPrune(inEpoch, NONE).removed),
    "epoch_2.pt epoch_1.pt",
    "its steps begin anew in each epoch",
  );
  const ofKeras = { "model-01-0.89.h5": 8, "model-02-0.88.h5": 16, "model-03-0.86.h5": 24, "model-04-0.85.h5": 32 };
  assert.equal(
    namesOf(planPrune(savedAt("step", ofKeras), NONE).removed),
    "model-03-0.86.h5 model-02-0.88.h5",
    "the first has the highest of what may be an accuracy",
  );
  const folders = [0, 1, 2].map((save) => entryOf(`checkpoint_${save}`, save, { kind: "folder", step: 1 }));
  assert.equal(namesOf(planPrune(folders, NONE).removed), "checkpoint_1 checkpoint_0", "as accelerate saves");
  const { kept } = planPrune(savedAs("model_1.pt", "model_2.pt"), NONE);
  assert.equal(kept.at(-1)?.reason, "its number may say which model it is, not when it was saved");
});

test("of two numbers behind a word for a save the first says which model it is, and only the last may count", () => {
  const seeds = [7, 42].flatMap((seed) =>
    [1, 2, 3].map((epoch) => entryOf(`ckpt_${seed}_${epoch}.pt`, seed * 10 + epoch, { epoch })),
  );
  assert.equal(
    namesOf(planPrune(seeds, NONE).removed),
    "ckpt_42_2.pt ckpt_42_1.pt ckpt_7_2.pt ckpt_7_1.pt",
    "the last of each seed stays",
  );
  const folds = [1, 2, 3].flatMap((fold) => [`ckpt_${fold}_0.pt`, `ckpt_${fold}_1.pt`]);
  assert.equal(namesOf(planPrune(savedAs(...folds), NONE).removed), "");
});

test("beside an epoch or a step, any other number says which model it is", () => {
  const names = [10, 20].flatMap((epoch) => [0, 1].map((model) => `model_${model}_epoch_${epoch}.pt`));
  const { removed } = planPrune(savedAs(...names), NONE);
  assert.deepEqual(
    removed.map(({ summary }) => summary.name),
    ["model_1_epoch_10.pt", "model_0_epoch_10.pt"],
  );
});

test("what was saved together in several files stays together, and each kind of file keeps its last", () => {
  const gan = [1, 2, 3].flatMap((step) => [
    entryOf(`G_${step}.pth`, step, { step }),
    entryOf(`D_${step}.pth`, step + 0.5, { step }),
  ]);
  assert.equal(namesOf(planPrune(gan, { ...NONE, keepLast: 2 }).removed), "D_1.pth G_1.pth");
  const pairs = [0.4, 0.1, 0.3, 0.2].flatMap((loss, index) => [
    entryOf(`model_${index}.bin`, index, { epoch: index }),
    entryOf(`state_${index}.bin`, index, { epoch: index, metrics: { val_loss: loss } }),
  ]);
  const { removed, kept } = planPrune(pairs, NONE);
  assert.equal(namesOf(removed), "model_2.bin state_2.bin model_0.bin state_0.bin");
  assert.deepEqual(
    kept.map(({ entry, reason }) => `${entry.summary.name}: ${reason}`),
    [
      "model_3.bin: the newest whole one",
      "state_3.bin: the newest whole one",
      "model_1.bin: it belongs to state_1.bin by its number",
      "state_1.bin: the best by val_loss: 0.1",
    ],
  );
});

test("the best of one fold keeps none of another fold for its number, and what was saved with it", () => {
  const folds = [0, 1].flatMap((fold) =>
    [1, 2, 3, 4].flatMap((epoch) => [
      entryOf(`fold${fold}_epoch${epoch}.pt`, fold * 10 + epoch, {
        metrics: { val_loss: 1 + Math.abs(epoch - fold - 1) },
      }),
      entryOf(`fold${fold}_epoch${epoch}_optim.pt`, fold * 10 + epoch + 0.5),
    ]),
  );
  const { kept } = planPrune(folds, NONE);
  assert.deepEqual(
    kept.map(({ entry, reason }) => `${entry.summary.name}: ${reason}`),
    [
      "fold1_epoch4_optim.pt: the newest whole one",
      "fold1_epoch4.pt: the newest whole one",
      "fold1_epoch2_optim.pt: it belongs to fold1_epoch2.pt by its number",
      "fold1_epoch2.pt: the best by val_loss: 1",
      "fold0_epoch4_optim.pt: the newest whole one",
      "fold0_epoch4.pt: the newest whole one",
      "fold0_epoch1_optim.pt: it belongs to fold0_epoch1.pt by its number",
      "fold0_epoch1.pt: the best by val_loss: 1",
    ],
  );
});

test("who knows that bare numbers count saves says so", () => {
  const entries = [
    ...savedAs("model_1.pth", "model_2.pth", "model_3.pth"),
    ...savedAt("epoch", { "ckpt_7.pt": 50, "ckpt_8.pt": 50 }),
    ...savedAs("fold_1.pt", "fold_2.pt"),
  ];
  const doubted = planPrune(entries, NONE);
  assert.equal(namesOf(doubted.removed), "");
  assert.match(describeDoubt(doubted, "say so") ?? "", /^Of 4 that stay it is not known .*: say so\.$/);
  const said = planPrune(entries, { ...NONE, areSaves: true });
  assert.equal(namesOf(said.removed), "model_2.pth ckpt_7.pt model_1.pth");
  assert.equal(describeDoubt(said, "say so"), undefined);
});

test("who is asked about what goes reads as well what stays only in doubt", () => {
  const entries = [
    ...savedAs(...Array.from({ length: 16 }, (_, at) => `model_${at}.pth`)),
    ...savedAs("epoch_20.pt", "epoch_21.pt"),
  ];
  const plan = planPrune(entries, NONE);
  assert.equal(namesOf(plan.removed), "epoch_20.pt");
  const lines = describeStaying(plan, "say so").split("\n");
  assert.equal(lines[0], "These stay:");
  const noMetric = "No metric was found in them, so the best may be among those that go.";
  assert.deepEqual(lines.slice(16), ["… and 2 more", "", noMetric, "", describeDoubt(plan, "say so")]);
});

test("two with one number stay whatever is said of numbers, and it is said what helps instead", () => {
  const entries = savedAs("epoch_1_loss_0.9.pt", "epoch_1_loss_0.8.pt", "epoch_2_loss_0.7.pt", "epoch_3_loss_0.6.pt");
  const ggufs = ["m-1.gguf", "m-2.gguf"].map((name, index) => entryOf(name, index, { format: "gguf" }));
  for (const areSaves of [false, true]) {
    const plan = planPrune([...entries, ...ggufs], { ...NONE, areSaves });
    assert.equal(namesOf(plan.removed), "");
    assert.equal(describeDoubt(plan, "say so"), undefined);
    const reasonOf = (name: string) => plan.kept.find(({ entry }) => entry.summary.name === name)?.reason ?? "";
    assert.match(reasonOf("epoch_2_loss_0.7.pt"), /same number: prune needs each training in a folder of its own$/);
    assert.match(reasonOf("m-1.gguf"), /^it is a finished model/);
  }
});

/** How many of `checkpoint_0.pt`, `checkpoint_1.pt`… go that hold these, saved one after the other unless times say otherwise. */
function goesOf(epochs: readonly number[], steps: readonly number[] = [], times: readonly number[] = []): number {
  const saves = epochs.map((epoch, at) =>
    entryOf(`checkpoint_${at}.pt`, times[at] ?? at, { epoch, ...(steps[at] !== undefined && { step: steps[at] }) }),
  );
  return planPrune(saves, NONE).removed.length;
}

test("numbers that the epochs or steps inside contradict say which model it is", () => {
  const ones = [1, 1, 1, 1, 1];
  assert.equal(goesOf([10, 7, 12, 9, 11], ones), 0);
  assert.equal(goesOf([10, 7, 12, 9, 11]), 0);
  assert.equal(goesOf([10, 7, 12, 9, 11], [100, 70, 120, 90, 110]), 0);
  assert.equal(goesOf([3, 4, 4, 5, 5], ones), 4);
  assert.equal(goesOf([1, 2, 1, 2, 3], [10, 20, 30, 40, 50]), 4);
  // Began again in the same folder.
  assert.equal(goesOf([0, 1, 2, 3, 4], [], [7, 8, 9, 1, 2]) > 0, true);
});

test("what was saved many times within the first epoch is one training, not models of one epoch each", () => {
  const within = [1, 2, 3, 4].map((save) => entryOf(`checkpoint_${save}.pt`, save, { epoch: 1 }));
  assert.equal(namesOf(planPrune(within, NONE).removed), "checkpoint_3.pt checkpoint_2.pt checkpoint_1.pt");
  const alike = [
    within.slice(1),
    within.map((entry) => ({ ...entry, modifiedMs: 1 })),
    within.map((entry) => ({ ...entry, summary: { ...entry.summary, step: 500 } })),
  ];
  for (const entries of alike) {
    const { removed } = planPrune(entries, NONE);
    assert.equal(namesOf(removed), "");
  }
});
