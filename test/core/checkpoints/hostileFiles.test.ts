import assert from "node:assert/strict";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import type { CheckpointSummary } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { describeCheckpointFully } from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { leastTrustOf } from "../../../src/core/checkpoints/importedName.ts";
import { readCheckpointFile } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { buildSafetensors, buildTorchZip, bytesOf } from "../../support/checkpointBuilders.ts";
import { hostileArchives, hostileSafetensors, twoFacedArchives } from "../../support/hostileContainers.ts";
import { readLoaders, repeatedLoader, unreadLoaders } from "../../support/hostileLoaders.ts";
import { densePickles, hostilePickles, hostileTensors, importChains } from "../../support/hostilePickles.ts";

/** Ten times what the slowest of these takes, of this process's own time; the attacks would take minutes or all memory. */
const MAX_CPU_MS = 3_000;
const MAX_MEGABYTES = 400;

async function survive(name: string, bytes: Uint8Array): Promise<CheckpointSummary> {
  const memory = process.memoryUsage().rss;
  const started = process.cpuUsage();
  const summary = await readCheckpointFile(byteSourceOf(bytes), name);
  const text = describeCheckpointFully(summary);
  const { user, system } = process.cpuUsage(started);
  const tookMs = (user + system) / 1_000;
  assert.ok(tookMs < MAX_CPU_MS, `took ${tookMs} ms`);
  assert.ok((process.memoryUsage().rss - memory) / 1e6 < MAX_MEGABYTES, "took too much memory");
  assert.ok(text.length < 20_000, `the description has ${text.length} characters`);
  JSON.stringify(summary);
  return summary;
}

for (const [what, pickle] of Object.entries({ ...hostilePickles, ...densePickles })) {
  test(`survives a pickle with ${what}`, async () => {
    const summary = await survive("a.pt", buildTorchZip(pickle));
    assert.ok(["whole", "unknown"].includes(summary.completeness.state), summary.completeness.reason);
    assert.equal("polluted" in {}, false);
    const cut = await survive("a.pt", buildTorchZip(pickle).subarray(0, -30));
    assert.equal(cut.completeness.state, "torn");
  });
}

for (const [what, pickle] of Object.entries(hostileTensors)) {
  test(`survives a tensor with ${what}`, async () => {
    const summary = await survive("a.pt", buildTorchZip(pickle, { "0": new Uint8Array(16) }));
    assert.notEqual(summary.completeness.reason, "");
  });
}

for (const [what, bytes] of Object.entries(hostileArchives)) {
  test(`does not take an archive for whole with ${what}`, async () => {
    const summary = await survive("a.pt", bytes);
    assert.notEqual(summary.completeness.state, "whole");
  });
}

for (const [what, bytes] of Object.entries(twoFacedArchives)) {
  test(`names what either object would import in an archive with ${what}`, async () => {
    const { completeness, imports } = await survive("a.pt", bytes);
    assert.equal(completeness.state, "unknown", completeness.reason);
    assert.deepEqual(imports, [{ name: "os.system", trust: "dangerous" }]);
  });
}

for (const [what, bytes] of Object.entries(hostileSafetensors)) {
  test(`does not take safetensors for whole with ${what}`, async () => {
    const summary = await survive("a.safetensors", bytes);
    assert.notEqual(summary.completeness.state, "whole");
  });
}

test("keeps a tensor and metadata that are named like a prototype", async () => {
  const header =
    '{"__metadata__":{"__proto__":"1","val_loss":"0.5"},"__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const summary = await survive("a.safetensors", buildSafetensors(header, 8));
  assert.deepEqual([summary.completeness.state, summary.tensorCount, summary.metrics], ["whole", 1, { val_loss: 0.5 }]);
});

test("names the callable at the end of an import chain", async () => {
  for (const [pickle, expected] of importChains) {
    const { imports } = await survive("a.pt", buildTorchZip(bytesOf(pickle)));
    const flagged = imports.filter(({ trust }) => trust !== "known");
    const isSeen = !expected.startsWith("what follows");
    assert.deepEqual(flagged, [{ name: expected, trust: isSeen ? "dangerous" : "unlisted" }]);
  }
});

for (const [what, pickle] of Object.entries(unreadLoaders)) {
  test(`says that code would run where torch is to load ${what}`, async () => {
    for (const [name, bytes] of [["a.pkl", pickle] as const, ["a.pt", buildTorchZip(pickle)] as const]) {
      const { imports } = await survive(name, bytes);
      assert.equal(leastTrustOf(imports), "dangerous", JSON.stringify(imports));
    }
  });
}

test("reads bytes that torch is to load once, and does not warn of what it has read", async () => {
  for (const pickle of [...readLoaders, repeatedLoader]) {
    const { imports, completeness } = await survive("a.pkl", pickle);
    assert.deepEqual([leastTrustOf(imports), completeness.state], ["known", "whole"]);
  }
});
