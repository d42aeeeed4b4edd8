import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointEntry } from "../../../src/core/checkpoints/checkpointListing.ts";
import { isEnough, type ListUntil } from "../../../src/core/checkpoints/listUntil.ts";
import {
  describeCompanions,
  describeNewer,
  describeWeightsAlone,
  newestSound,
  newestToResume,
} from "../../../src/core/checkpoints/newestCheckpoint.ts";
import { chooseResumePoint } from "../../../src/core/checkpoints/resumeChoice.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { seededRandom } from "../../support/seededRandom.ts";

const formats = ["torch-zip", "safetensors", "pickle", "npz", "npy"] as const;
const states = ["whole", "whole", "whole", "torn", "unknown"] as const;
const trusts = ["known", "known", "unlisted", "dangerous"] as const;

/** Some checkpoints of a folder in the order in which they are read; several share a time. */
function randomFolder(random: () => number): CheckpointEntry[] {
  const oneOf = <Item>(items: readonly [Item, ...Item[]]) => items[Math.floor(random() * items.length)] ?? items[0];
  const count = 1 + Math.floor(random() * 8);
  const entries = Array.from({ length: count }, (_, index) =>
    entryOf(`${index}`, Math.floor(random() * 6), {
      format: oneOf(formats),
      completeness: { state: oneOf(states), reason: "so" },
      hasOptimizerState: random() < 0.5,
      tensorCount: oneOf([0, 4]),
      step: Math.floor(random() * 5),
      metrics: { loss: oneOf([0.5, 0.5, Number.NaN]) },
      imports: [{ name: "torch.X", trust: oneOf(trusts) }],
    }),
  );
  return entries.toSorted((a, b) => b.modifiedMs - a.modifiedMs);
}

function answerTo({ kind }: ListUntil, entries: readonly CheckpointEntry[]): unknown {
  if (kind !== "resume-point") {
    return (kind === "newest-whole" ? newestSound : newestToResume)(entries)?.path;
  }
  const { chosen, passedOver } = chooseResumePoint(entries);
  return [chosen?.path, passedOver.map(({ entry, reason }) => `${entry.path} ${reason}`)];
}

test("the newest checkpoints of a folder give the answer of all wherever they are enough", () => {
  const random = seededRandom(7);
  const settled = { "newest-whole": 0, "newest-to-resume": 0, "resume-point": 0 };
  for (let round = 0; round < 3_000; round++) {
    const all = randomFolder(random);
    for (const kind of ["newest-whole", "newest-to-resume", "resume-point"] as const) {
      const length = all.findIndex((_, index) => isEnough({ kind }, all.slice(0, index + 1))) + 1;
      if (length > 0 && length < all.length) {
        settled[kind]++;
        assert.deepEqual(answerTo({ kind }, all.slice(0, length)), answerTo({ kind }, all), `round ${round}`);
      }
    }
  }
  const { "newest-whole": whole, ...resumed } = settled;
  assert.ok(whole > 300 && Object.values(resumed).every((count) => count > 150), JSON.stringify(settled));
});

test("results that are newer than the model are not taken for it", () => {
  const results = Array.from({ length: 9 }, (_, index) =>
    entryOf(`preds_${index}.pkl`, 10 + index, { format: "pickle" }),
  );
  const model = entryOf("model.safetensors", 1, { format: "safetensors" });
  assert.equal(isEnough({ kind: "newest-whole" }, results), false);
  assert.equal(isEnough({ kind: "newest-whole" }, [...results, model, entryOf("older.pt", 0)]), true);
});

test("weights alone are not gone on from where their run has the state of the optimizer", () => {
  const full = { tensorCount: 4, hasOptimizerState: true };
  const best = entryOf("best_epoch_12.pth", 3, { tensorCount: 4 });
  const epochs = [11, 12].map((epoch) => entryOf(`epoch_${epoch}.pth`, epoch - 10, full));
  assert.equal(newestToResume([best, ...epochs])?.summary.name, "epoch_12.pth");
  assert.equal(newestToResume([best, ...epochs.map((entry) => ({ ...entry, run: "other" }))]), best);
});

test("no other model of the folder is gone on from instead, and why it is not the newest is told", () => {
  const full = { tensorCount: 4, hasOptimizerState: true };
  const before = [1, 2, 3].map((epoch) => entryOf(`pretrain_epoch_${epoch}.pt`, epoch, full));
  const after = [1, 2].map((epoch) => entryOf(`finetune_epoch_${epoch}.pt`, 10 + epoch, { tensorCount: 4 }));
  const [, newest] = after;
  assert.ok(newest !== undefined);
  assert.equal(newestToResume([...before, ...after]), newest);
  assert.equal(describeNewer(newest, [...before, ...after]), undefined);
  const plain = entryOf("epoch_4.pt", 20, { tensorCount: 4 });
  assert.equal(newestToResume([...before, plain]), plain, "the name of a model that the other has not");
  const best = entryOf("finetune_best.pt", 20, { tensorCount: 4 });
  assert.equal(newestToResume([...before, best]), best);
  for (const name of ["best.pt", "pretrain_best.pt", "best_coco_pretrain_epoch_3.pt"]) {
    const entries = [...before, entryOf(name, 20, { tensorCount: 4 })];
    const chosen = newestToResume(entries);
    assert.equal(chosen?.summary.name, "pretrain_epoch_3.pt", name);
    assert.match(
      describeNewer(chosen, entries) ?? "",
      / is newer than pretrain_epoch_3\.pt, but holds weights alone, without the state of the optimizer\.$/,
    );
  }
  const weights = entryOf("model_epoch_3.pt", 20, { tensorCount: 4 });
  const state = entryOf("checkpoint_epoch=2-val_loss=0.5.pt", 10, full);
  assert.equal(newestToResume([weights, state]), state);
});

test("says of newer ones that are passed over why, whatever speaks against it", () => {
  const full = { tensorCount: 4, hasOptimizerState: true };
  const chosen = entryOf("epoch_1.pt", 1, full);
  const newer = (facts: Parameters<typeof entryOf>[2], name = "epoch_2.pt") =>
    describeNewer(chosen, [chosen, entryOf(name, 2, { ...full, ...facts })]);
  const start = "epoch_2.pt is newer than epoch_1.pt, but ";
  assert.equal(newer({ completeness: { state: "torn", reason: "cut" } }), `${start}torn: cut.`);
  assert.equal(newer({ metrics: { loss: Number.NaN } }), `${start}its own loss is NaN.`);
  assert.match(
    newer({ imports: [{ name: "train.Config", trust: "unlisted" }] }) ?? "",
    /, but imports code of its own/,
  );
  assert.equal(newer({ format: "pickle", completeness: { state: "torn", reason: "cut" } }, "preds.pkl"), undefined);
  const torn = [2, 3, 4, 5].map((at) =>
    entryOf(`epoch_${at}.pt`, at, { completeness: { state: "torn", reason: "cut" } }),
  );
  const names = ["epoch_5.pt", "epoch_4.pt", "epoch_3.pt"];
  assert.equal(
    describeNewer(chosen, [chosen, ...torn]),
    [...names.map((name) => `${name} is newer than epoch_1.pt, but torn: cut.`), "1 more is passed over."].join(" "),
  );
});

test("weights alone under a name for an end or an average are not gone on from, under another name that is said", () => {
  const full = { tensorCount: 4, hasOptimizerState: true };
  const epoch = entryOf("epoch_4.pt", 4, full);
  for (const name of ["swa_model.pt", "interrupted.pt", "model_export.pt", "last_good.pt"]) {
    assert.equal(newestToResume([epoch, entryOf(name, 5, { tensorCount: 4 })]), epoch, name);
  }
  const other = entryOf("mystery.pt", 5, { tensorCount: 4 });
  assert.equal(newestToResume([epoch, other]), other);
  assert.equal(
    describeWeightsAlone(other, [epoch, other]),
    "mystery.pt holds weights alone. epoch_4.pt beside it has the state of the optimizer, but is named like another model.",
  );
  assert.equal(describeWeightsAlone(epoch, [epoch, other]), undefined);
  assert.equal(describeWeightsAlone(other, [other, { ...epoch, run: "elsewhere" }]), undefined);
});

function companionsOf(chosen: string, ...beside: string[]): string | undefined {
  return describeCompanions(chosen, [chosen, ...beside]);
}

test("names what lies beside the newest under the same number", () => {
  assert.match(
    companionsOf("D_3600.pth", "G_3600.pth", "G_3200.pth") ?? "",
    /^G_3600\.pth beside it bears the same number as D_/,
  );
  assert.match(
    companionsOf("model_5.pt", "optimizer_5.pt", "ema_5.pt") ?? "",
    /^ema_5\.pt, optimizer_5\.pt beside it bear the same number/,
  );
  assert.equal(companionsOf("epoch_5.pt", "best_epoch_5.pt", "epoch_4.pt", "notes_5.txt"), undefined);
  assert.equal(companionsOf("last.pt", "best.pt"), undefined);
  assert.equal(companionsOf("ep5-00001-of-00002.safetensors", "ep5-00002-of-00002.safetensors"), undefined, "a shard");
  assert.match(
    companionsOf("step_5_rank_0.pt", "step_5_rank_1.pt") ?? "",
    /rank_1\.pt beside it bears the same number/,
  );
  assert.match(companionsOf("unet1_epoch10.pt", "unet2_epoch10.pt") ?? "", /^unet2_epoch10\.pt beside it/);
  assert.match(companionsOf("w1_8.pt", "w2_8.pt") ?? "", /^w2_8\.pt beside it/, "the networks of a WGAN");
  assert.match(companionsOf("fold0_8_G.pt", "fold0_8_D.pt", "fold1_8_D.pt") ?? "", /^fold0_8_D\.pt beside it/);
  assert.equal(companionsOf("seed0_step500.pt", "seed1_step500.pt"), undefined, "another training");
  assert.equal(companionsOf("lr1e-3_epoch_4.pt", "lr1e-4_epoch_4.pt"), undefined, "another training");
  assert.equal(companionsOf("w64_epoch_4.pt", "w128_epoch_4.pt"), undefined, "another training");
});
