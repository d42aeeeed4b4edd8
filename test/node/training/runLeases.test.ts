import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { acquireGpuLease, listGpuLeases, touchGpuLease } from "../../../src/node/training/gpuLease.ts";
import { holdingGpus, userLeases } from "../../../src/node/training/runLeases.ts";
import { buildRun } from "../../support/runBuilder.ts";

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

test("a run of another host holds its GPU only as long as that says so", async (context) => {
  await useStateFolder(context);
  const { folder, isAlive } = userLeases();
  const holder = { pid: 7, startTime: "x:1", host: "3f2b1c0d9e8a" };
  const lease = {
    schemaVersion: 1 as const,
    uuid: "GPU-1",
    runId: "elsewhere",
    title: "digits",
    holder,
    acquiredAt: "",
  };
  assert.equal((await acquireGpuLease(folder, lease, isAlive)).kind, "acquired");
  assert.deepEqual(await held(), ["GPU-1 elsewhere"]);
  const before = new Date(Date.now() - 10 * 60_000);
  await utimes(join(folder, "GPU-1.json"), before, before);
  assert.deepEqual(await held(), []);
  await touchGpuLease(folder, "GPU-1", "elsewhere");
  assert.deepEqual(await held(), ["GPU-1 elsewhere"]);
});
