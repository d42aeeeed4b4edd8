import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hasEnded } from "../../../src/core/training/runState.ts";
import { diagnoseRun } from "../../../src/node/training/diagnoseRun.ts";
import { runFiles } from "../../../src/node/training/runFolder.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { requestStop } from "../../../src/node/training/stopRequest.ts";
import { check } from "../../support/cliCalls.ts";
import {
  buildPlan,
  makeWorkspace,
  readLog,
  supervisorPath,
  testReceipt,
  waitUntil,
} from "../../support/runFixtures.ts";

/** Starts a script that fails while something is left in its background. */
async function startScript(context: TestContext, script: string, files: Readonly<Record<string, string>> = {}) {
  const root = await makeWorkspace(context);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(root, name), text);
  }
  await writeFile(join(root, "job.sh"), script);
  const folder = await createRun(root, buildPlan(root, ["bash", "job.sh"]), testReceipt);
  const start = spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" });
  return { root, folder, exit: once(start, "exit") };
}

async function waitForBackground(folder: string): Promise<void> {
  await waitUntil("it is in the background", async () => {
    const run = await readRun(folder).catch(() => undefined);
    return run?.status.isInBackground === true ? true : undefined;
  });
}

/** The process that the script called `$!`, ended with the test. */
async function leftBy(context: TestContext, root: string): Promise<number> {
  const pid = Number(await readFile(join(root, "pid"), "utf8"));
  context.after(() => process.kill(pid, "SIGKILL"));
  return pid;
}

const BESIDE = {
  "a loop of a shell": "(while true; do sleep 1; done) &",
  "a monitor in Python": 'python3 -c "import time\nwhile True: time.sleep(0.5)" &',
};

for (const [name, beside] of Object.entries(BESIDE)) {
  test(`a script that fails before anything trained has failed, and ${name} in its background is left alone`, async (context) => {
    const { root, folder, exit } = await startScript(context, `${beside}\necho $! > pid\npython3 -c "{}['lr']"`);
    const [code] = await exit;
    const pid = await leftBy(context, root);
    const { state, status } = await readRun(folder);
    assert.deepEqual([code, state, status.exitCode, status.isInBackground], [1, "failed", 1, undefined]);
    assert.match(status.diagnosis?.evidence[0]?.text ?? "", /KeyError: 'lr'/);
    assert.equal(process.kill(pid, 0), true);
  });
}

const EPOCHS = "import time\nfor e in range(1, 99): print('epoch', e, 'loss 1', flush=True); time.sleep(0.3)";

test("a stop of what goes on behind a script that failed hides neither its exit code nor its cause", async (context) => {
  const { folder, exit } = await startScript(
    context,
    `python3 -c "${EPOCHS}" > bg.log &\nsleep 1\npython3 -c "{}['lr']"`,
  );
  await waitForBackground(folder);
  await requestStop(await readRun(folder), "graceful");
  await exit;
  const { state, status } = await readRun(folder);
  assert.deepEqual([state, status.exitCode], ["failed", 1]);
  assert.match(status.diagnosis?.evidence[0]?.text ?? "", /KeyError: 'lr'/);
  assert.match(
    await readLog(folder),
    /The command has failed with exit code 1, but what it started in the background goes on/,
  );
});

test("an owner that takes over keeps the failure of the command that its background outlived", async (context) => {
  const epochs = EPOCHS.replace("99", "25");
  const { folder } = await startScript(context, `python3 -c "${epochs}" > bg.log &\nsleep 1\npython3 no_such.py`);
  await waitForBackground(folder);
  const { status: before } = await readRun(folder);
  assert.equal(before.exitCode, 2);
  process.kill(before.supervisor?.pid ?? 0, "SIGKILL");
  const run = await waitUntil(
    "it has ended",
    async () => {
      const now = await readRun(folder).catch(() => undefined);
      return now !== undefined && hasEnded(now.state) ? now : undefined;
    },
    30_000,
  );
  assert.deepEqual([run.state, run.status.exitCode], ["failed", 2]);
  const diagnosed = await diagnoseRun(run, async () => undefined);
  assert.match(diagnosed?.diagnosis.evidence[0]?.text ?? "", /can't open file .*no_such\.py/);
});

test("what is left alone and prints into the run's log later does not wait for ever for a reader", async (context) => {
  const late = `import time
while not open("go").read(): time.sleep(0.2)
print("x" * 200_000, flush=True)
open("printed", "w").close()
time.sleep(60)`;
  const { root, folder, exit } = await startScript(
    context,
    `: > go\npython3 late.py &\necho $! > pid\nsleep 1\npython3 no_such.py`,
    { "late.py": late },
  );
  await exit;
  await leftBy(context, root);
  assert.equal((await readRun(folder)).state, "failed");
  await writeFile(join(root, "go"), "go");
  await waitUntil(
    "all was printed",
    async () => (await stat(join(root, "printed")).catch(() => undefined)) !== undefined || undefined,
  );
  const { leftOutput } = runFiles(folder);
  assert.ok((await readLog(folder)).includes(`What it prints from here on goes to ${leftOutput}.`));
  await waitUntil("it is in the file", async () => (await stat(leftOutput)).size === 200_001 || undefined);
  await check(
    root,
    ["logs", "latest"],
    0,
    /What it left running has printed 200 kB since it ended, to .*left\.log\.\n$/,
  );
});

test("a service that a script started beside its training stays, and nobody is told to wait for it", async (context) => {
  const script = `(exec -a tensorboard sleep 600) &\necho $! > pid\npython3 -c "print('epoch 1/1 loss 1')"`;
  const { root, folder, exit } = await startScript(context, script);
  const [code] = await exit;
  const pid = await leftBy(context, root);
  const { state, status } = await readRun(folder);
  assert.deepEqual([code, state, status.problem], [0, "finished", undefined]);
  assert.equal(process.kill(pid, 0), true);
  const log = await readLog(folder);
  assert.match(log, new RegExp(`left alone: process ${pid} \\(tensorboard 600\\)\\. To end it: kill ${pid}`));
  assert.doesNotMatch(log, /SIGTERM/);
});
