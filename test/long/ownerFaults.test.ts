import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { build } from "esbuild";
import { bootId } from "../../src/node/base/processIdentity.ts";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";
import { requestStop } from "../../src/node/training/stopRequest.ts";
import {
  buildPlan,
  createPythonRun,
  makeWorkspace,
  processesOf,
  readLog,
  spawnNode,
  supervisorPath,
  testReceipt,
  waitForState,
  waitUntil,
} from "../support/runFixtures.ts";

/** The supervisor as it is shipped, which starts in a fraction of the time of its sources. */
async function bundleSupervisor(root: string): Promise<string> {
  const outfile = join(root, "supervisor.mjs");
  await build({
    entryPoints: [supervisorPath],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
  });
  return outfile;
}

const GPU = { kind: "cuda" as const, reason: "given by the test", gpus: [{ index: 0, uuid: "GPU-1", name: "A10G" }] };

async function leasesIn(root: string): Promise<string[]> {
  const names = await readdir(join(root, "state/trainyard/gpu-leases", bootId())).catch(() => []);
  return names.filter((name) => name.endsWith(".json"));
}

/** An owner that is left to itself, as the editor starts one. */
function own(supervisor: string, folder: string, root: string): void {
  const env = { ...process.env, XDG_STATE_HOME: join(root, "state"), NODE_TEST_CONTEXT: undefined };
  spawn(process.execPath, [supervisor, "own", folder], { detached: true, stdio: "ignore", env }).unref();
}

async function sleepingRun(root: string, seconds: number): Promise<string> {
  const plan = buildPlan(root, ["sleep", String(seconds)], { device: GPU, environment: { ROOT: root } });
  return createRun(root, plan, testReceipt, { stopGraceMs: 300 });
}

test("fifty runs that end or are stopped leave no process and no lease", async (context) => {
  const root = await makeWorkspace(context);
  const supervisor = await bundleSupervisor(root);
  for (let round = 0; round < 5; round++) {
    const folders = await Promise.all(
      Array.from({ length: 10 }, (_, at) => sleepingRun(root, at % 2 === 0 ? 0.01 : 600)),
    );
    for (const folder of folders) {
      own(supervisor, folder, root);
    }
    const [short, long] = [folders.filter((_, at) => at % 2 === 0), folders.filter((_, at) => at % 2 === 1)];
    await Promise.all(
      long.map(async (folder) => {
        await waitForState(folder, "running");
        await requestStop(await readRun(folder), "now");
      }),
    );
    await Promise.all([
      ...short.map((folder) => waitForState(folder, "finished")),
      ...long.map((folder) => waitForState(folder, "stopped")),
    ]);
  }
  await waitUntil("every owner is gone", () => processesOf(root).length === 0);
  assert.deepEqual(await leasesIn(root), []);
});

test("when training, owner and guard are killed at once, the run is lost, its log whole and its GPU free", async (context) => {
  const root = await makeWorkspace(context);
  const supervisor = await bundleSupervisor(root);
  const folder = await sleepingRun(root, 600);
  own(supervisor, folder, root);
  const { status } = await waitForState(folder, "running");
  const guards = await waitUntil("the guard is there", () => {
    const found = processesOf(`own\0${folder}`);
    return found.length > 1 && found;
  });
  assert.deepEqual(await leasesIn(root), ["GPU-1.json"]);
  for (const pid of [...guards, status.training?.pid ?? 0]) {
    process.kill(pid, "SIGKILL");
  }
  await waitForState(folder, "lost");
  assert.match(await readLog(folder), /Started as process \d+: sleep 600\n$/);

  const next = await sleepingRun(root, 0.01);
  own(supervisor, next, root);
  const { status: after } = await waitForState(next, "finished");
  assert.equal(after.problem, undefined, "the lease of the dead run is in nobody's way");
});

test("a training whose owner and guard were killed keeps its GPU as long as it lives", async (context) => {
  const root = await makeWorkspace(context);
  const supervisor = await bundleSupervisor(root);
  const folder = await sleepingRun(root, 600);
  own(supervisor, folder, root);
  const { status } = await waitForState(folder, "running");
  const watchers = await waitUntil("the guard is there", () => {
    const found = processesOf(`own\0${folder}`);
    return found.length > 1 && found;
  });
  watchers.forEach((pid) => process.kill(pid, "SIGSTOP"));
  watchers.forEach((pid) => process.kill(pid, "SIGKILL"));
  await waitForState(folder, "orphaned");
  const next = await sleepingRun(root, 0.01);
  own(supervisor, next, root);
  const { status: warned } = await waitForState(next, "finished");
  assert.match(warned.problem ?? "", /^GPU 0 is used by run \S+ too\.$/);
  process.kill(status.training?.pid ?? 0, "SIGKILL");
  await waitForState(folder, "lost");
  const last = await sleepingRun(root, 0.01);
  own(supervisor, last, root);
  assert.equal((await waitForState(last, "finished")).status.problem, undefined);
});

test("a process that has the number of a dead training is neither taken for it nor signalled", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await sleepingRun(root, 600);
  const bystander = startSleep(context);
  const identity = { pid: bystander, startTime: "another boot:1" };
  const status = { schemaVersion: 1, state: "running", supervisor: identity, training: identity };
  const now = new Date().toISOString();
  await writeFile(join(folder, "status.json"), JSON.stringify({ ...status, startedAt: now, heartbeatAt: now }));
  const run = await readRun(folder);
  assert.equal(run.state, "lost");
  await assert.rejects(requestStop(run, "now"), { message: /has ended already \(lost\)/ });
  await requestStop({ ...run, state: "orphaned" }, "now");
  assert.doesNotThrow(() => process.kill(bystander, 0));
});

function startSleep(context: TestContext): number {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  context.after(() => child.kill("SIGKILL"));
  return child.pid ?? 0;
}

const SAVES_SLOWLY = `
import signal, sys, time
def save(*_):
    time.sleep(1)
    print("checkpoint saved")
    sys.exit(0)
signal.signal(signal.SIGINT, save)
print("ready")
while True:
    time.sleep(0.05)
`;

/** The time of day of a process jumps ahead by an hour a quarter of a second after it was asked for a stop. */
const CLOCK_JUMPS = `data:text/javascript,
import { existsSync } from "node:fs";
const real = Date.now;
let asked;
Date.now = () => {
  const now = real();
  asked ??= existsSync(process.argv.at(-1) + "/stop.json") ? now : undefined;
  return asked !== undefined && now - asked > 250 ? now + 3600000 : now;
};`;

test("a clock that jumps ahead takes no time from a training that saves its checkpoint", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, SAVES_SLOWLY, 8_000);
  spawnNode(["--import", CLOCK_JUMPS.replaceAll("\n", " "), supervisorPath, "own", folder]);
  await waitForState(folder, "running");
  await waitUntil("it listens", async () => (await readLog(folder)).includes("ready"));
  await requestStop(await readRun(folder), "graceful");
  const { status } = await waitForState(folder, "stopped");
  assert.equal(status.exitCode, 0);
  assert.match(await readLog(folder), /checkpoint saved/);
});
