import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ResourceSampler } from "../../../src/node/training/resourceSampler.ts";
import { copyGpus, replayedGpus } from "../../support/replayedGpus.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { waitUntil } from "../../support/runFixtures.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const IN_A_SESSION_OF_ITS_OWN = `
import subprocess, sys
worker = "held = bytearray(200 << 20); print('ready', flush=True); input()"
subprocess.run([sys.executable, "-c", worker], start_new_session=True)
`;

test("what a launcher's workers use counts, although each has a group of its own", {
  skip: process.platform !== "linux",
}, async () => {
  const launcher = spawn("python3", ["-c", IN_A_SESSION_OF_ITS_OWN], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(launcher.stdout, "data");
  const sampler = new ResourceSampler(buildRun("running").record.plan, tmpdir());
  sampler.sample(launcher.pid ?? -1, 0);
  sampler.sample(launcher.pid ?? -1, 6_000);
  launcher.stdin.end("\n");
  await once(launcher, "exit");
  assert.ok((sampler.latest?.memoryMiB ?? 0) >= 200, JSON.stringify(sampler.latest));
});

const [FIRST, SECOND] = ["GPU-9a1b2c33-5d2e-4f6a-8c9d-000000000000", "GPU-8b2c3d44-5d2e-4f6a-8c9d-000000000001"];

test("GPUs that a training takes by itself are measured, as far as its mask shows them", {
  skip: process.platform !== "linux",
}, async (context) => {
  const launcher = spawn("sh", ["-c", "sleep 600 & wait"], { detached: true, stdio: "ignore" });
  context.after(() => process.kill(-(launcher.pid ?? 0), "SIGKILL"));
  const childOf = () => spawnSync("pgrep", ["-P", String(launcher.pid)], { encoding: "utf8" }).stdout.trim();
  await waitUntil("it has a child", () => childOf() !== "");
  const machine = copyGpus("two", temporaryFolder(context));
  useEnvironment(context, replayedGpus(machine));
  const apps = [FIRST, SECOND].map((uuid) => `${uuid}, ${childOf()}, python3, 900\n`);
  writeFileSync(join(machine, "processes.csv"), apps.join(""));
  writeFileSync(join(machine, "optional.csv"), "0, 3, [N/A]\n1, 88, [N/A]\n");
  const { plan } = buildRun("running").record;
  const cases: [Record<string, string>, string[]][] = [
    [{}, [FIRST, SECOND]],
    [{ CUDA_VISIBLE_DEVICES: "1" }, [SECOND]],
  ];
  for (const [environment, expected] of cases) {
    const taken: string[] = [];
    const masked = { ...plan, environment };
    const sampler = new ResourceSampler(masked, tmpdir(), (gpus) => taken.push(...gpus.map(({ uuid }) => uuid)));
    for (let nowMs = 0; nowMs <= 24_000; nowMs += 6_000) {
      sampler.sample(launcher.pid ?? -1, nowMs);
    }
    await waitUntil("they are measured", () => (sampler.latest?.gpus ?? []).length === expected.length);
    assert.deepEqual(taken, expected);
    assert.equal(sampler.latest?.gpus?.at(-1)?.utilizationPercent, 88);
    assert.equal(sampler.isBusy, true);
  }
});

test("a training that is shown no GPU asks for none", async (context) => {
  const machine = copyGpus("two", temporaryFolder(context));
  useEnvironment(context, replayedGpus(machine));
  writeFileSync(join(machine, "processes.csv"), `${FIRST}, ${process.pid}, node, 900\n`);
  mkdirSync(join(machine, "next"));
  writeFileSync(join(machine, "next", "core.csv"), "asked");
  const { plan } = buildRun("running").record;
  const sampler = new ResourceSampler({ ...plan, environment: { CUDA_VISIBLE_DEVICES: "" } }, tmpdir());
  sampler.sample(process.pid, 0);
  await delay(500);
  assert.ok(existsSync(join(machine, "next", "core.csv")));
});

function useEnvironment(context: TestContext, variables: NodeJS.ProcessEnv): void {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  context.after(() => {
    for (const name of Object.keys(variables)) {
      delete process.env[name];
    }
    Object.assign(process.env, before);
  });
}
