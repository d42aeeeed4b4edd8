import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { ResourceSampler } from "../../../src/node/training/resourceSampler.ts";
import { buildRun } from "../../support/runBuilder.ts";

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
