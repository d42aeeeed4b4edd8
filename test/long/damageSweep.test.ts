import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../src/core/base/byteSource.ts";
import { UserError } from "../../src/core/base/errors.ts";
import type { CheckpointSummary } from "../../src/core/checkpoints/checkpointSummary.ts";
import { readFileGroup } from "../../src/core/checkpoints/fileGroup.ts";
import { readCheckpointFile } from "../../src/core/checkpoints/readCheckpointFile.ts";
import { contentsOfFolder, folderOf } from "../support/checkpointFolders.ts";

/** Of all cuts and changes of one file; each takes a tenth of a millisecond. */
const MAX_CPU_MS = 6_000;
/** A file of up to this size is cut after each of its bytes, a larger one at as many places. */
const MAX_CUTS = 500;
const CHANGES = 200;

type Format = {
  path: string;
  /** Stretches whose every byte the format has a checksum for, from the beginning or, where negative, from the end. */
  checked?: readonly (readonly [from: number, to: number])[];
  /** A file that stands for it and is read with all beside it. */
  index?: string;
};

const formats: readonly Format[] = [
  // Of a zip every byte of an entry counts; behind them the directory has none, and the pickle is described without it.
  { path: "quint4.pt", checked: [[64, 250]] },
  { path: "tied_views.pt", checked: [[64, 300]] },
  { path: "legacy_protocol_4.pt" },
  { path: "model.safetensors" },
  { path: "model.gguf" },
  { path: "formats/plain.npy" },
  { path: "formats/structured.npy" },
  { path: "formats/objects.npy" },
  { path: "formats/params.npz", checked: [[60, 160]] },
  { path: "formats/compressed.npz" },
  { path: "formats/model.pkl" },
  { path: "formats/protocol0.pkl" },
  { path: "formats/model.joblib" },
  { path: "formats/gzip.joblib", checked: [[20, 400]] },
  { path: "formats/zlib.joblib", checked: [[20, 400]] },
  { path: "formats/model.weights.h5" },
  { path: "formats/latest.h5" },
  { path: "formats/model.keras", checked: [[60, 400]] },
  { path: "formats/bundle/ckpt-1.index", index: "ckpt-1.index", checked: [[0, -100]] },
  { path: "formats/bundle/ckpt-1.data-00000-of-00001", index: "ckpt-1.index" },
  { path: "formats/distributed/.metadata", index: ".metadata" },
  { path: "formats/distributed/__0_0.distcp", index: ".metadata" },
  { path: "formats/split-00002-of-00003.gguf" },
];

const root = "test/fixtures/checkpoints";

function readerOf({ path, index }: Format): (bytes: Uint8Array) => Promise<CheckpointSummary> {
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  if (index === undefined) {
    return (bytes) => readCheckpointFile(byteSourceOf(bytes), name);
  }
  const contents = contentsOfFolder(`${root}/${parts.join("/")}`);
  return async (bytes) => (await readFileGroup(folderOf("folder", { ...contents, [name]: bytes }), index)).summary;
}

function isChecked({ checked = [] }: Format, at: number, length: number): boolean {
  return checked.some(([from, to]) => at >= from && at < (to < 0 ? length + to : to) && at < length);
}

for (const format of formats) {
  test(`${format.path} is not whole with a part missing, or a byte changed that is checked`, async () => {
    const bytes = new Uint8Array(readFileSync(`${root}/${format.path}`));
    const read = readerOf(format);
    const state = async (changed: Uint8Array, what: string): Promise<string> => {
      try {
        return (await read(changed)).completeness.state;
      } catch (error) {
        assert.ok(error instanceof UserError, `${what}: ${String(error)}`);
        return "refused";
      }
    };
    const before = process.cpuUsage();
    assert.equal(await state(bytes, "as it is"), "whole");
    const step = Math.max(1, bytes.length / MAX_CUTS);
    for (let length = 0; length < bytes.length; length += step) {
      const cut = Math.floor(length);
      assert.notEqual(await state(bytes.subarray(0, cut), `cut to ${cut}`), "whole", `${cut} of ${bytes.length}`);
    }
    for (let place = 0; place < bytes.length; place += Math.max(1, bytes.length / CHANGES)) {
      const at = Math.floor(place);
      const changed = bytes.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte));
      const found = await state(changed, `byte ${at} changed`);
      assert.ok(found !== "whole" || !isChecked(format, at, bytes.length), `byte ${at} of ${bytes.length}`);
    }
    const cpuMs = process.cpuUsage(before).user / 1_000;
    assert.ok(cpuMs < MAX_CPU_MS, `took ${cpuMs} ms of the processor`);
  });
}
