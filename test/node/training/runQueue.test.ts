import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import type { RunWait } from "../../../src/core/training/runWait.ts";
import { bootId } from "../../../src/node/base/processIdentity.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { requestStop } from "../../../src/node/training/stopRequest.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import {
  buildPlan,
  cliPath,
  makeWorkspace,
  processesOf,
  readLog,
  type Spawned,
  spawnNode,
  supervisorPath,
  testReceipt,
  waitForState,
  waitUntil,
} from "../../support/runFixtures.ts";

const PROGRAM = `
import os, sys, time
print("sees", os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.02)
`;

const ANY_GPU: LaunchPlan["device"] = { kind: "cuda", reason: "the first GPU that is free", gpus: [] };

/** A workspace on a machine with two idle GPUs, with a state folder of its own. */
async function makeQueue(context: TestContext) {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "train.py"), PROGRAM);
  const env = { ...replayedGpus("two"), XDG_STATE_HOME: join(root, "state") };
  const end = (name: string) => writeFile(join(root, name), "");
  const start = async (
    name: string,
    wait: RunWait,
    own: NodeJS.ProcessEnv = env,
    environment: LaunchPlan["environment"] = {},
  ): Promise<{ folder: string; own: Spawned }> => {
    const device = wait.gpus === undefined ? {} : { device: ANY_GPU };
    const plan = buildPlan(root, ["python3", join(root, "train.py"), join(root, name)], { ...device, environment });
    const folder = await createRun(root, plan, testReceipt, { wait, stopGraceMs: 300 });
    const owner = spawnNode([supervisorPath, "own", folder], { env: own });
    await waitUntil("the run has an owner", async () => (await readRun(folder)).status.supervisor !== undefined);
    return { folder, own: owner };
  };
  const tickets = () => readdir(join(root, "state/trainyard/gpu-leases", bootId(), "queue"));
  return { root, env, start, end, tickets };
}

async function gpusOf(folder: string): Promise<number[]> {
  const { device } = (await readRun(folder)).record.plan;
  return device.kind === "cuda" ? device.gpus.map(({ index }) => index) : [];
}

test("runs take free GPUs in their order, and the next one starts when a GPU comes free", async (context) => {
  const { root, start, end, tickets } = await makeQueue(context);
  const first = await start("a", { gpus: 1 });
  await waitForState(first.folder, "running");
  const second = await start("b", { gpus: 1 });
  await waitForState(second.folder, "running");
  const third = await start("c", { gpus: 1 });
  const fourth = await start("d", { gpus: 1 });
  assert.deepEqual([await gpusOf(first.folder), await gpusOf(second.folder)], [[0], [1]]);
  await waitUntil("the second sees the second GPU", async () => /sees GPU-8b2c3d44/.test(await readLog(second.folder)));
  const { status } = await waitUntil("the fourth knows its place", async () => {
    const run = await readRun(fourth.folder);
    return run.status.waitingFor === undefined ? undefined : run;
  });
  assert.deepEqual(status.waitingFor, { kind: "gpu", count: 1, ahead: 1 });

  // Whoever kills the process that waits does not end the waiting, nor its place in the line.
  third.own.child.kill("SIGKILL");
  await waitUntil("another process waits", async () => {
    const { supervisor } = (await readRun(third.folder)).status;
    return supervisor !== undefined && supervisor.pid !== third.own.pid;
  });
  await end("b");
  await waitForState(third.folder, "running");
  assert.deepEqual([await gpusOf(third.folder), (await readRun(fourth.folder)).state], [[1], "waiting"]);

  await requestStop(await readRun(fourth.folder), "graceful");
  await waitForState(fourth.folder, "stopped");
  assert.match(await readLog(fourth.folder), /Run demo was stopped before it started\.\n$/);
  await waitUntil("it left the line", async () => (await tickets()).length === 0);
  await end("a");
  await end("c");
  await waitForState(third.folder, "finished");
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a run waits for the end of another one, and those that share the CPU for each other", async (context) => {
  const { start, end } = await makeQueue(context);
  const first = await start("a", { cpuSlots: 1 });
  await waitForState(first.folder, "running");
  const { record } = await readRun(first.folder);
  const second = await start("b", { after: record.id });
  const third = await start("c", { cpuSlots: 1 });
  await waitUntil(
    "the third knows its place",
    async () => (await readRun(third.folder)).status.waitingFor !== undefined,
  );
  assert.deepEqual((await readRun(second.folder)).status.waitingFor, { kind: "run", runId: record.id });
  await end("a");
  await Promise.all([waitForState(second.folder, "running"), waitForState(third.folder, "running")]);
  assert.match(
    await readLog(second.folder),
    /This run is waiting for run .*-demo-[0-9a-f]{6}\.\n.*Its turn has come\./,
  );
  await end("b");
  await end("c");
  await Promise.all([waitForState(second.folder, "finished"), waitForState(third.folder, "finished")]);
});

test("runs that wait for the CPU hold up none that waits for a GPU", async (context) => {
  const { start, end } = await makeQueue(context);
  const first = await start("a", { cpuSlots: 1 });
  await waitForState(first.folder, "running");
  const second = await start("b", { cpuSlots: 1 });
  const third = await start("c", { gpus: 1 });
  await waitForState(third.folder, "running");
  assert.equal((await readRun(second.folder)).state, "waiting");
  await Promise.all(["a", "b", "c"].map(end));
  await Promise.all([first, second, third].map(({ folder }) => waitForState(folder, "finished")));
});

test("a run waits for the device that its mask shows, and holds up none that can be given another one", async (context) => {
  const { env, start, end } = await makeQueue(context);
  const masked = { ...env, CUDA_VISIBLE_DEVICES: "0" };
  const first = await start("a", { gpus: 1 }, masked);
  await waitForState(first.folder, "running");
  const second = await start("b", { gpus: 1 }, masked);
  await waitUntil("the second waits", async () => (await readRun(second.folder)).status.waitingFor !== undefined);
  const third = await start("c", { gpus: 1 });
  await waitForState(third.folder, "running");
  const fourth = await start("d", { gpus: 1 });
  await waitUntil("the fourth waits", async () => (await readRun(fourth.folder)).status.waitingFor !== undefined);
  assert.deepEqual(await gpusOf(third.folder), [1]);

  // What comes free is kept for the one that can be given nothing else.
  await end("a");
  await waitForState(second.folder, "running");
  assert.deepEqual([await gpusOf(second.folder), (await readRun(fourth.folder)).state], [[0], "waiting"]);
  await end("b");
  await waitForState(fourth.folder, "running");
  await end("c");
  await end("d");
  await waitForState(fourth.folder, "finished");
});

test("a run that may see no GPU says so while it waits, and holds up none that may", async (context) => {
  const { env, start, end } = await makeQueue(context);
  const blind = await start("a", { gpus: 1 }, { ...env, CUDA_VISIBLE_DEVICES: "7" });
  const problem = "`CUDA_VISIBLE_DEVICES=7` names no GPU of this machine";
  await waitUntil("it says why it waits", async () => {
    const { waitingFor } = (await readRun(blind.folder)).status;
    return waitingFor?.kind === "gpu" && waitingFor.problem === problem;
  });
  const other = await start("b", { gpus: 1 });
  await waitForState(other.folder, "running");
  await end("b");
  await waitForState(other.folder, "finished");
  await requestStop(await readRun(blind.folder), "graceful");
  await waitForState(blind.folder, "stopped");
});

test("a run is given only a GPU that the variables of its command and of its owner show", async (context) => {
  const { env, start, end } = await makeQueue(context);
  const mask = "CUDA_VISIBLE_DEVICES";
  const runs = [
    await start("a", { gpus: 1 }, env, { [mask]: "1" }),
    // What is written before the command counts for it, as it will for the training.
    await start("b", { gpus: 1 }, { ...env, [mask]: "1" }, { [mask]: "0" }),
  ].map(({ folder }) => folder);
  await Promise.all(runs.map((folder) => waitForState(folder, "running")));
  assert.deepEqual(await Promise.all(runs.map(gpusOf)), [[1], [0]]);
  await Promise.all(["a", "b"].map(end));
  await Promise.all(runs.map((folder) => waitForState(folder, "finished")));
});

test("a command that was typed with its GPU holds it, before it has begun to compute there", async (context) => {
  const { root, env, end } = await makeQueue(context);
  const run = async (...words: string[]): Promise<string> => {
    const call = spawnNode([cliPath, "run", "--detach", ...words], { cwd: root, env });
    assert.equal(await call.ended, 0, call.output);
    const folder = join(root, ".trainyard/runs", call.output.trim());
    await waitForState(folder, "running");
    return folder;
  };
  const typed = await run("--", "CUDA_VISIBLE_DEVICES=0", "python3", "train.py", "a");
  const { device, environment } = (await readRun(typed)).record.plan;
  assert.deepEqual([device.kind, device.reason, environment["CUDA_VISIBLE_DEVICES"]], ["cuda", "as asked for", "0"]);
  const queued = await run("--when-gpu-free", "--", "python3", "train.py", "b");
  assert.deepEqual([await gpusOf(typed), await gpusOf(queued)], [[0], [1]]);
  await Promise.all(["a", "b"].map(end));
  await Promise.all([typed, queued].map((folder) => waitForState(folder, "finished")));
});

test("a mask that names no GPU is told of, and one that hides all on purpose is not", async (context) => {
  const { root, env, end } = await makeQueue(context);
  await end("a");
  const run = async (mask: string): Promise<string> => {
    const call = spawnNode([cliPath, "run", "--", `CUDA_VISIBLE_DEVICES=${mask}`, "python3", "train.py", "a"], {
      cwd: root,
      env,
    });
    assert.equal(await call.ended, 0, call.output);
    return call.output;
  };
  assert.match(
    await run("7"),
    /^Warning: CUDA_VISIBLE_DEVICES=7 names no GPU of this machine, so the program sees none\. There are GPUs 0 and 1\.$/m,
  );
  for (const mask of ["-1", "", "1"]) {
    assert.doesNotMatch(await run(mask), /Warning/, mask);
  }
});

test("a run that cannot join the line waits and says why, and starts when it can", async (context) => {
  const { root, start, end } = await makeQueue(context);
  const state = join(root, "state");
  await writeFile(state, "a file where the folder should be");
  const first = await start("a", { cpuSlots: 1 });
  const { status } = await readRun(first.folder);
  assert.equal(status.state, "waiting");
  assert.match(status.problem ?? "", /^The queue in .*state\/trainyard\/gpu-leases\S* cannot be used: /);
  const second = await start("b", { cpuSlots: 1 });
  await requestStop(await readRun(second.folder), "graceful");
  await waitForState(second.folder, "stopped");
  assert.equal(await second.own.ended, 0);
  await rm(state);
  await waitForState(first.folder, "running");
  await end("a");
  await waitForState(first.folder, "finished");
});
