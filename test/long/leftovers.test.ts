import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";
import { requestStop } from "../../src/node/training/stopRequest.ts";
import {
  buildPlan,
  cliPath,
  createPythonRun,
  makeWorkspace,
  processesOf,
  readLog,
  spawnNode,
  supervise,
  testReceipt,
  waitForOutput,
  waitForState,
  waitUntil,
} from "../support/runFixtures.ts";

/** Waits for its child and dies of the first Ctrl-C, as `accelerate launch` does; the child takes its time to save. */
function launcherOf(root: string, saveSeconds: number): string {
  return `
import subprocess, sys
child = """
import signal, sys, time
def save(*_):
    print("saving", flush=True)
    time.sleep(${saveSeconds})
    open("${root}/saved", "w").close()
    sys.exit(0)
signal.signal(signal.SIGINT, save)
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""
subprocess.Popen([sys.executable, "-c", child]).wait()
`;
}

/** Two workers in sessions of their own, as torchrun starts them. */
const AGENT = `
import subprocess, sys, time
loop = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(600)", sys.argv[0] + " worker"]
for _ in range(2):
    subprocess.Popen(loop, start_new_session=True)
time.sleep(600)
`;

test("a launcher that dies of the first Ctrl-C does not cost its training the checkpoint", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, launcherOf(root, 4), 8_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  await requestStop(await readRun(folder), "graceful");
  assert.equal(await start.ended, 130);
  assert.equal(await readFile(join(root, "saved"), "utf8"), "", "the checkpoint was saved");
  const { state, status } = await readRun(folder);
  assert.equal(state, "stopped");
  assert.ok(
    Date.parse(status.endedAt ?? "") - Date.parse(status.startedAt ?? "") > 3_000,
    "it ended with its last process",
  );
  assert.match(await readLog(folder), /processes of it go on \(\d+\)/);
});

test("what a launcher left behind gets the next steps of a stop, and --now at once", async (context) => {
  const root = await makeWorkspace(context);
  const patient = await createPythonRun(root, launcherOf(root, 600), 700);
  const hasty = await createPythonRun(root, launcherOf(root, 600), 60_000);
  const starts = [supervise("start", patient), supervise("start", hasty)];
  for (const start of starts) {
    await waitForOutput(start, "ready");
  }
  await requestStop(await readRun(patient), "graceful");
  await requestStop(await readRun(hasty), "graceful");
  await waitUntil("only the child of the hasty one is left", async () => (await readLog(hasty)).includes("go on ("));
  await requestStop(await readRun(hasty), "now");
  await Promise.all(starts.map(({ ended }) => ended));
  assert.match(await readLog(patient), /left behind .*SIGTERM/);
  assert.match(await readLog(hasty), /ended at once with SIGKILL/);
  assert.deepEqual(
    (await Promise.all([readRun(patient), readRun(hasty)])).map(({ state }) => state),
    ["stopped", "stopped"],
  );
  assert.deepEqual(workersOf(root), []);
});

test("a process that never heard of the stop does not hold it up", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, AGENT, 60_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  await requestStop(await readRun(folder), "graceful");
  await waitForState(folder, "stopped");
  assert.deepEqual(workersOf(root), []);
});

test("workers whose launcher was killed together with the supervisor are ended, and the run says so", async (context) => {
  const { root, folder } = await startAgent(context);
  const { status } = await waitForState(folder, "running");
  process.kill(status.supervisor?.pid ?? -1, "SIGKILL");
  process.kill(status.training?.pid ?? -1, "SIGKILL");
  const lost = await waitUntil("the end is written down", async () => {
    const run = await readRun(folder);
    return run.status.endedAt !== undefined && run;
  });
  assert.deepEqual([lost.state, lost.status.exitCode], ["lost", undefined]);
  assert.deepEqual(workersOf(root), []);
  assert.match(await readLog(folder), /is gone too.*\n.*left processes behind \(\d+, \d+\); they get SIGTERM/);
});

test("workers that nobody watches over any more are ended by a stop of their run", async (context) => {
  const { root, folder, start } = await startAgent(context);
  start.child.kill("SIGKILL");
  await start.ended;
  const { status } = await waitForState(folder, "running");
  const watchers = await waitUntil("the guard is there", () => {
    const found = processesOf(`own\0${folder}`);
    return found.length > 1 && found;
  });
  watchers.forEach((pid) => process.kill(pid, "SIGSTOP"));
  [...watchers, status.training?.pid ?? -1].forEach((pid) => process.kill(pid, "SIGKILL"));
  await waitForState(folder, "lost");
  assert.equal(workersOf(root).length, 2);
  const stop = spawnNode([cliPath, "stop", "--now", "latest", "--folder", root]);
  assert.equal(await stop.ended, 0, stop.output);
  assert.match(stop.output, /Run demo was stopped/);
  assert.deepEqual(workersOf(root), []);
});

/** Ends at once and leaves a training behind, as `nohup … &` in a script does. */
function backgroundOf(root: string, isForked: boolean): string {
  const training = `
import os, sys, time
while not os.path.exists("${root}/go"):
    time.sleep(0.05)
open("${root}/trained", "w").close()
`;
  return isForked
    ? `import os, sys
if os.fork() > 0:
    sys.exit(0)
os.setsid()
${training}`
    : `import subprocess
program = """${training}"""
subprocess.Popen(["nohup", "python3", "-c", program, "${root}/saved"], stdout=open("${root}/nohup.out", "w"))
print("started")`;
}

for (const isForked of [false, true]) {
  test(`a run lasts as long as the training that its command ${isForked ? "forks away" : "puts into the background"}`, async (context) => {
    const root = await makeWorkspace(context);
    const folder = await createPythonRun(root, backgroundOf(root, isForked));
    const start = supervise("start", folder);
    await waitForOutput(start, "in the background goes on");
    const { status } = await waitUntil("the run follows it", async () => {
      const run = await readRun(folder);
      return run.status.isInBackground === true && run;
    });
    assert.deepEqual([status.state, status.exitCode], ["running", undefined]);
    process.kill(status.supervisor?.pid ?? -1, "SIGKILL");
    await waitUntil("another owner stays with it", async () => {
      const run = await readRun(folder);
      return run.state === "running" && run.status.supervisor?.pid !== status.supervisor?.pid;
    });
    await writeFile(join(root, "go"), "");
    await start.ended;
    assert.equal(await readFile(join(root, "trained"), "utf8"), "", "it was left to its end");
    assert.match(start.output, /its command had put it into the background/);
    assert.equal((await readRun(folder)).state, "lost");
  });
}

test("a stop reaches the training that its command put into the background", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, backgroundOf(root, false));
  const start = supervise("start", folder);
  await waitForOutput(start, "in the background goes on");
  assert.match(start.output, new RegExp(`which prints to ${root}/nohup\\.out`));
  await requestStop(await readRun(folder), "graceful");
  await start.ended;
  assert.equal((await readRun(folder)).state, "stopped");
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a training that its command forked away has the time of a stop to save", async (context) => {
  const root = await makeWorkspace(context);
  const saving = `
import os, sys, time
if os.fork() > 0:
    sys.exit(0)
os.setsid()
try:
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(4)
    open("${root}/saved", "w").close()
`;
  const folder = await createPythonRun(root, saving, 10_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "in the background goes on");
  await requestStop(await readRun(folder), "graceful");
  await start.ended;
  assert.equal(await readFile(join(root, "saved"), "utf8"), "", "the checkpoint was saved");
});

async function startAgent(context: TestContext) {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, AGENT);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  return { root, folder, start };
}

function workersOf(root: string): number[] {
  return processesOf(`${root}/train.py worker`).concat(processesOf(`${root}/saved`));
}

test("an upload that a training leaves to a process of its own is waited for while it writes", async (context) => {
  const root = await makeWorkspace(context);
  const upload = `
import time
with open("${root}/part", "wb") as part:
    for _ in range(25):
        part.write(bytes(1 << 20))
        part.flush()
        time.sleep(0.2)
open("${root}/uploaded", "w").close()`;
  const folder = await createPythonRun(
    root,
    `import subprocess, sys
print("Epoch 1/1: loss=0.5")
subprocess.Popen([sys.executable, "-c", ${JSON.stringify(upload)}], start_new_session=True)`,
    5_000,
  );
  const start = supervise("start", folder);
  assert.equal(await start.ended, 0);
  assert.equal(await readFile(join(root, "uploaded"), "utf8"), "", start.output);
  assert.equal((await readRun(folder)).status.problem, undefined);
});

test("a monitor that a script began before its training does not keep the run going, which finished with its command", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "monitor.py"), "import time\nwhile True: time.sleep(0.2)");
  await writeFile(
    join(root, "train.py"),
    "import time\nfor epoch in (1, 2, 3):\n  print(f'epoch {epoch}/3 loss 1', flush=True); time.sleep(0.3)",
  );
  const plan = buildPlan(root, ["bash", "-c", "python3 monitor.py & python3 train.py"]);
  const folder = await createRun(root, plan, testReceipt);
  await supervise("start", folder).ended;
  const { state, status } = await readRun(folder);
  assert.deepEqual([state, status.exitCode, status.isInBackground], ["finished", 0, undefined]);
  assert.ok(Date.parse(status.endedAt ?? "") - Date.parse(status.startedAt ?? "") < 15_000);
});
