import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import type { CheckpointFolder } from "../../../src/core/checkpoints/checkpointFolder.ts";
import { readCheckpointFolder } from "../../../src/core/checkpoints/folders/readCheckpointFolder.ts";
import { readCheckpointFile } from "../../../src/core/checkpoints/readCheckpointFile.ts";

import { buildZip, bytesOf, u32, u64 } from "../../support/checkpointBuilders.ts";
import { folderOf } from "../../support/checkpointFolders.ts";

async function stateOf(name: string, bytes: Uint8Array): Promise<string> {
  const { completeness, format } = await readCheckpointFile(byteSourceOf(bytes), name);
  return `${format} ${completeness.state}: ${completeness.reason}`;
}

const signature = "\x89HDF\r\n\x1a\n";
const superblock0 = (end: number): Uint8Array =>
  bytesOf(signature, [0, 0, 0, 0, 0, 8, 8, 0], u32(0), u32(0), u64(0), u64(0), u64(end), u64(0), new Uint8Array(40));
const superblock3 = (end: number, flags: number): Uint8Array =>
  bytesOf(signature, [3, 8, 8, flags], u64(0), u64(0), u64(end), new Uint8Array(40));

test("compares an HDF5 file with the end its superblock states", async () => {
  const length = superblock0(0).length;
  const real = new Uint8Array(readFileSync("test/fixtures/checkpoints/formats/earliest.h5"));
  assert.equal(await stateOf("a.h5", real), "hdf5 whole: its length is what its superblock says");
  assert.match(await stateOf("a.h5", superblock0(length)), /^hdf5 unknown: its groups cannot be followed/);
  assert.equal(await stateOf("a.h5", superblock0(length + 1)), `hdf5 torn: ${length} of ${length + 1} bytes are there`);
  assert.equal(await stateOf("a.h5", superblock0(0).subarray(0, 30)), "hdf5 torn: it ends inside its superblock");
  assert.match(await stateOf("a.h5", superblock3(60, 0)), /^hdf5 unknown: its groups cannot be followed/);
  assert.match(await stateOf("a.h5", superblock3(60, 1)), /^hdf5 unknown: a program has it open for writing/);
});

function file(name: string, text: string): { name: string; bytes: Uint8Array } {
  return { name, bytes: bytesOf(text) };
}

test("reads the version of a Keras file and needs model and weights in it", async () => {
  const metadata = file("metadata.json", '{"keras_version": "3.8.0", "date_saved": "2026-01-01"}');
  const config = file("config.json", "{}");
  const weights = new Uint8Array(readFileSync("test/fixtures/checkpoints/formats/model.weights.h5"));
  const bytes = buildZip([metadata, config, { name: "model.weights.h5", bytes: weights }]);
  const { framework, completeness } = await readCheckpointFile(byteSourceOf(bytes), "a.keras");
  assert.deepEqual([framework, completeness.state], [{ name: "Keras", version: "3.8.0" }, "whole"]);
  assert.match(await stateOf("a.keras", bytes.subarray(0, -4)), /^keras torn/);
  assert.match(await stateOf("a.keras", buildZip([metadata])), /^keras unknown/);
  for (const text of ["", "x", "nothing of HDF5"]) {
    assert.equal(
      await stateOf("a.keras", buildZip([metadata, config, file("model.weights.h5", text)])),
      "keras unknown: model.weights.h5: it is no file of HDF5",
    );
  }
});

test("says truthfully what it cannot judge", async () => {
  assert.equal(await stateOf("a.pt", new Uint8Array()), "unknown torn: it is empty");
  assert.equal(await stateOf("a.pt", new Uint8Array(5000)), "unknown torn: it has no content yet");
  assert.equal(await stateOf("a.pt", bytesOf("hi")), "unknown unknown: its format is not one that can be judged");
  assert.equal(await stateOf("a.pt", bytesOf("P")), "unknown torn: it ends after 1 byte");
  assert.equal(await stateOf("a.pt", Uint8Array.of(0x89, 0x48, 0x44)), "unknown torn: it ends after 3 bytes");
  assert.equal(
    await stateOf("a.bin", bytesOf("something else entirely")),
    "unknown unknown: its format is not one that can be judged",
  );
});

test("takes epoch and step from the name only where the file does not say", async () => {
  const named = await readCheckpointFile(
    byteSourceOf(bytesOf("something else entirely")),
    "epoch=3-step=12-val_loss=0.5.bin",
  );
  assert.deepEqual([named.epoch, named.step, named.metrics], [3, 12, { val_loss: 0.5 }]);
  const bytes = new Uint8Array(readFileSync("test/fixtures/checkpoints/checkpoint_epoch_3.pt"));
  assert.equal((await readCheckpointFile(byteSourceOf(bytes), "checkpoint_epoch_99.pt")).epoch, 3);
});

const trainerFiles = [
  "model.safetensors",
  "optimizer.pt",
  "scheduler.pt",
  "rng_state.pth",
  "config.json",
  "trainer_state.json",
];

test("reads a trainer folder, with the NaN that Python writes", async () => {
  const contents = trainerFiles.map(
    (part) => [part, readFileSync(`test/fixtures/checkpoints/checkpoint-40/${part}`)] as const,
  );
  const summary = (await readCheckpointFolder(folderOf("checkpoint-40", Object.fromEntries(contents)))).summary;
  assert.deepEqual(summary.metrics, { loss: 0.7, eval_loss: 0.6, eval_accuracy: 0.8, best_metric: 0.5 });
  assert.deepEqual([summary.epoch, summary.step, summary.parameterCount], [2, 40, 20]);
  assert.deepEqual(summary.framework, { name: "Transformers", version: "4.57.1" });
  assert.equal(summary.bestName, "checkpoint-20");
  assert.deepEqual([summary.hasOptimizerState, summary.hasSchedulerState], [true, true]);
  const renamed = (await readCheckpointFolder(folderOf("checkpoint-60", Object.fromEntries(contents)))).summary;
  assert.deepEqual(renamed.completeness, {
    state: "unknown",
    reason: "its name says step 60, its trainer_state.json says 40",
  });
});

/** The state of a Trainer that logged this many rows, as Python writes it. */
function longState(rows: number): string {
  const log = Array.from(
    { length: rows },
    (_, row) =>
      `    {\n      "epoch": ${row / 1000},\n      "grad_norm": NaN,\n      "loss": ${1 / (row + 1)},\n      "step": ${row}\n    }`,
  );
  const head = '{\n  "best_metric": 0.5,\n  "epoch": 3.0,\n  "global_step": 40,\n  "log_history": [\n';
  const tail =
    '\n  ],\n  "max_steps": 60,\n  "stateful_callbacks": {\n    "TrainerControl": {\n      "args": {}\n    }\n  }\n}\n';
  return head + log.join(",\n") + tail;
}

test("reads the two ends of a long trainer_state.json, and knows when its end is missing", async () => {
  const weights = readFileSync("test/fixtures/checkpoints/checkpoint-40/model.safetensors");
  let readBytes = 0;
  const summaryWith = async (text: string) => {
    const folder = folderOf("checkpoint-40", { "model.safetensors": weights, "trainer_state.json": text });
    readBytes = 0;
    const counted: CheckpointFolder = {
      ...folder,
      open: (name, read) =>
        folder.open(name, (source) =>
          read({
            ...source,
            read: (offset, length) => {
              readBytes += length;
              return source.read(offset, length);
            },
          }),
        ),
    };
    const { completeness, epoch, step, metrics } = (await readCheckpointFolder(counted)).summary;
    return { state: completeness.state, epoch, step, metrics };
  };
  const rows = 20_000;
  const text = longState(rows);
  const expected = {
    state: "whole",
    epoch: 3,
    step: 40,
    metrics: { loss: 1 / rows, best_metric: 0.5 },
  };
  assert.deepEqual(await summaryWith(text), expected);
  assert.ok(readBytes < 400_000 && text.length > 1_500_000, `${readBytes} of ${text.length} bytes`);
  assert.deepEqual(await summaryWith(text.replaceAll("\n", "\r\n")), expected);
  assert.deepEqual(await summaryWith(text.replaceAll(/\n */g, "")), expected, "another layout is read whole");
  for (const cut of [1, 2, 10, 100, 100_000, 1_000_000]) {
    assert.equal((await summaryWith(text.trimEnd().slice(0, -cut))).state, "torn", `without the last ${cut} bytes`);
  }
  assert.equal((await summaryWith(`{"global_step": 40${" ".repeat(65 * 1024 * 1024)}}`)).state, "unknown");
});

test("does not let a strange trainer_state.json change anything but its own facts", async () => {
  const weights = readFileSync("test/fixtures/checkpoints/checkpoint-40/model.safetensors");
  const states: [string, string][] = [
    ["[]", "torn"],
    ["{", "torn"],
    ["", "torn"],
    ['{"global_step": 40, "global_step": 41}', "torn"],
    ['{"global_step": "40"}', "unknown"],
    ['{"global_step": 40, "epoch": Infinity, "log_history": 7}', "whole"],
    ['{"global_step": 40, "log_history": [null, 3, {"loss": "x", "__proto__": {"polluted": 1}}]}', "whole"],
  ];
  for (const [text, state] of states) {
    const folder = folderOf("checkpoint-40", {
      "model.safetensors": weights,
      "trainer_state.json": text,
      "config.json": "{",
    });
    assert.equal((await readCheckpointFolder(folder)).summary.completeness.state, state, text);
  }
  assert.equal("polluted" in {}, false);
});
