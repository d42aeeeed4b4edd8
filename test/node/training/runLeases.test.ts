import assert from "node:assert/strict";
import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { identifyProcess } from "../../../src/node/base/processIdentity.ts";
import { acquireGpuLease, listGpuLeases } from "../../../src/node/training/gpuLease.ts";
import { findAhead, queueUp } from "../../../src/node/training/queueTickets.ts";
import { type HoldGpus, holdingGpus, leaseAll, userLeases } from "../../../src/node/training/runLeases.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { waitUntil } from "../../support/runFixtures.ts";

/** Lets the state folder of the user be elsewhere until the test ends. */
async function useStateFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-state-"));
  const before = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = folder;
  context.after(async () => {
    if (before === undefined) {
      delete process.env["XDG_STATE_HOME"];
    } else {
      process.env["XDG_STATE_HOME"] = before;
    }
    await rm(folder, { recursive: true });
  });
  return folder;
}

const { record } = buildRun("running");
const gpu = { index: 0, uuid: "GPU-1", name: "NVIDIA A10G" };
const onGpu = { ...record, plan: { ...record.plan, device: { kind: "cuda" as const, reason: "idle", gpus: [gpu] } } };

async function held(): Promise<string[]> {
  const { folder, isAlive } = userLeases();
  return (await listGpuLeases(folder, isAlive)).map(({ uuid, runId }) => `${uuid} ${runId}`);
}

test("a run holds its GPUs while it works, and gives them back even when it fails", async (context) => {
  await useStateFolder(context);
  assert.deepEqual(await holdingGpus(onGpu, held), [`GPU-1 ${record.id}`]);
  assert.deepEqual(await held(), []);
  await assert.rejects(
    holdingGpus(onGpu, () => Promise.reject(new Error("out of memory"))),
    { message: "out of memory" },
  );
  assert.deepEqual(await held(), []);
});

test("a run on the CPU holds nothing", async (context) => {
  await useStateFolder(context);
  assert.deepEqual(await holdingGpus(record, held), []);
});

test("a run holds the GPUs that it takes by itself, once each, until it ends", async (context) => {
  await useStateFolder(context);
  let late: HoldGpus | undefined;
  await holdingGpus(record, async (_problem, hold) => {
    late = hold;
    assert.equal(await hold([gpu]), undefined);
    assert.equal(await hold([gpu]), undefined);
    assert.deepEqual(await held(), [`GPU-1 ${record.id}`]);
    const other = { ...record, id: "20261121-020000-other-0002" };
    const problem = await holdingGpus(other, (_none, holdToo) => holdToo([gpu]));
    assert.equal(problem, `GPU 0 is used by run ${record.id} too.`);
    // What is asked for in the last moment is given back too.
    void hold([{ index: 1, uuid: "GPU-2" }]);
  });
  assert.deepEqual(await held(), []);
  assert.equal(await late?.([gpu]), undefined);
  assert.deepEqual(await held(), []);
});

test("a state folder that cannot be written does not stop the training", async (context) => {
  const folder = await useStateFolder(context);
  await writeFile(join(folder, "trainyard"), "a file in the folder's place");
  const problem = await holdingGpus(onGpu, async (found) => found);
  assert.match(problem ?? "", /^GPU 0 could not be reserved for this run: .*ENOTDIR/);
});

test("a GPU that another run took meanwhile is named together with that run", async (context) => {
  await useStateFolder(context);
  const other = { ...onGpu, id: "20261121-020000-other-0002" };
  const problem = await holdingGpus(other, () => holdingGpus(onGpu, async (found) => found));
  assert.equal(problem, "GPU 0 is used by run 20261121-020000-other-0002 too.");
});

/** A process of this machine, as a container with a host name of its own writes it down. */
const ELSEWHERE = { ...(identifyProcess(process.pid) ?? { pid: 1, startTime: "" }), host: "3f2b1c0d9e8a" };
const LONG_AGO = new Date("2025-01-01T00:00:00Z");

test("a lease of another host name holds its GPU as long as somebody touches it", async (context) => {
  await useStateFolder(context);
  const { folder, isAlive } = userLeases();
  const acquiredAt = "2025-01-01T00:00:00Z";
  const lease = {
    schemaVersion: 1 as const,
    uuid: "GPU-1",
    runId: "away",
    title: "away",
    holder: ELSEWHERE,
    acquiredAt,
  };
  await acquireGpuLease(folder, lease, isAlive);
  assert.deepEqual(await held(), ["GPU-1 away"]);
  assert.equal(await leaseAll(record, ["GPU-1"]), false);
  await utimes(join(folder, "GPU-1.json"), LONG_AGO, LONG_AGO);
  assert.deepEqual(await held(), []);
  assert.equal(await leaseAll(record, ["GPU-1"]), true);
});

test("a ticket of another host name is served first as long as somebody writes it anew", async (context) => {
  await useStateFolder(context);
  const gpus = { kind: "gpu" as const, devices: [] };
  const earlier = { ...record, id: "away", createdAt: "2025-01-01T00:00:00Z" };
  await queueUp(earlier, gpus);
  const path = join(userLeases().folder, "queue", "20250101T000000Z-away.json");
  await writeFile(path, JSON.stringify({ schemaVersion: 1, runId: "away", holder: ELSEWHERE, ...gpus }));
  assert.equal((await findAhead(record, gpus)).count, 1);
  await utimes(path, LONG_AGO, LONG_AGO);
  assert.equal((await findAhead(record, gpus)).count, 0);
});

test("a run says now and then that it still holds its GPUs", async (context) => {
  await useStateFolder(context);
  context.mock.timers.enable({ apis: ["setInterval"] });
  await holdingGpus(onGpu, async () => {
    const path = join(userLeases().folder, "GPU-1.json");
    await utimes(path, LONG_AGO, LONG_AGO);
    context.mock.timers.tick(20_000);
    await waitUntil("it was touched", async () => (await stat(path)).mtime > LONG_AGO);
  });
});
