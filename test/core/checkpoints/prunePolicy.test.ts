import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointEntry, CheckpointLink } from "../../../src/core/checkpoints/checkpointListing.ts";
import { isBelow, partsOf, resolveFrom } from "../../../src/core/checkpoints/checkpointParts.ts";
import type { CheckpointWriter } from "../../../src/core/checkpoints/checkpointWriter.ts";
import { describePrune, parsePrunePolicy } from "../../../src/core/checkpoints/describePrune.ts";
import { narrowToAgreed } from "../../../src/core/checkpoints/planPrune.ts";
import type { PrunePolicy } from "../../../src/core/checkpoints/prunePolicy.ts";
import { entryOf } from "../../support/checkpointSummaries.ts";
import { planPrune } from "../../support/planPrune.ts";

const torn = { state: "torn", reason: "cut" } as const;
const NONE: PrunePolicy = { keepBest: 0, keepLast: 0 };

/** Ten epochs of 100 steps; the accuracy is best after the fourth. */
const EPOCHS = Array.from({ length: 10 }, (_, index) =>
  entryOf(`epoch_${index + 1}.pt`, (index + 1) * 1000, {
    epoch: index + 1,
    step: (index + 1) * 100,
    metrics: { val_acc: 0.9 - Math.abs(index - 3) / 10 },
  }),
);

function namesOf(entries: readonly CheckpointEntry[]): string {
  return entries.map(({ summary }) => summary.name.replace(/epoch_|\.pt/g, "")).join(" ");
}

/** Names of what goes and of what stays, newest first. */
function check(
  entries: readonly CheckpointEntry[],
  policy: PrunePolicy,
  expected: { goes: string; stays: string },
  live: readonly CheckpointWriter[] = [],
): void {
  const { removed, kept } = planPrune(entries, policy, live);
  assert.deepEqual({ goes: namesOf(removed), stays: namesOf(kept.map(({ entry }) => entry)) }, expected);
}

test("keeps the best, the last and those of every so many steps", () => {
  check(EPOCHS, { ...NONE, keepBest: 2 }, { goes: "9 8 7 6 3 2 1", stays: "10 5 4" });
  check(EPOCHS, { ...NONE, keepLast: 3 }, { goes: "7 6 5 3 2 1", stays: "10 9 8 4" });
  check(EPOCHS, { ...NONE, keepEvery: 500 }, { goes: "9 8 7 6 3 2 1", stays: "10 5 4" });
  check(EPOCHS, { keepBest: 99, keepLast: 0 }, { goes: "", stays: "10 9 8 7 6 5 4 3 2 1" });
  const byEpoch = EPOCHS.map((_, index) => entryOf(`epoch_${index + 1}.pt`, index, { epoch: index + 1 }));
  check(byEpoch, { ...NONE, keepEvery: 3 }, { goes: "8 7 5 4 2 1", stays: "10 9 6 3" });
  const uncounted = byEpoch.map((entry) => ({ ...entry, summary: { ...entry.summary, step: 0 } }));
  check(uncounted, { ...NONE, keepEvery: 3 }, { goes: "8 7 5 4 2 1", stays: "10 9 6 3" });
});

test("keeps the newest whole and the best one whatever the policy says", () => {
  check(EPOCHS, NONE, { goes: "9 8 7 6 5 3 2 1", stays: "10 4" });
  check([...EPOCHS, entryOf("x", 500, { completeness: torn })], NONE, { goes: "9 8 7 6 5 3 2 1 x", stays: "10 4" });
  check(EPOCHS, { ...NONE, metric: "val_acc", direction: "min" }, { goes: "9 8 7 6 5 4 3 2 1", stays: "10" });
});

test("keeps the newest one to resume from beside a newer one whose loss is no number, or that holds weights alone", () => {
  const full = { tensorCount: 4, hasOptimizerState: true };
  const entries = [
    entryOf("epoch_1.pt", 1, full),
    entryOf("epoch_2.pt", 2, full),
    entryOf("epoch_3.pt", 3, { tensorCount: 4 }),
    entryOf("epoch_4.pt", 4, { ...full, metrics: { loss: Number.NaN } }),
  ];
  check(entries, NONE, { goes: "3 1", stays: "4 2" });
});

test("keeps the newest and the best of a model of another size, which a training with another width does not replace", () => {
  const wide = EPOCHS.map((entry) => ({ ...entry, summary: { ...entry.summary, parameterCount: 9_000_000 } }));
  const narrow = [3, 2, 1].map((epoch) =>
    entryOf(`epoch_${epoch}.pt`, 20_000 + epoch, {
      epoch,
      metrics: { val_acc: 0.95 + epoch / 1000 },
      parameterCount: 1_000_000,
    }),
  );
  const both = [...wide.filter(({ summary }) => (summary.epoch ?? 0) > 3), ...narrow];
  check(both, NONE, { goes: "2 1 9 8 7 6 5", stays: "3 10 4" });
  const isSlightlyLarger = narrow.map((entry) => ({
    ...entry,
    summary: { ...entry.summary, parameterCount: 9_900_000 },
  }));
  check([...wide.filter(({ summary }) => (summary.epoch ?? 0) > 3), ...isSlightlyLarger], NONE, {
    goes: "2 1 10 9 8 7 6 5 4",
    stays: "3",
  });
});

test("keeps the newest and the best whether or not they may be loaded, and those of them that may", () => {
  const own = { imports: [{ name: "train.Config", trust: "unlisted" }] } as const;
  const full = { tensorCount: 3, hasOptimizerState: true };
  const mixed = EPOCHS.map((entry, at) => ({
    ...entry,
    summary: { ...entry.summary, ...full, ...(at > 1 ? own : {}) },
  }));
  check(mixed, NONE, { goes: "9 8 7 6 5 3 1", stays: "10 4 2" });
  assert.deepEqual(
    planPrune(mixed, NONE).kept.map(({ reason }) => reason),
    [
      "the newest whole one",
      "the best by val_acc: 0.9",
      "the newest whole one, of those that load without code of their own",
    ],
  );
  const weightsLast = mixed.map((entry, at) => ({
    ...entry,
    summary: { ...entry.summary, metrics: {}, hasOptimizerState: at < 7 },
  }));
  check(weightsLast, NONE, { goes: "9 8 6 5 4 3 1", stays: "10 7 2" });
});

test("judges each run by itself, and keeps all of one that has nothing whole", () => {
  const runs = EPOCHS.slice(0, 4).map((entry, index) => ({ ...entry, run: index < 2 ? "a" : "b" }));
  check(runs, NONE, { goes: "3 1", stays: "4 2" });
  const ruins = [1, 2].map((number) => entryOf(`${number}`, number, { completeness: torn }));
  check(ruins, NONE, { goes: "", stays: "2 1" });
  const evil = entryOf("evil", 1, { imports: [{ name: "os.system", trust: "dangerous" }] });
  check([evil, ...ruins], NONE, { goes: "", stays: "2 1 evil" });
});

test("keeps what is written, what cannot be judged, what a link leads to and what scripts look for", () => {
  const [one, two, three] = EPOCHS.slice(0, 3);
  assert.ok(one && two && three);
  const writing = entryOf("w", 1, { completeness: { state: "writing", reason: "changed 2 s ago" } });
  const odd = entryOf("u", 2, { completeness: { state: "unknown", reason: "no format" } });
  check([three, writing, odd, one], NONE, { goes: "1", stays: "3 u w" });
  const link = { ...entryOf("last-link", 1), linkTarget: "./epoch_1.pt" };
  check([three, two, one, link], NONE, { goes: "2", stays: "3 1 last-link" });
  const best = [1, 2].map((epoch) => entryOf(`best_epoch_${epoch}.pt`, 2 + epoch));
  check([three, one, entryOf("last.pt", 1), entryOf("best_model.ckpt", 2), ...best], NONE, {
    goes: "1 best_1",
    stays: "3 best_2 best_model.ckpt last",
  });
});

test("keeps what a run that goes on has saved", () => {
  const live = [{ folder: "/home/ada/checkpoints", sinceMs: 5000 }];
  check(EPOCHS, NONE, { goes: "3 2 1", stays: "10 9 8 7 6 5 4" }, live);
  check(EPOCHS, NONE, { goes: "9 8 7 6 5 3 2 1", stays: "10 4" }, [{ folder: "/home/ada/check", sinceMs: 0 }]);
});

test("keeps what a training can go on from whose loss broke", () => {
  const full = { tensorCount: 4, hasOptimizerState: true };
  const saved = [800, 900, 1000, 1100, 1200, 1300, 1400].map((step) =>
    entryOf(`${step}`, step * 10, { ...full, step }),
  );
  const writer = { folder: "/home/ada/checkpoints", sinceMs: 8500, untilMs: 20_000 };
  const lossBreak = { step: 1150, timeMs: 11_500, text: "train/loss became NaN at step 1150" };
  const policy = { ...NONE, keepLast: 3 };
  check(saved, policy, { goes: "1100 1000 900 800", stays: "1400 1300 1200" }, [writer]);
  check(saved, policy, { goes: "1000 900 800", stays: "1400 1300 1200 1100" }, [{ ...writer, lossBreak }]);
  const atOnce = { ...lossBreak, timeMs: 12_100, step: 1200, text: "loss became NaN at step 1200" };
  check(saved, policy, { goes: "1000 900 800", stays: "1400 1300 1200 1100" }, [{ ...writer, lossBreak: atOnce }]);
  const late = { ...writer, sinceMs: 11_900, lossBreak };
  check(saved, policy, { goes: "1000 900 800", stays: "1400 1300 1200 1100" }, [late]);
  check(saved, policy, { goes: "1100 1000 900 800", stays: "1400 1300 1200" }, [{ ...late, folder: "/elsewhere" }]);
});

test("keeps what scripts look for by its name, whatever its format", () => {
  const names = [
    "best.h5",
    "last.hdf5",
    "model_best.weights.h5",
    "checkpoint_best.pt",
    "checkpoint_last.pt",
    "best",
    "ckpt-latest",
    "final_model.pth.tar",
  ];
  const entries = names.map((name, index) => entryOf(name, index));
  const inside = { ...entryOf("optimizer.pt", 0), run: "one/best" };
  const others = ["bestiary_step_1.pt", "last_epoch_3.pt", "checkpoint_12.pt"].map((name) => entryOf(name, 0));
  const later = ["bestiary_step_2.pt", "last_epoch_4.pt", "checkpoint_13.pt"].map((name) => entryOf(name, 1));
  const { removed } = planPrune(
    [...EPOCHS.slice(-1), ...entries, inside, { ...inside, path: "/b", modifiedMs: 1 }, ...others, ...later],
    NONE,
  );
  assert.deepEqual(
    removed.map(({ summary }) => summary.name).toSorted(),
    others.map(({ summary }) => summary.name).toSorted(),
  );
});

function runOf(name: string, metric: string, values: readonly number[]): CheckpointEntry[] {
  return values.map((value, index) => ({
    ...entryOf(`${name}-epoch_${index}`, index, { metrics: { [metric]: value } }),
    run: name,
  }));
}

test("judges each run by a metric that it has", () => {
  const entries = [...runOf("a", "val_loss", [0.1, 0.5, 0.9]), ...runOf("b", "val_acc", [0.3, 0.9, 0.5, 0.4])];
  check(entries, NONE, { goes: "b-2 a-1 b-0", stays: "b-3 a-2 b-1 a-0" });
  check(entries, { ...NONE, metric: "val_acc" }, { goes: "b-2 a-1 b-0", stays: "b-3 a-2 b-1 a-0" });
  assert.throws(() => planPrune(entries, { ...NONE, metric: "val_los" }), {
    name: "UserError",
    message:
      "No checkpoint here carries val_los, so nothing was planned. Choose one of these instead: val_acc, val_loss.",
  });
  const odd = [entryOf("a", 1, { metrics: { fluffiness: 3 } })];
  assert.throws(
    () => planPrune(odd, { ...NONE, metric: "fluffiness" }),
    /Whether less or more of fluffiness is better cannot be told from its name\. Say it with the name: fluffiness:max or fluffiness:min\./,
  );
  const more = planPrune([...odd, entryOf("b", 2)], { ...NONE, metric: "fluffiness", direction: "max" });
  assert.equal(more.metric, "fluffiness");
});

test("takes a live run that tells no folder for a writer to all, and keeps what a command names", () => {
  check(EPOCHS, NONE, { goes: "3 2 1", stays: "10 9 8 7 6 5 4" }, [{ sinceMs: 5000 }]);
  check(EPOCHS, NONE, { goes: "9 8 7 6 5 3 2 1", stays: "10 4" }, [{ sinceMs: 5000, untilMs: 6000 }]);
  const named = ["/home/ada/train.py", "/home/ada/checkpoints/epoch_2.pt"];
  check(EPOCHS, NONE, { goes: "9 8 7 6 5 3 1", stays: "10 4 2" }, [{ sinceMs: 99_000, named }]);
  check(EPOCHS, NONE, { goes: "9 8 7 6 5 3 2 1", stays: "10 4" }, [{ sinceMs: 99_000, untilMs: 99_001, named }]);
});

test("never takes a file with it that one of those that stay needs", () => {
  const shards = [1, 2, 3, 4].map((shard) => entryOf(`pytorch_model-0000${shard}-of-00004.bin`, shard));
  const other = entryOf("pytorch_model-00001-of-00002.bin", 0);
  check(
    [...shards, other],
    { ...NONE, keepLast: 1 },
    {
      goes: "",
      stays: [...shards.toReversed(), other].map(({ summary }) => summary.name).join(" "),
    },
  );
});

function linkOf(name: string, target: string): CheckpointLink {
  return { path: `/home/ada/checkpoints/${name}`, target: `/home/ada/checkpoints/${target}` };
}

test("keeps what any link leads to, also to a folder or into one", () => {
  const { removed, kept } = planPrune(
    EPOCHS.slice(0, 5),
    NONE,
    [],
    [linkOf("best", "epoch_1.pt"), linkOf("x", "epoch_2.pt/model")],
  );
  assert.equal(namesOf(removed), "3");
  assert.equal(kept.find(({ entry }) => entry.summary.step === 100)?.reason, "best is a link to it");
});

test("thousands of pointers beside thousands of checkpoints cost no comparison of each with each", () => {
  const names = Array.from({ length: 2_000 }, (_, at) => `run-${at}`);
  let asked = 0;
  const links = names.map((run) => ({
    path: `/runs/${run}/latest`,
    get target() {
      asked++;
      return `/runs/${run}/epoch_1.pt`;
    },
    isText: true as const,
  }));
  const entries = names.flatMap((run) =>
    [1, 2].map((epoch) => ({ ...entryOf(`epoch_${epoch}.pt`, epoch), path: `/runs/${run}/epoch_${epoch}.pt`, run })),
  );
  const { kept } = planPrune(entries, NONE, [], links);
  assert.equal(kept.filter(({ reason }) => reason === "latest names it").length, 2_000);
  assert.ok(asked < 40_000, `${asked}`);
});

test("thousands of runs cost no comparison of each checkpoint with each", () => {
  let asked = 0;
  const entries = Array.from({ length: 4_000 }, (_, at) => {
    const run = `run-${Math.floor(at / 4)}`;
    const { path: _path, ...entry } = entryOf(`epoch_${at % 4}.pt`, at);
    return {
      ...entry,
      run,
      get path() {
        asked++;
        return `/runs/${run}/${entry.summary.name}`;
      },
    };
  });
  assert.equal(planPrune(entries, NONE).removed.length, 3_000);
  assert.ok(asked < 200_000, `${asked}`);
});

test("of a plan made again goes only what was agreed to and is still the same", () => {
  const agreed = planPrune(EPOCHS, { ...NONE, keepLast: 2 }).removed.filter(({ summary }) => summary.step !== 100);
  // The trainer deleted the two newest meanwhile and wrote the third epoch again.
  const now = EPOCHS.slice(0, 8).map((entry) => (entry.summary.step === 300 ? { ...entry, modifiedMs: 3001 } : entry));
  const policy = { ...NONE, keepLast: 2 };
  const plan = narrowToAgreed(planPrune(now, policy), agreed, policy);
  assert.deepEqual(
    [namesOf(plan.removed), namesOf(plan.kept.map(({ entry }) => entry)), plan.freedBytes],
    ["6 5 2", "8 7 4 3 1", 3000],
  );
});

test("reads a policy as a person types it", () => {
  assert.deepEqual(parsePrunePolicy("best 2, last 3, every 1000"), { keepBest: 2, keepLast: 3, keepEvery: 1000 });
  assert.deepEqual(parsePrunePolicy("Last 1"), { keepBest: 0, keepLast: 1 });
  assert.deepEqual(parsePrunePolicy("best 1, saves"), { keepBest: 1, keepLast: 0, areSaves: true });
  assert.deepEqual(parsePrunePolicy("best 1, last 3 Saves "), { keepBest: 1, keepLast: 3, areSaves: true });
  for (const wrong of [
    "",
    "best",
    "best -1",
    "every 0",
    "all",
    "last 3 best 2",
    "saves",
    "saves, saves",
    "best saves",
  ]) {
    const read = parsePrunePolicy(wrong);
    assert.ok("problem" in read && read.problem.includes("“saves”"), wrong);
  }
});

test("knows every file of a checkpoint in several files, and no other", () => {
  const siblings = [
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "other-00001-of-00002.safetensors",
    "llama-00001-of-00003.gguf",
    "llama-00002-of-00003.gguf",
    "llama-00001-of-00002.gguf",
    "ckpt-1.index",
    "ckpt-1.data-00000-of-00001",
    "ckpt-10.data-00000-of-00001",
    "epoch_1.pt",
  ];
  const others = (name: string) => partsOf(name, siblings).slice(1);
  assert.deepEqual(others("model.safetensors.index.json"), [
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ]);
  assert.deepEqual(others("llama-00001-of-00003.gguf"), ["llama-00002-of-00003.gguf"]);
  assert.deepEqual(others("ckpt-1.index"), ["ckpt-1.data-00000-of-00001"]);
  assert.deepEqual(others("epoch_1.pt"), []);
  const resolved = [resolveFrom("/w/c", "../a/./b.pt"), resolveFrom("/w", "/x//y/../z"), resolveFrom("C:\\w", "a/b")];
  assert.deepEqual(
    [...resolved, resolveFrom("C:\\w", "\\\\host\\a")],
    ["/w/a/b.pt", "/x/z", "C:\\w\\a\\b", "\\\\host\\a"],
  );
  assert.deepEqual(
    [isBelow("/w/c", "/w/c/a"), isBelow("/w/c", "/w/cc"), isBelow("C:\\c\\", "C:\\c\\a")],
    [true, false, true],
  );
});

function indexOf(name: string, modifiedMs: number, parts: string[]): CheckpointEntry {
  return entryOf(`${name}.safetensors.index.json`, modifiedMs, { format: "safetensors-index", parts });
}

test("two indexes that name a file in common stay together", () => {
  const { removed } = planPrune(
    [
      indexOf("old", 1, ["a.safetensors", "b.safetensors"]),
      indexOf("new", 2, ["a.safetensors"]),
      indexOf("other-step-1", 1, ["c.safetensors"]),
      indexOf("other-step-2", 2, ["d.safetensors"]),
    ],
    NONE,
  );
  assert.equal(namesOf(removed), "other-step-1.safetensors.index.json");
});

test("the highest step stays, since copying may have made an earlier one the newest", () => {
  const copied = [100, 1000, 200, 300].map((step, index) => entryOf(`checkpoint-${step}`, index + 1, { step }));
  const { kept } = planPrune([...copied, entryOf("other-5000", 0, { step: 5000 })], NONE);
  assert.deepEqual(
    kept.map(({ entry, reason }) => `${entry.summary.name}: ${reason}`),
    [
      "checkpoint-300: the newest whole one",
      "checkpoint-1000: the one with the highest step, 1000",
      "other-5000: no other is named like it",
    ],
  );
});

/** What is said above the names. */
function headings(...entries: readonly CheckpointEntry[]): string[] {
  const lines = describePrune(planPrune(entries, NONE)).split("\n");
  return lines.filter((line) => !line.startsWith(" ")).map((line) => line.replace(/,.*/, ""));
}

const NO_METRIC = "No metric was found in them";

test("one checkpoint goes or stays, several go or stay", () => {
  const [one, two, three] = [1, 2, 3].map((step) => entryOf(`epoch_${step}.pt`, step, { step }));
  assert.ok(one && two && three);
  assert.deepEqual(headings(), ["There is nothing to prune."]);
  assert.deepEqual(headings(one), ["Nothing goes; the only checkpoint stays:"]);
  assert.deepEqual(headings(one, two), ["1 checkpoint goes", "1 checkpoint stays:", NO_METRIC]);
  assert.deepEqual(headings(one, two, three), ["2 checkpoints go", "1 checkpoint stays:", NO_METRIC]);
});

test("keeps the checkpoint that the training itself calls its best", () => {
  const saved = [1, 2, 3, 4].map((step) =>
    entryOf(`checkpoint-${step}`, step, { bestName: step < 3 ? "checkpoint-1" : "checkpoint-2" }),
  );
  check(saved, NONE, { goes: "checkpoint-3 checkpoint-1", stays: "checkpoint-4 checkpoint-2" });
});
