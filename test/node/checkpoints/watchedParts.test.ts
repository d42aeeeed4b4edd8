import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildSafetensors } from "../../support/checkpointBuilders.ts";
import { GIVE_UP_MS, isListed, watchFolder } from "../../support/observedWatch.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("announces a model in parts without an index once, when all its parts are there", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  for (const part of [1, 2]) {
    writeFileSync(
      join(folder, `model-0000${part}-of-00002.safetensors`),
      buildSafetensors({ [`w${part}`]: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 8),
    );
    await observer.untilNth("writing", "model-00001-of-00002.safetensors", 1);
  }
  await observer.untilNth("complete", "model-00001-of-00002.safetensors", 1);
  const complete = observer.events.find(({ kind }) => kind === "complete");
  assert.ok(complete?.kind === "complete");
  assert.deepEqual([complete.summary.tensorCount, complete.summary.completeness.state], [2, "whole"]);
  assert.equal(observer.countOf("complete", ".safetensors"), 1);
});

test("announces an index that was written before its shards as complete once they are there", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const index = { weight_map: { a: shards[0], b: shards[1] } };
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
  await observer.untilNth("writing", "model.safetensors.index.json", 1);
  for (const [at, name] of shards.entries()) {
    const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
    writeFileSync(join(folder, name), buildSafetensors({ [at === 0 ? "a" : "b"]: tensor }, 8));
  }
  await observer.untilNth("complete", "model.safetensors.index.json", 1);
  assert.deepEqual(observer.kindsFor("model.safetensors.index.json"), ["writing", "complete"]);
});

test("parts of an index are none of their own, whatever they are called, and it is complete once they are", {
  timeout: GIVE_UP_MS,
}, async (context) => {
  const folder = temporaryFolder(context);
  const parts = {
    text: ["encoder.safetensors", "decoder.safetensors"],
    image: ["vision.safetensors", "fusion.safetensors"],
  };
  const write = (name: string, tensor: string) =>
    writeFileSync(
      join(folder, name),
      buildSafetensors({ [tensor]: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 8),
    );
  const writeIndex = (name: keyof typeof parts) =>
    writeFileSync(
      join(folder, `${name}.safetensors.index.json`),
      JSON.stringify({ weight_map: { a: parts[name][0], b: parts[name][1] } }),
    );
  // One model was there before, of the other the index comes first.
  write("encoder.safetensors", "a");
  write("decoder.safetensors", "b");
  writeIndex("text");
  const observer = watchFolder(context, folder);
  await observer.until(isListed);
  writeIndex("image");
  await observer.untilNth("writing", "image.safetensors.index.json", 1);
  write("vision.safetensors", "a");
  write("fusion.safetensors", "b");
  await observer.untilNth("complete", "image.safetensors.index.json", 1);
  write("decoder.safetensors", "b");
  await observer.untilNth("complete", "text.safetensors.index.json", 1);
  assert.deepEqual(observer.kindsFor("image.safetensors.index.json"), ["writing", "complete"]);
  assert.deepEqual(observer.kindsFor("text.safetensors.index.json"), ["writing", "complete"]);
  for (const name of [...parts.text, ...parts.image]) {
    assert.deepEqual(observer.kindsFor(name), [], name);
  }
});
