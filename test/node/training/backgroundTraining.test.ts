import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { RunProgress } from "../../../src/core/training/runRecord.ts";
import { hasEnded } from "../../../src/core/training/runState.ts";
import { readProcStat } from "../../../src/node/base/processIdentity.ts";
import { commandLineOf, findBackgroundTraining } from "../../../src/node/training/backgroundTraining.ts";
import { BackgroundWatch } from "../../../src/node/training/backgroundWatch.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import {
  buildPlan,
  createPythonRun,
  makeWorkspace,
  readLog,
  supervisorPath,
  testReceipt,
  waitUntil,
} from "../../support/runFixtures.ts";

function progressAt(epoch: number): RunProgress {
  return { epoch, epochs: 4, metrics: {}, updatedAt: new Date(0).toISOString() };
}

/** A process that sleeps, called as the words say. */
async function sleepAs(context: TestContext, argv0: string, isDetached = false): Promise<number> {
  const child = spawn("sleep", ["600"], { argv0, detached: isDetached, stdio: "ignore" });
  context.after(() => child.kill("SIGKILL"));
  return waitUntil(`${argv0} runs`, () => child.pid);
}

test("of what a command left behind its workers and what people leave running beside it are no training", async (context) => {
  const groupId = readProcStat(process.pid)?.groupId ?? 0;
  const shell = { words: ["sh", "train.sh"], groupId, progress: undefined, isPrintedOn: false };
  const training = await sleepAs(context, "python");
  const board = await sleepAs(context, "/usr/bin/tensorboard");
  const worker = await sleepAs(context, "python -c from multiprocessing.spawn import spawn_main");
  assert.deepEqual(findBackgroundTraining([board, worker, training], shell), [training]);
  const distributed = await sleepAs(context, "python main.py --multiprocessing-distributed");
  assert.deepEqual(findBackgroundTraining([worker, distributed], shell), [distributed]);
  const afterTraining = { ...shell, words: ["python3", "train.py"], progress: progressAt(1) };
  assert.deepEqual(findBackgroundTraining([board, worker, training], afterTraining), []);
});

test("a shell did not print what was printed before its end: what it left is its work, but for a loop that watches", async (context) => {
  const groupId = readProcStat(process.pid)?.groupId ?? 0;
  const training = await sleepAs(context, "python");
  const board = await sleepAs(context, "/usr/bin/tensorboard");
  const loop = await sleepAs(context, "sleep");
  for (const words of [["bash", "two.sh"], ["./two.sh"], ["/usr/bin/env", "zsh", "two"], ["make", "train"]]) {
    for (const progress of [progressAt(1), progressAt(4)]) {
      const command = { words, groupId, progress, isPrintedOn: false };
      assert.deepEqual(findBackgroundTraining([board, loop, training], command), [training]);
    }
  }
});

test("a program that forked itself away trains, whatever it has printed, and a worker that it forked does not", async (context) => {
  const groupId = readProcStat(process.pid)?.groupId ?? 0;
  const worker = await sleepAs(context, "python3");
  const daemon = await sleepAs(context, "python3", true);
  for (const progress of [undefined, progressAt(1)]) {
    const command = { words: ["python3", "600"], groupId, progress, isPrintedOn: false };
    assert.deepEqual(findBackgroundTraining([worker, daemon], command), [daemon]);
  }
});

test("a training that forks itself twice, as daemons do, is stayed with until its end", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import os, time
print("epoch 1/4 loss=1", flush=True)
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for epoch in (2, 3, 4):
    time.sleep(1.5)
    print(f"epoch {epoch}/4 loss=1", flush=True)`,
  );
  const start = spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" });
  await once(start, "exit");
  const { state, status } = await readRun(folder);
  assert.deepEqual([state, status.isInBackground, status.progress?.epoch], ["lost", true, 4]);
});

test("a training that came to its last epoch has finished, whatever it forked away for its files", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createPythonRun(
    root,
    `import os, time
for epoch in (1, 2, 3):
    print(f"epoch {epoch}/3 loss=1", flush=True)
if os.fork() == 0:
    os.setsid(); time.sleep(600)`,
  );
  await once(spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" }), "exit");
  const { state, status } = await readRun(folder);
  assert.deepEqual([state, status.exitCode, status.isInBackground], ["finished", 0, undefined]);
});

/** Prints an epoch every 0.4 s, for longer than it is waited for what a command printed last. */
const LONG = `import time
for epoch in range(1, 9):
    print("epoch", epoch, "loss", 1 / epoch, flush=True)
    time.sleep(0.4)
print("END_OK", flush=True)`;

async function endOf(root: string, command: readonly string[]) {
  await writeFile(join(root, "long.py"), LONG);
  const folder = await createRun(root, buildPlan(root, command), testReceipt);
  await once(spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" }), "exit");
  return { run: await readRun(folder), log: await readLog(folder) };
}

for (const script of ["nohup python3 long.py &", "python3 long.py | tee x.log & echo started"]) {
  test(`what "${script}" prints after the end of the command is no work of the command`, async (context) => {
    const { run, log } = await endOf(await makeWorkspace(context), ["bash", "-c", script]);
    assert.match(log, / END_OK$/m);
    assert.deepEqual([run.status.isInBackground, run.status.progress?.epoch], [true, 8]);
  });
}

test("a run lasts until the second stage of its script has ended, whatever the first one printed", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(
    join(root, "two.sh"),
    "python3 -c \"print('epoch 1/1 loss 0.3')\"\nnohup python3 long.py > stage2.log 2>&1 &",
  );
  const { run } = await endOf(root, ["bash", "two.sh"]);
  assert.match(await readFile(join(root, "stage2.log"), "utf8"), /^END_OK$/m);
  assert.deepEqual([run.status.isInBackground, run.status.backgroundOutput], [true, join(root, "stage2.log")]);
});

for (const command of ["nice -n 5 bash trainall", "timeout 60 ./trainall"]) {
  test(`a run of "${command}" lasts until the second stage of the script has ended`, async (context) => {
    const root = await makeWorkspace(context);
    const first = "python3 -c \"print('epoch 1/1 loss 0.3')\"";
    await writeFile(join(root, "trainall"), `#!/bin/bash\n${first}\nnohup python3 long.py > stage2.log 2>&1 &`, {
      mode: 0o755,
    });
    const { log } = await endOf(root, command.split(" "));
    assert.match(await readFile(join(root, "stage2.log"), "utf8"), /^END_OK$/m);
    assert.doesNotMatch(log, /SIGTERM/);
  });
}

test("a run whose front stage fails lasts as long as the training in its background, and has failed then", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "job.sh"), "nohup python3 long.py > bg.log 2>&1 &\nsleep 0.5\npython3 no_such.py");
  const { run, log } = await endOf(root, ["bash", "job.sh"]);
  assert.match(await readFile(join(root, "bg.log"), "utf8"), /^END_OK$/m);
  assert.deepEqual([run.state, run.status.exitCode, run.status.isInBackground], ["failed", 2, true]);
  assert.doesNotMatch(log, /SIGTERM/);
});

test("a loop of trainings in the background is stayed with between two of them, whatever was printed before it", async (context) => {
  const root = await makeWorkspace(context);
  const train = `python3 -c "print('epoch 1/1 loss 1', flush=True); import time; time.sleep(0.5)"`;
  await writeFile(
    join(root, "seeds.sh"),
    `${train}\n(sleep 1; for s in 1 2; do ${train}; sleep 2; done) > seeds.log &`,
  );
  const { run, log } = await endOf(root, ["bash", "seeds.sh"]);
  assert.equal(await readFile(join(root, "seeds.log"), "utf8"), "epoch 1/1 loss 1\n".repeat(2));
  assert.deepEqual([run.status.isInBackground, run.status.problem], [true, undefined]);
  assert.doesNotMatch(log, /SIGTERM/);
});

test("what goes on to print epochs is the training, also where its command had printed its last one", async (context) => {
  const launch = `import subprocess, sys
print("epoch 1/1 loss 0.5", flush=True)
subprocess.Popen([sys.executable, "long.py"])`;
  const { run, log } = await endOf(await makeWorkspace(context), ["python3", "-c", launch]);
  assert.match(log, / END_OK$/m);
  assert.deepEqual([run.status.isInBackground, run.status.progress?.epoch], [true, 8]);
});

test("a new owner ends none of several trainings in the background when the first one of them has ended", async (context) => {
  const root = await makeWorkspace(context);
  const short = "import time; print('epoch 1/1 loss 1', flush=True); time.sleep(5)";
  const long = "import time; print('epoch 1/1 loss 1', flush=True); time.sleep(12); print('END_OK')";
  const script = `python3 -c "${short}" > short.log & sleep 0.2; python3 -c "${long}" > long.log &`;
  const folder = await createRun(root, buildPlan(root, ["sh", "-c", script]), testReceipt);
  spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" });
  const owner = await waitUntil("it is in the background", async () => {
    const run = await readRun(folder).catch(() => undefined);
    return run?.status.isInBackground === true ? run.status.supervisor?.pid : undefined;
  });
  process.kill(owner, "SIGKILL");
  await waitUntil(
    "it has ended",
    async () => (hasEnded((await readRun(folder).catch(() => undefined))?.state ?? "running") ? true : undefined),
    30_000,
  );
  assert.match(await readFile(join(root, "long.log"), "utf8"), /^END_OK$/m);
  assert.doesNotMatch(await readLog(folder), /SIGTERM/);
});

test("a new owner reads what the background prints where the script was killed with the owner before", async (context) => {
  const root = await makeWorkspace(context);
  const chatty =
    "import time; time.sleep(4); [print('x' * 50_000, flush=True) for _ in range(6)]; open('printed', 'w').close()";
  const script = `python3 -c "${chatty}" & sleep 8`;
  const folder = await createRun(root, buildPlan(root, ["sh", "-c", script]), testReceipt);
  spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" });
  const { supervisor, training } = await waitUntil("it runs", async () => {
    const { status } = await readRun(folder);
    return status.training && status.supervisor && { supervisor: status.supervisor, training: status.training };
  });
  process.kill(supervisor.pid, "SIGKILL");
  process.kill(training.pid, "SIGKILL");
  await waitUntil("all was printed", () => readFile(join(root, "printed")).catch(() => undefined), 30_000);
  const ended = await waitUntil(
    "it has ended",
    async () => {
      const run = await readRun(folder);
      return hasEnded(run.state) ? run : undefined;
    },
    60_000,
  );
  assert.equal(ended.state, "lost");
  assert.equal((await readLog(folder)).match(/x{50000}/g)?.length, 6);
});

const SCRIPT = { words: ["bash", "run.sh"], groupId: 1, progress: undefined, isPrintedOn: false };

test("a service is known by its program or by the module that Python runs", async (context) => {
  const root = await makeWorkspace(context);
  await mkdir(join(root, "visdom"));
  await writeFile(join(root, "visdom", "server.py"), "import time; time.sleep(600)");
  const module = await startPython(context, ["-m", "visdom.server"], root);
  const programs = await Promise.all(["gunicorn", "htop", "/usr/bin/Xvfb"].map((name) => sleepAs(context, name)));
  assert.deepEqual(findBackgroundTraining([module, ...programs], SCRIPT), []);
});

test("a training is no service for the name of its script, nor is the command of a service that trains", async (context) => {
  const root = await makeWorkspace(context);
  const scripts = ["wandb_train.py", "jupyter-train.py", "jupyter-nbconvert", "mlflow", "wandb"];
  await Promise.all(scripts.map((name) => writeFile(join(root, name), "import time; time.sleep(600)")));
  const start = (words: readonly string[]) => startPython(context, words, root);
  const work = [
    ["wandb_train.py"],
    ["jupyter-train.py"],
    ["jupyter-nbconvert", "--execute", "a.ipynb"],
    ["mlflow", "run", "--env-manager", "local", "."],
    ["wandb", "agent", "me/sweep"],
  ];
  const trainings = await Promise.all(work.map(start));
  const services = await Promise.all([start(["mlflow", "ui", "--port", "5001"]), start(["wandb", "sync", "run-1"])]);
  const found = findBackgroundTraining([...services, ...trainings], SCRIPT);
  assert.deepEqual(new Set(found), new Set(trainings));
});

/** Python once it is up: a shim may stand before it. */
async function startPython(
  context: TestContext,
  words: readonly string[],
  cwd?: string,
  output: number | "ignore" = "ignore",
): Promise<number> {
  const child = spawn("python3", words, { cwd, stdio: ["ignore", output, "ignore"] });
  context.after(() => child.kill("SIGKILL"));
  const { pid = 0 } = child;
  await waitUntil("Python is up", () =>
    commandLineOf(pid)[1] === words[0] && readProcStat(pid)?.state === "S" ? true : undefined,
  );
  return pid;
}

/** How the wait for processes ends; "waits" where it still does after some seconds. */
async function endOfWait(
  pids: readonly number[],
  {
    progress = SCRIPT.progress,
    isCompanion = false,
    afterMs = 3_000,
    companionMs = 1_200,
  }: { progress?: RunProgress | undefined; isCompanion?: boolean; afterMs?: number; companionMs?: number },
) {
  const trained = isCompanion ? [process.pid] : [];
  let running = [...pids, ...trained];
  const watch = new BackgroundWatch(() => running);
  if (isCompanion) {
    // Times of processes are told in hundredths of a second.
    await delay(50);
    watch.noteProgress(1);
    running = [...pids];
  }
  const endsAt = Date.now() + afterMs;
  let isLate = false;
  const told: string[] = [];
  const end = await watch.stay(
    { ...SCRIPT, progress },
    {
      isOver: () => {
        isLate = Date.now() > endsAt;
        return isLate;
      },
      tell: (note) => void told.push(note),
      idleMs: 600,
      companionMs,
      loopMs: 600,
    },
  );
  return { end: isLate ? "waits" : end, isTold: told.length > 0 };
}

const UNTIL_EVENT = "import socket; a, b = socket.socketpair(); a.recv(1)";

test("a process in the background that does nothing is left alone, and one that sleeps for a set time is waited for", async (context) => {
  const idle = await startPython(context, ["-c", UNTIL_EVENT]);
  assert.deepEqual(await endOfWait([idle], {}), { end: "idle", isTold: true });
  assert.equal(process.kill(idle, 0), true);
  const asleep = await startPython(context, ["-c", "import time; time.sleep(600)"]);
  assert.equal((await endOfWait([asleep], {})).end, "waits");
  const shell = spawn("sh", ["-c", "sleep 600 & echo $!; wait"], { stdio: ["ignore", "pipe", "ignore"] });
  const [sleep] = (await once(shell.stdout, "data")).map(Number);
  context.after(() => [shell.pid ?? 0, sleep ?? 0].forEach((pid) => process.kill(pid, "SIGKILL")));
  const pids = [shell.pid ?? 0, sleep ?? 0];
  assert.equal((await endOfWait(pids, { progress: progressAt(4) })).end, "waits");
});

test("what began before the training and only looks on does not keep the run going; what computes does", async (context) => {
  const monitor = await startPython(context, ["-c", "import time\nwhile True: time.sleep(0.2)"]);
  const isCompanion = true;
  const progress = progressAt(4);
  assert.deepEqual(await endOfWait([monitor], { progress, isCompanion }), { end: "aside", isTold: true });
  assert.equal(process.kill(monitor, 0), true, "it is left alone");
  assert.equal((await endOfWait([monitor], { progress })).end, "waits", "a second stage may begin with a wait");
  const training = await startPython(context, [
    "-c",
    "import time\nwhile True:\n for i in range(10**6): pass\n time.sleep(0.01)",
  ]);
  assert.deepEqual(await endOfWait([training], { progress, isCompanion }), { end: "waits", isTold: true });
  // One that waits for its data takes no more of the CPU than a monitor.
  const file = await open(join(await makeWorkspace(context), "long.log"), "w");
  context.after(() => file.close());
  const epochs = "import time\nfor e in range(999): print('Epoch', e, 'loss:', 1, flush=True); time.sleep(0.2)";
  const slow = await startPython(context, ["-c", epochs], undefined, file.fd);
  assert.deepEqual(await endOfWait([slow], { progress, isCompanion }), { end: "waits", isTold: true });
});

/** A shell that looks on every tenth of a second, for ever. */
function startMonitor(context: TestContext, first = ""): number {
  const shell = spawn("sh", ["-c", `${first}\nwhile true; do sleep 0.1; done`], { stdio: "ignore" });
  context.after(() => shell.kill("SIGKILL"));
  return shell.pid ?? 0;
}

test("a loop that looked on beside the training keeps no run going, and is left alone", async (context) => {
  const monitor = startMonitor(context);
  assert.deepEqual(await endOfWait([monitor], { progress: progressAt(4), isCompanion: true, companionMs: 60_000 }), {
    end: "aside",
    isTold: true,
  });
  assert.equal(process.kill(monitor, 0), true);
});

test("a loop that had work done may be between two trainings, and is not ended", async (context) => {
  const loop = startMonitor(context, "python3 -c 'for i in range(2 * 10**7): pass'");
  await waitUntil("it had work done", () => ((readProcStat(loop)?.childTicks ?? 0) > 20 ? true : undefined));
  assert.deepEqual(await endOfWait([loop], { progress: progressAt(4), isCompanion: true }), {
    end: "aside",
    isTold: true,
  });
  assert.equal(process.kill(loop, 0), true);
});

test("a loop that looks on beside a training in the background keeps no run going after it, and is left alone", async (context) => {
  const monitor = startMonitor(context);
  const path = join(await makeWorkspace(context), "train.log");
  const file = await open(path, "w");
  context.after(() => file.close());
  const epochs =
    "import time; time.sleep(1)\nfor e in range(12): print('Epoch', e, 'loss:', 1, flush=True); time.sleep(0.2)";
  const training = await startPython(context, ["-c", epochs], undefined, file.fd);
  const told: (string | undefined)[] = [];
  const watch = new BackgroundWatch(() => [monitor, training].filter((pid) => commandLineOf(pid).length > 0));
  const end = await watch.stay(SCRIPT, {
    isOver: () => false,
    tell: (_note, status) => void told.push(status?.backgroundOutput),
    companionMs: 600,
  });
  assert.deepEqual([end, told], ["idle", [undefined, path, undefined]]);
  assert.equal(process.kill(monitor, 0), true);
});
