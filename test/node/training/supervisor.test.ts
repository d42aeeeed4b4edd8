import assert from "node:assert/strict";
import { readdir, readFile, rm, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createRun, listRuns, readRun } from "../../../src/node/training/runLedger.ts";
import { requestStop } from "../../../src/node/training/stopRequest.ts";
import {
  buildPlan,
  createPythonRun,
  ENDLESS,
  makeWorkspace,
  processesOf,
  readLog,
  supervise,
  testReceipt,
  waitForOutput,
  waitForState,
  waitUntil,
} from "../../support/runFixtures.ts";

const TICKING = `
import itertools, time
for step in itertools.count():
    print(f"step {step} loss 0.5")
    time.sleep(0.05)
`;

const SAVES_ON_INTERRUPT = `
import signal, sys, time
def save(*_):
    print("checkpoint saved")
    sys.exit(0)
signal.signal(signal.SIGINT, save)
print("ready")
while True:
    time.sleep(0.05)
`;

const STUBBORN = `
import signal, time
signal.signal(signal.SIGINT, lambda *_: print("no"))
signal.signal(signal.SIGTERM, lambda *_: print("never"))
print("ready")
while True:
    time.sleep(0.05)
`;

test("a training that ends well is shown, recorded and finished with its exit code", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, 'print("Epoch 1/2: loss=0.5")\nprint("Epoch 2/2: loss=nan val_acc=0.9")');
  const start = supervise("start", folder);
  assert.equal(await start.ended, 0);
  assert.match(start.output, /Epoch 1\/2: loss=0\.5\nEpoch 2\/2: loss=nan val_acc=0\.9\n/);
  assert.match(start.output, /Run demo finished in \d+ s: epoch 2, val_acc 0\.9\. Yet its loss is not a number: .+\n$/);
  const { state, status } = await readRun(folder);
  assert.deepEqual(
    [state, status.exitCode, status.progress?.metrics],
    ["finished", 0, { loss: Number.NaN, val_acc: 0.9 }],
  );
  assert.match(await readLog(folder), /^\d{4}-\d\d-\d\dT[\d:.]+Z Epoch 1\/2: loss=0\.5$/m);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a training that fails gives its exit code and the line of its exception", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, 'print("a")\nimport no_such_module');
  const start = supervise("start", folder);
  assert.equal(await start.ended, 1);
  const { state, status } = await readRun(folder);
  assert.equal(state, "failed");
  const [proof] = status.diagnosis?.evidence ?? [];
  assert.equal(proof?.text, "ModuleNotFoundError: No module named 'no_such_module'");
  const line = (await readLog(folder)).split("\n")[(proof?.line ?? 0) - 1];
  assert.match(line ?? "", /ModuleNotFoundError: No module named 'no_such_module'$/);
  assert.match(start.output, /failed with exit code 1.*ModuleNotFoundError.*-m pip install no_such_module/);
});

test("a training that is killed is reported with its signal, as a shell would", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)");
  const start = supervise("start", folder);
  assert.equal(await start.ended, 137);
  const { state, status } = await readRun(folder);
  assert.deepEqual([state, status.signal, status.exitCode], ["failed", "SIGKILL", undefined]);
  assert.match(start.output, /killed by SIGKILL.*(?:a person or another program sent the signal|dmesg)/);
});

test("an interpreter that does not exist is named in the terminal and in the status", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createRun(root, buildPlan(root, [join(root, "no/python"), "x.py"]), testReceipt);
  const start = supervise("start", folder);
  assert.equal(await start.ended, 127);
  assert.match(
    start.output,
    /did not start\. The program .*no\/python was not found\. Select an interpreter.* install Python from/,
  );
  const { state, status } = await readRun(folder);
  assert.equal(state, "failed");
  assert.match(status.problem ?? "", /no\/python was not found/);
});

test("a working folder that does not exist is named, not the interpreter", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createRun(root, buildPlan(join(root, "gone"), ["python3"]), testReceipt);
  const start = supervise("start", folder);
  assert.equal(await start.ended, 127);
  assert.match(start.output, /The folder .*gone does not exist/);
});

test("a folder that is no run is refused with a sentence", async (context) => {
  const root = await makeWorkspace(context);
  const start = supervise("start", root);
  assert.equal(await start.ended, 1);
  assert.match(start.output, /There is no training run in .*run\.json is missing/);
});

test("Ctrl-C lets a training save, and the terminal stays until it has", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, SAVES_ON_INTERRUPT, 5_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  start.child.kill("SIGINT");
  assert.equal(await start.ended, 0);
  assert.match(start.output, /Asked the training to stop/);
  assert.match(start.output, /checkpoint saved/);
  assert.equal((await readRun(folder)).state, "stopped");
});

test("a stubborn training gets SIGINT, SIGTERM and at last SIGKILL", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, STUBBORN, 600);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  await requestStop(await readRun(folder), "graceful");
  assert.equal(await start.ended, 137);
  assert.match(
    start.output,
    /gets SIGINT.*\n(?:.*\n)*no\n(?:.*\n)*.*gets SIGTERM.*\n(?:.*\n)*never\n(?:.*\n)*.*SIGKILL/,
  );
  assert.equal((await readRun(folder)).state, "stopped");
});

test("a training that writes its checkpoint for longer than its grace is left to it", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import sys, time
print("ready")
try:
    time.sleep(600)
except KeyboardInterrupt:
    with open("${root}/model.pt", "wb") as file:
        for _ in range(20):
            file.write(b"x" * 1_000_000)
            file.flush()
            time.sleep(0.15)
    sys.exit(0)`,
    1_200,
  );
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  await requestStop(await readRun(folder), "graceful");
  await start.ended;
  assert.equal((await stat(join(root, "model.pt"))).size, 20_000_000);
  assert.doesNotMatch(start.output, /SIGTERM|torn/);
});

test("a second Ctrl-C ends a stubborn training at once", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, STUBBORN, 60_000);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  start.child.kill("SIGINT");
  await waitForOutput(start, "no\n");
  await waitUntil("the second Ctrl-C counts", () => {
    start.child.kill("SIGINT");
    return start.child.exitCode !== null || start.output.includes("ended at once") || undefined;
  });
  assert.equal(await start.ended, 137);
  assert.equal((await readRun(folder)).state, "stopped");
});

for (const signal of ["SIGHUP", "SIGKILL"] as const) {
  test(`the training goes on with the same process when its terminal ends by ${signal}`, async (context) => {
    const root = await makeWorkspace(context);
    const folder = await createPythonRun(root, SAVES_ON_INTERRUPT);
    const start = supervise("start", folder);
    await waitForOutput(start, "ready");
    const before = (await waitForState(folder, "running")).status;
    start.child.kill(signal);
    assert.equal(await start.ended, signal);
    const second = supervise("start", folder);
    await waitForOutput(second, "ready");
    const after = await readRun(folder);
    assert.equal(after.state, "running");
    assert.deepEqual(after.status.training, before.training);
    second.child.kill("SIGTERM");
    assert.equal(await second.ended, 0);
  });
}

test("a terminal whose output nobody reads any more ends alone", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, 'import time\nwhile True:\n    print("x")\n    time.sleep(0.02)');
  const start = supervise("start", folder);
  await waitForOutput(start, "x\n");
  start.child.stdout?.destroy();
  start.child.stderr?.destroy();
  assert.equal(await start.ended, 141);
  const run = await readRun(folder);
  assert.equal(run.state, "running");
  await requestStop(run, "now");
  await waitForState(folder, "stopped");
});

test("two terminals on one run show the same and end with the same code", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, SAVES_ON_INTERRUPT);
  const first = supervise("start", folder);
  await waitForOutput(first, "ready");
  const second = supervise("follow", folder);
  await waitForOutput(second, "ready");
  await requestStop(await readRun(folder), "graceful");
  assert.deepEqual(await Promise.all([first.ended, second.ended]), [0, 0]);
  assert.match(second.output, /checkpoint saved/);
});

test("of many owners that start at once exactly one starts the training", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, ENDLESS);
  const owners = [1, 2, 3, 4].map(() => supervise("own", folder));
  const run = await waitForState(folder, "running");
  await waitUntil("three have given up", () => owners.filter(({ child }) => child.exitCode === 3).length === 3);
  assert.equal((await readLog(folder)).match(/Started as process/g)?.length, 1);
  await requestStop(run, "now");
  await Promise.all(owners.map(({ ended }) => ended));
});

test("a run that was asked to stop before it started does not start", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, "print('started')");
  await requestStop(await readRun(folder), "graceful");
  const start = supervise("start", folder);
  assert.equal(await start.ended, 130);
  assert.doesNotMatch(await readLog(folder), /Started/);
});

test("a full disk does not touch the training, and the log goes on when there is room again", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import os, time
print("one")
while not os.path.exists("${root}/go"):
    time.sleep(0.05)
print("two")`,
  );
  const log = join(folder, "train.log");
  await symlink("/dev/full", log);
  const start = supervise("start", folder);
  const run = await waitUntil("the status tells", async () => {
    const { status } = await readRun(folder);
    return status.problem === undefined ? undefined : status;
  });
  assert.match(run.problem ?? "", /train\.log cannot be written: no space is left on the disk/);
  await unlink(log);
  await writeFile(join(root, "go"), "");
  assert.equal(await start.ended, 0);
  assert.match(await readLog(folder), /Z one\n.*Z two\n/);
  assert.equal((await readRun(folder)).status.problem, undefined);
});

test("a log that can never be written costs the log alone", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, 'print("one")\nprint("two")');
  await symlink("/dev/full", join(folder, "train.log"));
  const start = supervise("start", folder);
  assert.equal(await start.ended, 0);
  const { state, status } = await readRun(folder);
  assert.equal(state, "finished");
  assert.match(
    status.problem ?? "",
    /^4 lines are missing from train\.log: no space is left on the disk \(ENOSPC\)\.$/,
  );
});

function stepsOf(log: string): number[] {
  return [...log.matchAll(/ step (\d+) /g)].map(([, step]) => Number(step));
}

test("a folder that is removed while its training goes on comes back, with a run that can be seen and stopped", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, TICKING);
  const start = supervise("start", folder);
  await waitForOutput(start, "step 1 ");
  const before = await waitForState(folder, "running");
  const last = stepsOf(await readLog(folder)).at(-1) ?? Number.NaN;
  await rm(folder, { recursive: true });
  const run = await waitUntil("the run is there again", async () => {
    const [found] = (await listRuns(root)).runs;
    return found?.state === "running" && found.status.training !== undefined && found;
  });
  assert.deepEqual(run.record, before.record);
  assert.deepEqual(run.status.training, before.status.training);
  await waitForOutput(start, "was removed and has been made anew");
  const seen = start.output.length;
  await waitUntil("its output goes on", () => start.output.slice(seen).includes("step "));
  await requestStop(run, "graceful");
  assert.equal(await start.ended, 130);
  const [part = ""] = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const [first = Number.NaN] = stepsOf(await readFile(join(folder, part), "utf8"));
  assert.ok(first <= last + 10, `what is printed while the folder is gone is kept: after ${last} comes ${first}`);
  assert.equal((await readRun(folder)).state, "stopped");
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("where the removed folder of a run cannot be made anew, the training goes on and the terminal says so", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(root, ENDLESS);
  const start = supervise("start", folder);
  await waitForOutput(start, "ready");
  const { status } = await waitForState(folder, "running");
  // What is removed goes file by file, and whoever looks in between must not take the run for one that never started.
  const record = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
  await writeFile(join(folder, "run.json"), JSON.stringify({ ...record, createdAt: "2020-01-01T00:00:00.000Z" }));
  await rm(join(folder, "status.json"));
  await waitForState(folder, "running");
  assert.doesNotMatch(start.output, /never started/);
  await rm(dirname(folder), { recursive: true });
  await writeFile(dirname(folder), "");
  assert.equal(await start.ended, 1);
  assert.match(
    start.output,
    /folder of this run was removed and cannot be made anew.*The training goes on\. To stop it: kill -INT \d+/,
  );
  const [training, owner] = [status.training?.pid ?? -1, status.supervisor?.pid ?? -1];
  const guards = processesOf(`own\0${folder}`).filter((pid) => pid !== owner);
  assert.deepEqual(new Set(processesOf(root)), new Set([training, owner, ...guards]));
  assert.equal(guards.length, 1);
  process.kill(owner, "SIGTERM");
  await waitUntil("both have ended", () => processesOf(root).length === 0);
});

test("bars, bytes that are no UTF-8 and unfinished lines arrive as they should", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import sys, time
out = sys.stdout.buffer
for i in range(200):
    out.write(b"\\r%d%%" % i)
out.write(b"\\n\\xff\\xfe bytes\\nno end")
out.flush()`,
  );
  const start = supervise("start", folder);
  assert.equal(await start.ended, 0);
  const log = await readLog(folder);
  const texts = log.split("\n").map((line) => line.slice(25));
  assert.deepEqual(texts.slice(1, -2), ["0%\r", "198%\r", "199%", "\ufffd\ufffd bytes", "no end"]);
});

test("workers that a training leaves behind are ended and named", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import os, subprocess, sys, time
worker = os.fork()
if worker == 0:
    time.sleep(600)
spawned = "import time; time.sleep(600) # from multiprocessing.spawn import spawn_main"
print("same group", worker)
print("own session", subprocess.Popen([sys.executable, "-c", spawned, "${root}"], start_new_session=True).pid)`,
  );
  const start = supervise("start", folder);
  assert.equal(await start.ended, 0);
  assert.match(start.output, /left processes behind \(\d+, \d+\); they get SIGTERM/);
  assert.match(start.output, /Run demo finished in .*What it had left running \(process \d+, \d+\) was ended: wait/);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a training sees the plan's variables and none of the editor's", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createRun(
    root,
    buildPlan(root, ["sh", "-c", "env | sort"], { environment: { CUDA_VISIBLE_DEVICES: "GPU-1" } }),
    testReceipt,
  );
  Object.assign(process.env, { VSCODE_PID: "1", ELECTRON_RUN_AS_NODE: "1", MALLOC_ARENA_MAX: "2" });
  const start = supervise("start", folder);
  delete process.env["VSCODE_PID"];
  delete process.env["MALLOC_ARENA_MAX"];
  delete process.env["ELECTRON_RUN_AS_NODE"];
  assert.equal(await start.ended, 0);
  assert.match(start.output, /^CUDA_VISIBLE_DEVICES=GPU-1$/m);
  assert.match(start.output, /^PYTHONUNBUFFERED=1$/m);
  assert.match(start.output, /^MALLOC_ARENA_MAX=2$/m);
  assert.doesNotMatch(start.output, /VSCODE_|ELECTRON_|TRAINYARD_OWN|MALLOC_MMAP/);
});

test("the status is whole JSON at every moment", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    'import time\nfor i in range(40):\n    print(f"step {i} loss {1/(i+1)}")\n    time.sleep(0.05)',
  );
  const start = supervise("start", folder);
  await waitForState(folder, "running");
  let reads = 0;
  while (start.child.exitCode === null) {
    JSON.parse(await readFile(join(folder, "status.json"), "utf8"));
    reads += 1;
  }
  assert.equal(await start.ended, 0);
  assert.ok(reads > 10);
});
