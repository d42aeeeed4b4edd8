import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { SweepPlan } from "../../../src/core/training/sweep/sweepPlan.ts";
import { sweepsOf } from "../../../src/core/training/sweep/sweepResults.ts";
import { createRun, listRuns, readRun } from "../../../src/node/training/runLedger.ts";
import { startSweep } from "../../../src/node/training/startSweep.ts";
import { stopSweep } from "../../../src/node/training/stopSweep.ts";
import { buildPlan, makeWorkspace, spawnNode, supervisorPath, testReceipt } from "../../support/runFixtures.ts";

test("a stopped sweep keeps those of its runs from training that nobody had started yet", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "train.py"), 'open("trained", "w")\n');
  const plan = buildPlan(root, ["python3", join(root, "train.py")]);
  const sweep = { id: "s", title: "demo", index: 1, size: 1, values: { lr: "1" } };
  for (const wait of [{ cpuSlots: 1 }, undefined]) {
    const folder = await createRun(root, plan, testReceipt, { sweep, ...(wait ? { wait } : {}) });
    const record = join(folder, "run.json");
    const minuteAgo = new Date(Date.now() - 60_000).toISOString();
    const text = await readFile(record, "utf8");
    await writeFile(record, text.replace(/"createdAt": "[^"]*"/, `"createdAt": "${minuteAgo}"`));
    const run = await readRun(folder);
    assert.equal(run.state, "lost");
    await stopSweep({ id: "s", title: "demo", size: 1, runs: [run], isLive: true }, "graceful");
    assert.equal((await readRun(folder)).state, "stopped");
    const env = { XDG_STATE_HOME: join(root, "state") };
    assert.equal(await spawnNode([supervisorPath, "own", folder], { env }).ended, 0);
    assert.equal((await readRun(folder)).status.state, "stopped");
  }
  assert.equal(existsSync(join(root, "trained")), false);
});

/** Owns every run but the second of a sweep. */
const SUPERVISOR = `
import { readFileSync, renameSync, writeFileSync } from "node:fs";
const folder = process.argv[3];
if (JSON.parse(readFileSync(folder + "/run.json", "utf8")).sweep.index === 2) {
  process.exit(4);
}
const heartbeatAt = new Date().toISOString();
// Like a real one: who looks meanwhile finds no half of a status.
writeFileSync(folder + "/status.new", JSON.stringify({ schemaVersion: 1, state: "finished", heartbeatAt }));
renameSync(folder + "/status.new", folder + "/status.json");
`;

test("a sweep that could not be started whole says how many of its runs were queued", async (context) => {
  const root = await makeWorkspace(context);
  const supervisor = join(root, "supervisor.mjs");
  await writeFile(supervisor, SUPERVISOR);
  const plan = buildPlan(root, ["python3", join(root, "train.py")]);
  const runs = ["1", "2", "3", "4", "5", "6"].map((lr) => ({ values: { lr }, plan }));
  const sweep: SweepPlan = { id: "s", title: "demo", script: plan.script, wait: { cpuSlots: 1 }, runs };
  await assert.rejects(
    startSweep(sweep, { root, supervisorPath: supervisor, version: "0.0.0" }),
    /^UserError: 3 of 6 runs of the sweep s were queued, and the others were not started\. The run in .* cannot be written/,
  );
  const [started] = sweepsOf((await listRuns(root)).runs);
  assert.deepEqual(
    // What a run is called that nobody owns depends on how long ago it was recorded, and on a busy machine this takes long.
    started?.runs.map(({ folder }) => existsSync(join(folder, "status.json"))),
    // Four are started beside each other, and the others not after one of them failed.
    [true, false, true, true, false, false],
  );
});
