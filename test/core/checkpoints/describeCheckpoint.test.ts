import assert from "node:assert/strict";
import { test } from "node:test";
import { renderBytes } from "../../../src/core/base/renderBytes.ts";
import {
  describeCheckpoint,
  describeCheckpointFolder,
  describeCheckpointFully,
} from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { entryOf, summaryOf } from "../../support/checkpointSummaries.ts";

test("says in one line what a checkpoint is", () => {
  const summary = summaryOf("checkpoint_epoch_3.pt", {
    epoch: 3,
    step: 135,
    metrics: { train_loss: 0.1, val_acc: 0.953 },
    sizeBytes: 1_234_567,
  });
  assert.equal(
    describeCheckpoint(summary),
    "checkpoint_epoch_3.pt — epoch 3 · step 135 · val_acc 0.953 · 1.2 MB · whole",
  );
  const torn = summaryOf("a.pt", {
    epoch: 7,
    completeness: { state: "torn", reason: "the directory at its end is missing" },
  });
  assert.equal(describeCheckpoint(torn), "a.pt — epoch 7 · 1.0 kB · torn: the directory at its end is missing");
  const harmful = summaryOf("a.pt", { imports: [{ name: "os.system", trust: "dangerous" }] });
  assert.equal(describeCheckpoint(harmful), "a.pt — 1.0 kB · whole · would run code when loaded: os.system");
});

test("draws a folder newest first, with the best and the newest whole one marked", () => {
  const text = describeCheckpointFolder(
    {
      kind: "listed",
      folder: "/w/checkpoints",
      entries: [
        entryOf("a.pt", 1, { epoch: 1, metrics: { val_loss: 0.2 } }),
        entryOf("b.pt", 2, { epoch: 2, metrics: { val_loss: 0.3 } }),
        entryOf("c.pt", 3, { epoch: 3, completeness: { state: "torn", reason: "cut" } }),
      ],
      temporary: [{ path: "/w/checkpoints/d.pt.tmp", sizeBytes: 5000 }],
      unreadable: [{ path: "/w/checkpoints/e.pt", reason: "It may not be read with your permissions." }],
    },
    { disk: { freeBytes: 5e9, nowMs: 10 } },
  );
  assert.equal(
    text,
    [
      "- **c.pt** · epoch 3 · 1.0 kB · torn: cut",
      "- **b.pt** · epoch 2 · val_loss 0.3 · 1.0 kB · whole · **newest whole**",
      "- **a.pt** · epoch 1 · val_loss 0.2 · 1.0 kB · whole · **best**",
      "",
      "3 checkpoints (2 whole, 1 torn), 3.0 kB. 5.0 GB free on the disk. Best by val_loss (lower is better): a.pt with 0.2.",
      "",
      "1 unfinished under temporary names, 5.0 kB.",
      "",
      "1 could not be read: /w/checkpoints/e.pt: It may not be read with your permissions.",
    ]
      .join("\n")
      .replace("permissions.", "permissions."),
  );
});

test("marks the newest to resume from where the newest whole one has lost its loss", () => {
  const entries = [0.2, Number.NaN].map((loss, index) =>
    entryOf(`${index}.pt`, index, { metrics: { val_loss: loss } }),
  );
  const text = describeCheckpointFolder({ kind: "listed", folder: "/w", entries, temporary: [], unreadable: [] });
  const marks = text.split("\n").filter((line) => line.includes("newest"));
  assert.deepEqual(marks, ["- **0.pt** · val_loss 0.2 · 1.0 kB · whole · **best** · **newest to resume from**"]);
});

test("says how many types are not named", () => {
  const dtypes = ["float32", "float16", "bfloat16", "int8", "uint8", "int64", "bool", "float64"];
  const text = describeCheckpointFully(summaryOf("a.pt", { tensorCount: 8, parameterCount: 8, dtypes }));
  assert.match(text, /float32, .*int64, and 2 more types$/m);
});

test("shows twenty rows of a thousand", () => {
  const entries = Array.from({ length: 1000 }, (_, index) => entryOf(`${index}.pt`, index));
  const text = describeCheckpointFolder({ kind: "listed", folder: "/w", entries, temporary: [], unreadable: [] });
  assert.equal(text.match(/^- \*\*\d+\.pt\*\* /gm)?.length, 20);
  assert.match(text, /… and 980 more\./);
});

test("says that a folder is empty or missing in a sentence", () => {
  assert.equal(
    describeCheckpointFolder({ kind: "listed", folder: "/w", entries: [], temporary: [], unreadable: [] }),
    "No checkpoints in /w yet.",
  );
  assert.equal(describeCheckpointFolder({ kind: "folder-missing", folder: "/w", message: "Gone." }), "Gone.");
});

test("says that the best and the newest are so only of those that load without code of their own", () => {
  const own = { imports: [{ name: "train.Config", trust: "unlisted" }] } as const;
  const entries = [0.4, 0.2].map((loss, index) =>
    entryOf(`${index}.pt`, index, { metrics: { val_loss: loss }, ...(index === 1 ? own : {}) }),
  );
  const text = describeCheckpointFolder({ kind: "listed", folder: "/w", entries, temporary: [], unreadable: [] });
  assert.match(text, /0\.pt\*\* .*\*\*newest to resume from\*\*$/m);
  assert.match(text, /0\.pt with 0\.4, of those that load without code of their own\.$/m);
});

test("keeps names and values from files inside their line", () => {
  const entry = entryOf("a|b\n`c`<d>\u001b[31m", 1);
  const text = describeCheckpointFolder({
    kind: "listed",
    folder: "/w",
    entries: [entry],
    temporary: [],
    unreadable: [],
  });
  assert.equal(text.split("\n")[0], "- **a\\|b \\`c\\`\\<d> \\[31m** · 1.0 kB · whole · **newest whole**");
  const full = describeCheckpointFully(summaryOf("a", { hyperParameters: { "x\n- y": "*z*" } }));
  assert.equal(full.split("\n").at(-1), '- Hyper-parameters: x - y="\\*z\\*"');
});

test("writes sizes in the units of disks", () => {
  assert.deepEqual([0, 999, 1000, 1_250_000, 99_960, 3e12].map(renderBytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "1.3 MB",
    "100.0 kB",
    "3.0 TB",
  ]);
});

test("settings that are no finite numbers are told as they are", () => {
  const hyperParameters = { clip: Number.POSITIVE_INFINITY, lr: Number.NaN, betas: [0.9, Number.NEGATIVE_INFINITY] };
  const full = describeCheckpointFully(summaryOf("a", { hyperParameters }));
  assert.match(full, /clip=Infinity, lr=NaN, betas=.*0\.9,"-Infinity"/);
});
