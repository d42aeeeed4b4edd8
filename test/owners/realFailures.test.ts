import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { LaunchPlan } from "../../src/core/training/launchPlan.ts";
import type { Run } from "../../src/core/training/runRecord.ts";
import { hasEnded } from "../../src/core/training/runState.ts";
import { diagnoseRun } from "../../src/node/training/diagnoseRun.ts";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";
import { buildPlan, makeWorkspace, supervisorPath, testReceipt, waitUntil } from "../support/runFixtures.ts";
import { ownersPython } from "./ownersPython.ts";

/** Runs a program to its end under a real supervisor. */
async function endOf(
  context: TestContext,
  program: string,
  command: (script: string, root: string) => string[],
): Promise<Run> {
  const root = await makeWorkspace(context);
  const script = join(root, "train.py");
  await writeFile(script, program);
  const change: Partial<LaunchPlan> = { environment: { OMP_NUM_THREADS: "1" } };
  const plan = buildPlan(root, command(script, root), change);
  const folder = await createRun(root, plan, testReceipt, { stopGraceMs: 300 });
  const { NODE_TEST_CONTEXT: _ofThisRunner, ...env } = process.env;
  spawnSync(process.execPath, [supervisorPath, "own", folder], { stdio: "ignore", env, timeout: 120_000 });
  return waitUntil("the run has ended", async () => {
    const run = await readRun(folder);
    return hasEnded(run.state) && run;
  });
}

async function causeOf(run: Run): Promise<{ cause: string; evidence: string }> {
  const diagnosed = await diagnoseRun(run, () => Promise.resolve(undefined));
  assert.ok(diagnosed, `run ${run.state}`);
  const { cause, evidence } = diagnosed.diagnosis;
  return { cause, evidence: evidence.map(({ text }) => text).join("\n") };
}

const TWO_RANKS = `
import os, signal
import torch
import torch.distributed as dist

dist.init_process_group("gloo")
for step in range(3):
    dist.all_reduce(torch.ones(1))
    print(f"rank {dist.get_rank()} step {step} loss {1 / (step + 1):.3f}", flush=True)
    if dist.get_rank() == 1 and step == 1:
        os.kill(os.getpid(), signal.SIGKILL)
`;

test("of two gloo ranks under torchrun the one that was killed is the cause, not the one that complains", async (context) => {
  const run = await endOf(context, TWO_RANKS, (script) => [
    ownersPython(),
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nproc-per-node=2",
    script,
  ]);
  const { cause, evidence } = await causeOf(run);
  assert.match(evidence, /rank\s*:\s*1 |exitcode\s*:\s*-9|Signal 9|local_rank: 1/);
  assert.ok(["killed", "host-memory"].includes(cause), `${cause}\n${evidence}`);
});

const DIES_ONCE = `
import os, signal, time

if os.environ["RANK"] == "1" and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
    print("step 1 loss 0.5", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
print("step 2 loss 0.4", flush=True)
time.sleep(1)
`;

test("workers that torchrun starts anew are a restart and no failure", async (context) => {
  const launcher = [ownersPython(), "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"];
  const run = await endOf(context, DIES_ONCE, (script) => [...launcher, "--max-restarts=1", script]);
  const { restarts, diagnosis } = run.status;
  assert.deepEqual([run.state, diagnosis], ["finished", undefined]);
  assert.deepEqual([restarts?.count, restarts?.localRank, restarts?.exitCode], [1, 1, -9]);
});

const SAVES = `
import sys
import torch

for epoch in range(1, 100):
    torch.save({"epoch": epoch, "weights": torch.zeros(200_000)}, f"{sys.argv[1]}/checkpoint_epoch_{epoch}.pt")
    print(f"epoch {epoch} loss {1 / epoch:.3f}", flush=True)
`;

test("a small disk that fills with checkpoints is named", async (context) => {
  const mounts = ["unshare", "--mount", "--map-root-user"];
  if (spawnSync(mounts[0] ?? "", [...mounts.slice(1), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status !== 0) {
    context.skip("this user may not mount a disk of its own");
    return;
  }
  const run = await endOf(context, SAVES, (script, root) => {
    const disk = join(root, "disk");
    mkdirSync(disk);
    const mounted = `mount -t tmpfs -o size=4m tmpfs '${disk}' && exec '${ownersPython()}' '${script}' '${disk}'`;
    return [...mounts, "sh", "-c", mounted];
  });
  const { cause, evidence } = await causeOf(run);
  assert.equal(cause, "disk-full", evidence);
});

test("a process that is killed for nothing the machine knows of is called killed", async (context) => {
  const program = 'import os, signal\nprint("epoch 1 loss 0.5", flush=True)\nos.kill(os.getpid(), signal.SIGKILL)';
  const { cause, evidence } = await causeOf(await endOf(context, program, (script) => ["python3", script]));
  assert.equal(cause, "killed", evidence);
});
