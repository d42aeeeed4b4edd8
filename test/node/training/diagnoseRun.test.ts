import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { describeRunEnd } from "../../../src/core/training/describeRun.ts";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { hasEnded } from "../../../src/core/training/runState.ts";
import { diagnoseLog, diagnoseRun, type FindResumePoint } from "../../../src/node/training/diagnoseRun.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { requestStop } from "../../../src/node/training/stopRequest.ts";
import { samplePython } from "../../support/python.ts";
import {
  buildPlan,
  makeWorkspace,
  supervise,
  testReceipt,
  waitForOutput,
  waitUntil,
} from "../../support/runFixtures.ts";

type Launch = {
  program: string;
  files?: Readonly<Record<string, string>>;
  args?: string[];
  python?: string;
  watchdog?: { stallSeconds: number };
  kind?: LaunchPlan["kind"];
};

async function start(
  context: TestContext,
  { program, files = {}, args = [], python = "python3", watchdog, kind = "training" }: Launch,
) {
  const root = await makeWorkspace(context);
  const script = join(root, "train.py");
  await writeFile(script, program);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const plan = buildPlan(root, [python, script, ...args], { kind, checkpointFolder: { path: root, reason: "" } });
  const folder = await createRun(root, plan, testReceipt, { stopGraceMs: 300, ...(watchdog && { watchdog }) });
  return { folder, root, shown: supervise("start", folder) };
}

async function endOf(context: TestContext, launch: Launch): Promise<Run> {
  const { folder } = await start(context, launch);
  return waitUntil(
    "the run has ended",
    async () => {
      const run = await readRun(folder);
      return hasEnded(run.state) ? run : undefined;
    },
    60_000,
  );
}

const noCheckpoint = () => Promise.resolve(undefined);

/** What a terminal says at the end of a run names the same line as a later diagnosis of its log. */
async function checkBothDoors(context: TestContext, launch: Launch, expected: RegExp): Promise<void> {
  const run = await endOf(context, launch);
  assert.match(describeRunEnd(run), expected);
  const { diagnosis: _stored, ...status } = run.status;
  const [atItsEnd, later] = await Promise.all([
    diagnoseRun(run, noCheckpoint),
    diagnoseRun({ ...run, status }, noCheckpoint),
  ]);
  assert.ok(atItsEnd);
  assert.deepEqual(atItsEnd.diagnosis, later?.diagnosis);
}

test("a flow that was killed is resumed from its own run, and not from a checkpoint", async (context) => {
  const program = `import os
print("2026-11-22 06:00:00.000 Workflow starting (run-id 1762):")
print("2026-11-22 06:00:01.000 [1763/work/2 (pid 9)] tick", flush=True)
os.kill(os.getpid(), 9)
`;
  const run = await endOf(context, { program, args: ["run", "--max-workers", "2"], kind: "flow" });
  const found = await diagnoseRun(run, noCheckpoint);
  assert.match(found?.diagnosis.advice ?? "", /Resume the flow: it takes over the steps that finished\./);
  const fix = found?.fix?.kind === "rerun" ? found.fix.plan.command.slice(2) : undefined;
  assert.deepEqual(fix, ["resume", "--origin-run-id", "1763", "--max-workers", "2"]);
});

const failing = (step: string) => `print("2026-11-22 06:00:01.000 [1763/${step}/2 (pid 9)] tick")\n{}["accuracy"]\n`;

test("a flow whose step failed goes on behind the steps that finished, once its code is corrected", async (context) => {
  const args = ["--no-pylint", "run", "--lr", "0.1"];
  const resumed = /go on with the steps that finished taken over: \S+ \S+ --no-pylint resume --origin-run-id 1763/;
  await checkBothDoors(context, { program: failing("fit"), args, kind: "flow" }, resumed);
  // Nothing finished before the first step.
  const run = await endOf(context, { program: failing("start"), args, kind: "flow" });
  assert.equal(
    (await diagnoseRun(run, noCheckpoint))?.diagnosis.advice,
    "Correct what the line says, then start again.",
  );
});

test("the end of a run and its diagnosis name one cause", async (context) => {
  const halves = `
print("CUDA out of memory. Tried to allocate 2.00 GiB; halving the batch size to 32")
print("epoch 1 loss 0.5")
print({"acc": 0.5}["accuracy"])
`;
  await Promise.all([
    checkBothDoors(
      context,
      { program: halves },
      /exit code 1 after .*: KeyError: 'accuracy' \(train\.log line \d+\), at train\.py line \d+\.$/,
    ),
    checkBothDoors(
      context,
      { program: 'print("loss: 0.1 step 4")\nraise SystemExit(3)' },
      /exit code 3 after [^:]*\. The last line it printed .*“loss: 0\.1 step 4”/,
    ),
    checkBothDoors(
      context,
      { program: 'raise SystemExit("ERROR: no dataset in /data")' },
      /: ERROR: no dataset in \/data \(/,
    ),
    checkBothDoors(
      context,
      { program: 'import threading\nthread = threading.Thread(target=lambda: {}["x"])\nthread.start()\nthread.join()' },
      /finished in .*\. Yet it printed KeyError: 'x' \(train\.log line \d+\)\.$/,
    ),
  ]);
});

test("what an import asks for is looked for in the workspace", async (context) => {
  const files = { "src/mymodel/net.py": "", "helpers.py": "def make_modell():\n    pass\n" };
  const own = await endOf(context, { program: "import mymodel.net", files });
  const found = await diagnoseRun(own, noCheckpoint);
  assert.equal(found?.diagnosis.cause, "own-module");
  assert.equal(found.fix?.label, `Retry with PYTHONPATH=${join(own.record.plan.cwd, "src")}`);
  const misnamed = await diagnoseRun(
    await endOf(context, { program: "from helpers import make_model", files }),
    noCheckpoint,
  );
  assert.equal(misnamed?.diagnosis.cause, "missing-name");
  assert.match(
    misnamed.diagnosis.advice,
    /no make_model in helpers \(.*helpers\.py\)\. The nearest name is make_modell\. Corr/,
  );
});

test("a package that the Python of the run has is not to be installed into it again", async (context) => {
  const home = await makeWorkspace(context);
  const python = join(home, "bin", "python");
  await mkdir(dirname(python));
  await writeFile(python, '#!/bin/sh\nexec python3 "$@"\n', { mode: 0o755 });
  const site = join(home, "lib", "python3.11", "site-packages");
  await mkdir(join(site, "trainlib"), { recursive: true });
  await writeFile(join(site, "trainlib", "__init__.py"), "");
  const [there, missing] = await Promise.all(
    ["trainlib", "otherlib"].map(async (name) =>
      diagnoseRun(await endOf(context, { program: `import ${name}`, python }), noCheckpoint),
    ),
  );
  assert.deepEqual([there?.diagnosis.cause, there?.fix], ["other-python", undefined]);
  assert.match(there?.diagnosis.advice ?? "", /started with another one\. .* sys\.executable/);
  assert.deepEqual([missing?.diagnosis.cause, missing?.fix?.kind], ["missing-package", "install"]);
});

test("a package that the environment of the folder has is not to be installed into another Python", async (context) => {
  const { folder, root } = await start(context, { program: "import time; time.sleep(3)\nimport only_in_venv" });
  execFileSync("python3", ["-m", "venv", "--without-pip", join(root, ".venv")]);
  const [library = ""] = globSync(join(root, ".venv/lib/python3*/site-packages"));
  await writeFile(join(library, "only_in_venv.py"), "");
  const run = await waitUntil("the run has ended", async () => {
    const ended = await readRun(folder);
    return hasEnded(ended.state) ? ended : undefined;
  });
  const found = await diagnoseRun(run, noCheckpoint);
  assert.equal(found?.diagnosis.cause, "other-environment");
  assert.match(
    found.diagnosis.advice,
    /^\.venv\/bin\/python has only_in_venv, but the run used .*: start it with the first/,
  );
  assert.equal(found.fix?.label, "Retry with .venv/bin/python");
});

/** Runs a program to its end and compares cause and proof. */
async function check(context: TestContext, launch: Launch, [cause, proof]: readonly [string, RegExp]): Promise<void> {
  const diagnosed = await diagnoseRun(await endOf(context, launch), noCheckpoint);
  assert.equal(diagnosed?.diagnosis.cause, cause);
  assert.match(diagnosed.diagnosis.evidence[0]?.text ?? "", proof);
}

const EATS_MEMORY = `
import resource
resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
print("epoch 1 loss 0.5")
rows = []
while True:
    rows.append(bytearray(2**24))
`;

const FILLS_DISK = `
print("epoch 1 loss 0.5")
with open("/dev/full", "w") as log:
    log.write("metrics" * 10_000)
`;

const DIES_SILENTLY = `
import os, signal
print("epoch 1 loss 0.5")
os.kill(os.getpid(), signal.SIGSEGV)
`;

const WORKER_KILLED = `
import os, signal
from torch.utils.data import DataLoader, Dataset, get_worker_info

class Deadly(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        if index == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return float(index)

if __name__ == "__main__":
    for batch in DataLoader(Deadly(), num_workers=1):
        print("loss", float(batch))
`;

test("failures of real processes are told by their cause", async (context) => {
  await Promise.all([
    check(context, { program: EATS_MEMORY }, ["host-memory", /^MemoryError/]),
    check(context, { program: FILLS_DISK }, ["disk-full", /^OSError: \[Errno 28\] No space left on device/]),
    check(context, { program: "import sklearnn_not_there" }, [
      "missing-package",
      /No module named 'sklearnn_not_there'/,
    ]),
    check(context, { program: "print({}['learing_rate'])" }, ["exception", /^KeyError: 'learing_rate'/]),
    check(context, { program: "def f(:\n  pass" }, ["syntax", /^SyntaxError: /]),
  ]);
});

test("a data-loader worker that was killed is told from the training that it takes along", async (context) => {
  const launch = { program: WORKER_KILLED, python: samplePython() };
  await check(context, launch, [
    "data-loader-worker",
    /DataLoader worker \(pid.*(?:is killed by signal: Killed|exited unexpectedly)|^(?:object type name: )?(?:ConnectionReset|ConnectionRefused|BrokenPipe|FileNotFound|EOF)Error/,
  ]);
});

test("a crash without a word is told by its signal", async (context) => {
  const diagnosed = await diagnoseRun(await endOf(context, { program: DIES_SILENTLY }), noCheckpoint);
  assert.equal(diagnosed?.diagnosis.cause, "native-crash");
  assert.deepEqual(diagnosed.diagnosis.evidence, []);
  assert.equal(diagnosed.fix?.label, "Retry with PYTHONFAULTHANDLER=1");
});

const GOES_NAN = `
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--resume")
args = parser.parse_args()
for step in range(5):
    print(f"step {step} loss {2 - step / 10 if step < 3 else float('nan')}", flush=True)
raise SystemExit("diverged")
`;

test("a loss that is no number raises an alarm, and its repair goes back to before it", async (context) => {
  const run = await endOf(context, { program: GOES_NAN, args: ["--lr", "0.5"] });
  const [alarm] = run.status.alarms ?? [];
  assert.deepEqual([alarm?.kind, alarm?.evidence?.text], ["not-a-number", "step 3 loss nan"]);
  let asked: Parameters<FindResumePoint>[1] | undefined;
  const diagnosed = await diagnoseRun(run, (folder, among) => {
    asked = among;
    return Promise.resolve({ path: join(folder, "epoch1.pt"), epoch: 1 });
  });
  assert.equal(diagnosed?.diagnosis.cause, "nan-loss");
  assert.equal(asked?.lossBreak?.timeMs, Date.parse(alarm?.raisedAt ?? ""));
  assert.equal(asked?.lossBreak?.step, 3);
  assert.equal(diagnosed.fix?.label, "Resume from Epoch 1 with lr 0.05");
  assert.deepEqual(diagnosed.fix.plan.command.slice(2), ["--lr", "0.05", "--resume", "epoch1.pt"]);
});

const STEPS = `
import time
for step in range(10_000):
    print(f"step {step} loss {2 - step / 10_000:.4f}", flush=True)
    time.sleep(0.05)
`;

test("a training that is paused stalls, goes on, and is resumed after a stop", async (context) => {
  const { folder, shown } = await start(context, { program: STEPS, watchdog: { stallSeconds: 1 } });
  await waitForOutput(shown, "step 10 ");
  const pid = (await readRun(folder)).status.training?.pid ?? 0;
  const alarmOf = async () => (await readRun(folder)).status.alarms?.[0];
  process.kill(pid, "SIGSTOP");
  const stall = await waitUntil("the stall is noticed", alarmOf, 60_000);
  assert.equal(stall.kind, "stall");
  assert.equal(stall.endedAt, undefined);
  process.kill(pid, "SIGCONT");
  await waitUntil("the stall is over", async () => (await alarmOf())?.endedAt, 60_000);
  await requestStop(await readRun(folder), "now");
});

test("a long log is read from its end, with line numbers of the whole", async (context) => {
  const root = await makeWorkspace(context);
  const log = join(root, "train.log");
  const lines = Array.from(
    { length: 150_000 },
    (_, step) => `step ${step} loss ${(2 - step / 1e6).toFixed(6)} and more text`,
  );
  await writeFile(log, [...lines, "ValueError: bad shape"].join("\n"));
  let turns = 0;
  const others = setInterval(() => {
    turns += 1;
  }, 0);
  const diagnosed = await diagnoseLog(log).finally(() => clearInterval(others));
  assert.deepEqual(diagnosed?.diagnosis.evidence, [{ line: 150_001, text: "ValueError: bad shape" }]);
  assert.ok(turns > 100, `only ${turns} times something else had its turn meanwhile`);
});

test("goes on from what the failed run saved, not from what a later one saved to the same folder", async (context) => {
  const run = await endOf(context, { program: 'raise FloatingPointError("broken")' });
  let asked: { sinceMs: number; untilMs: number } | undefined;
  await diagnoseRun(run, (_folder, between) => {
    asked = between;
    return Promise.resolve(undefined);
  });
  const endedMs = Date.parse(run.status.endedAt ?? "");
  assert.ok(asked !== undefined && asked.untilMs >= endedMs && asked.untilMs < endedMs + 60_000);
});
