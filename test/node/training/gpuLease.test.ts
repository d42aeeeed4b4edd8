import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { acquireGpuLease, listGpuLeases, releaseGpuLease } from "../../../src/node/training/gpuLease.ts";
import { spawnNode, waitForOutput } from "../../support/runFixtures.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "leases-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const living = new Set([1, 2]);
const isAlive = async ({ holder }: { holder: { pid: number } }) => living.has(holder.pid);

function lease(runId: string, pid: number) {
  const holder = { pid, startTime: "t" };
  return { schemaVersion: 1 as const, uuid: "GPU-1", runId, title: runId, holder, acquiredAt: "2026-01-01T00:00:00Z" };
}

test("gives a GPU to one run at a time", async () => {
  assert.deepEqual(await acquireGpuLease(folder, lease("a", 1), isAlive), { kind: "acquired" });
  assert.deepEqual(await acquireGpuLease(folder, lease("b", 2), isAlive), { kind: "taken", by: lease("a", 1) });
  assert.deepEqual(await acquireGpuLease(folder, lease("a", 1), isAlive), { kind: "acquired" });
});

test("replaces the lease of a process that is gone, and leaves nothing else behind", async () => {
  await acquireGpuLease(folder, lease("dead", 99), isAlive);
  assert.deepEqual(await listGpuLeases(folder, isAlive), []);
  assert.deepEqual(await acquireGpuLease(folder, lease("b", 2), isAlive), { kind: "acquired" });
  assert.deepEqual(await listGpuLeases(folder, isAlive), [lease("b", 2)]);
  assert.deepEqual(await readdir(folder), ["GPU-1.json"]);
});

test("a run keeps its GPU when another process takes the run over", async () => {
  await acquireGpuLease(folder, lease("a", 99), isAlive);
  assert.deepEqual(await acquireGpuLease(folder, lease("a", 1), isAlive), { kind: "acquired" });
  assert.deepEqual(await listGpuLeases(folder, isAlive), [lease("a", 1)]);
  assert.deepEqual(await readdir(folder), ["GPU-1.json"]);
});

test("replaces a file that is no lease", async () => {
  await writeFile(join(folder, "GPU-1.json"), "{");
  assert.deepEqual(await acquireGpuLease(folder, lease("a", 1), isAlive), { kind: "acquired" });
});

test("gives a stale GPU to exactly one of many that try at once", async () => {
  await acquireGpuLease(folder, lease("dead", 99), isAlive);
  const tries = Array.from({ length: 8 }, (_, index) => acquireGpuLease(folder, lease(`run-${index}`, 1), isAlive));
  const outcomes = await Promise.all(tries);
  assert.equal(outcomes.filter(({ kind }) => kind === "acquired").length, 1);
});

/** Takes every GPU in turn as soon as the file `go` is there, and prints which it was given. */
const TAKER = `
import { existsSync } from "node:fs";
const [module, folder, runId, count] = process.argv.slice(1);
const { acquireGpuLease } = await import(module);
console.log("ready");
while (!existsSync(folder + "/go")) {
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const start = Date.now();
for (let gpu = 0; gpu < Number(count); gpu++) {
  await new Promise((resolve) => setTimeout(resolve, start + gpu * 5 - Date.now()));
  const holder = { pid: process.pid, startTime: "t" };
  const lease = { schemaVersion: 1, uuid: "GPU-" + gpu, runId, title: runId, holder, acquiredAt: "2026-01-01T00:00:00Z" };
  const { kind } = await acquireGpuLease(folder, lease, async ({ holder: { pid } }) => pid !== 1);
  if (kind === "acquired") {
    console.log("took " + lease.uuid);
  }
}
`;

test("several processes at once never take the same GPU, also where the lease of a dead one lies there", async () => {
  const count = 150;
  for (let gpu = 0; gpu < count; gpu++) {
    const dead = { ...lease("dead", 1), uuid: `GPU-${gpu}` };
    await writeFile(join(folder, `GPU-${gpu}.json`), JSON.stringify(dead));
  }
  const module = new URL("../../../src/node/training/gpuLease.ts", import.meta.url).href;
  const takers = ["a", "b", "c"].map((runId) =>
    spawnNode(["--input-type=module", "-e", TAKER, module, folder, runId, String(count)]),
  );
  await Promise.all(takers.map((taker) => waitForOutput(taker, "ready")));
  await writeFile(join(folder, "go"), "");
  await Promise.all(takers.map(({ ended }) => ended));
  const taken = takers.flatMap(({ output }) => output.match(/GPU-\d+/g) ?? []);
  assert.deepEqual([taken.length, new Set(taken).size], [count, count]);
});

test("releases only its own lease", async () => {
  await acquireGpuLease(folder, lease("a", 1), isAlive);
  await releaseGpuLease(folder, "GPU-1", "b");
  assert.equal((await readdir(folder)).length, 1);
  await releaseGpuLease(folder, "GPU-1", "a");
  assert.deepEqual(await readdir(folder), []);
});

test("reads a state folder that does not exist as no lease", async () => {
  assert.deepEqual(await listGpuLeases(join(folder, "none"), isAlive), []);
});
