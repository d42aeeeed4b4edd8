import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { renderRunStatus } from "../../src/core/training/runRecord.ts";
import { findRun, readRun } from "../../src/node/training/runLedger.ts";
import { requestStop } from "../../src/node/training/stopRequest.ts";
import {
  cliPath,
  createPythonRun,
  ENDLESS,
  makeWorkspace,
  processesOf,
  readLog,
  spawnNode,
  supervise,
  waitForOutput,
  waitForState,
  waitUntil,
} from "../support/runFixtures.ts";

const PRINTS = `
import itertools, signal, sys, time
def save(*_):
    print("checkpoint saved")
    sys.exit(0)
signal.signal(signal.SIGINT, save)
print("epoch 2/10 val_acc 0.95")
for step in itertools.count():
    print(f"step {step} " + "x" * 1000)
    time.sleep(0.005)
`;

/** The owner of a run and the shell that would start its successor. */
async function watchersOf(folder: string): Promise<{ owner: number; guards: number[]; training: number }> {
  const { status } = await waitForState(folder, "running");
  const [owner, training] = [status.supervisor?.pid ?? -1, status.training?.pid ?? -1];
  const guards = await waitUntil("the guard is there", () => {
    const others = processesOf(`own\0${folder}`).filter((pid) => pid !== owner && pid !== training);
    return others.length > 0 && others;
  });
  return { owner, guards, training };
}

/** A training that goes on printing while neither its owner nor another supervisor is there. */
async function orphan(folder: string): Promise<void> {
  const start = supervise("start", folder);
  await waitForOutput(start, "step 1 ");
  start.child.kill("SIGKILL");
  await start.ended;
  const { owner, guards } = await watchersOf(folder);
  guards.forEach((pid) => process.kill(pid, "SIGSTOP"));
  [owner, ...guards].forEach((pid) => process.kill(pid, "SIGKILL"));
  await waitForState(folder, "orphaned");
}

test("a training that prints outlives its killed owner, and another one goes on recording it", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, PRINTS, 5_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "step 1 ");
  await waitUntil("its progress is written", async () => (await readRun(folder)).status.progress !== undefined);
  const { owner, training } = await watchersOf(folder);
  process.kill(owner, "SIGKILL");
  const heir = await waitUntil("another owner has taken over", async () => {
    const run = await readRun(folder);
    return run.state === "running" && run.status.supervisor?.pid !== owner && run;
  });
  assert.equal(heir.status.training?.pid, training);
  await waitForOutput(start, "another one took over");
  const seen = start.output.length;
  await waitUntil("its output goes on", () => start.output.slice(seen).includes("step "));
  const { progress } = await waitUntil("its progress goes on", async () => {
    const { status } = await readRun(folder);
    return (status.progress?.step ?? 0) > (heir.status.progress?.step ?? 0) && status;
  });
  assert.deepEqual([progress?.epoch, progress?.metrics], [2, { val_acc: 0.95 }]);
  const steps = [...(await readLog(folder)).matchAll(/ step (\d+) /g)].map(([, step]) => Number(step));
  assert.ok(new Set(steps).size >= steps.length - 1, "nothing is recorded twice");
  await requestStop(heir, "graceful");
  assert.equal(await start.ended, 130);
  assert.match(start.output, /checkpoint saved/);
  assert.equal((await readRun(folder)).state, "stopped");
});

test("the end of a training whose owner was killed is noticed, and how it ended is not made up", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import os, time
print("ready")
while not os.path.exists("${root}/go"):
    time.sleep(0.02)
print("Epoch 1/1: loss=0.5")`,
  );
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  process.kill((await watchersOf(folder)).owner, "SIGKILL");
  await waitForOutput(start, "another one took over");
  await writeFile(join(root, "go"), "");
  assert.equal(await start.ended, 1);
  assert.match(start.output, /loss=0\.5\n.*Run demo ended after \d+ s: epoch 1, loss 0\.5\. How is not known/);
  const { state, status } = await readRun(folder);
  assert.deepEqual([state, status.exitCode, status.endedAt === undefined], ["lost", undefined, false]);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("the end of a training that was killed together with its owner is written, with how far it had come", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, PRINTS, 5_000);
  const start = supervise("start", folder);
  await waitUntil("its progress is written", async () => (await readRun(folder)).status.progress !== undefined);
  const { owner, training } = await watchersOf(folder);
  const seenMs = Date.now();
  [owner, training].forEach((pid) => process.kill(pid, "SIGKILL"));
  assert.equal(await start.ended, 1);
  const { status } = await waitForState(folder, "lost");
  const written = await waitUntil("its end is written", async () => (await readRun(folder)).status.endedAt);
  assert.ok(Date.parse(written) <= seenMs, "it ran no longer than it was seen");
  assert.deepEqual([status.progress?.epoch, status.exitCode], [2, undefined]);
  assert.match(await readLog(folder), /is gone too\.\n.*Run demo ended after \d+ s: epoch 2\/10.* How is not known/);
});

test("no end is invented for a training that may have gone on for hours without an owner", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, ENDLESS, 5_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  const { owner, guards, training } = await watchersOf(folder);
  guards.forEach((pid) => process.kill(pid, "SIGSTOP"));
  [owner, training, ...guards].forEach((pid) => process.kill(pid, "SIGKILL"));
  await start.ended;
  const { status } = await waitForState(folder, "lost");
  const heartbeatAt = new Date(Date.now() - 36e6).toISOString();
  await writeFile(join(folder, "status.json"), renderRunStatus({ ...status, heartbeatAt }));
  await supervise("own", folder).ended;
  const after = await readRun(folder);
  assert.deepEqual([after.state, after.status.endedAt, after.status.diagnosis], ["lost", undefined, undefined]);
});

test("a training without owner and guard waits for a reader, and who shows it brings it one", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, PRINTS, 5_000);
  await orphan(folder);
  const again = supervise("start", folder);
  await waitForOutput(again, "another one took over");
  assert.equal((await readLog(folder)).match(/Started as process/g)?.length, 1);
  await requestStop(await waitForState(folder, "running"), "graceful");
  assert.equal(await again.ended, 130);
  assert.match(again.output, /checkpoint saved/);
});

for (const verb of [["runs"], ["logs", "-f", "latest"]]) {
  test(`a training that nobody watches over is watched over again after \`${verb[0]}\``, async (context) => {
    const root = await makeWorkspace(context);
    const folder = await createPythonRun(root, PRINTS, 5_000);
    await orphan(folder);
    const shown = spawnNode([cliPath, ...verb, "--folder", root]);
    const run = await waitForState(folder, "running");
    await requestStop(run, "graceful");
    assert.equal(await shown.ended, 0, shown.output);
    await waitForState(folder, "stopped");
    const steps = [...(await readLog(folder)).matchAll(/ step (\d+) /g)].map(([, step]) => Number(step));
    // A line may have been on its way from the pipe to the log when the owner was killed.
    assert.ok(steps.length >= (steps.at(-1) ?? 0), "nothing that it printed meanwhile is lost");
  });
}

test("a stop of a training that nobody watches over ends it and is called a stop", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, ENDLESS);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  start.child.kill("SIGKILL");
  await start.ended;
  const { owner, guards } = await watchersOf(folder);
  guards.forEach((pid) => process.kill(pid, "SIGSTOP"));
  [owner, ...guards].forEach((pid) => process.kill(pid, "SIGKILL"));
  await requestStop(await waitForState(folder, "orphaned"), "now");
  const { status } = await waitForState(folder, "stopped");
  assert.deepEqual([status.exitCode, status.endedAt], [undefined, undefined]);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a training whose owner is killed before it could name it is found, watched over and stopped", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "train.sh"), "kill -9 $PPID\necho ready\nexec sleep 600\n");
  const started = spawnNode([cliPath, "run", "--detach", "--", "sh", "train.sh"], { cwd: root });
  await started.ended;
  const run = await waitUntil("another owner has taken over", async () => {
    const found = await findRun(root, "latest");
    return found.state === "running" && found.status.supervisor !== undefined && found;
  });
  await waitUntil("its output is recorded", async () => (await readLog(run.folder)).includes(" ready\n"));
  const stop = spawnNode([cliPath, "stop", "latest"], { cwd: root });
  assert.equal(await stop.ended, 0, stop.output);
  assert.match(stop.output, /Run sh was stopped after /);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});
