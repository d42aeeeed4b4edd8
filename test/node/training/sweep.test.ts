import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { listRuns } from "../../../src/node/training/runLedger.ts";
import { check } from "../../support/cliCalls.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { cliPath, makeWorkspace, processesOf, spawnNode, waitForOutput, waitUntil } from "../../support/runFixtures.ts";

const SCRIPT = `
import argparse, os, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--out-dir", default="out")
args = parser.parse_args()
os.makedirs(args.out_dir)
print(f"Epoch 1/1: val_loss={args.lr * 2:.3f}", flush=True)
while not os.path.exists("go"):
    time.sleep(0.02)
`;

test("a sweep runs every combination in a folder of its own, as many at once as asked, and prints what came out", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "train.py"), SCRIPT);
  const options = { cwd: root, env: { XDG_STATE_HOME: join(root, "state") } };
  const trainyard = (...args: string[]) => spawnNode([cliPath, ...args], options);
  const command = ["--", "python3", join(root, "train.py")];

  const wrong = trainyard("sweep", "lr=fast,slow", ...command);
  assert.deepEqual([await wrong.ended, wrong.output], [1, "trainyard: `--lr` wants a number, not `fast`.\n"]);

  const sweep = trainyard("sweep", "lr=0.2,0.1,0.3", "--jobs", "2", "--cpu", "--stop-grace", "3", ...command);
  const states = async () =>
    (await listRuns(root)).runs
      .map(({ state }) => state)
      .toSorted()
      .join();
  await waitUntil("two run and one waits", async () => (await states()) === "running,running,waiting", 60_000);
  await writeFile(join(root, "go"), "");
  assert.equal(await sweep.ended, 0, sweep.output);
  assert.doesNotMatch(sweep.output, /Warning:/);
  assert.match(sweep.output, /--lr 0\.1 --out-dir out\/train-sweep-[0-9a-f]{4}\/lr-0\.1_2\n/);
  assert.match(sweep.output, /\nbest {2}0\.1 {2}0\.2 +finished/);
  assert.match(sweep.output, /Sweep train has ended: 3 of 3 finished\. Best val_loss 0\.2 with lr=0\.1\.\n$/);
  const folders = (await listRuns(root)).runs.map(({ record }) => record.plan.command.at(-1));
  assert.equal(new Set(folders).size, 3);
  assert.deepEqual(
    (await listRuns(root)).runs.map(({ record }) => record.stopGraceMs),
    [3_000, 3_000, 3_000],
  );
  const masks = (await listRuns(root)).runs.map(({ record }) => record.plan.environment["CUDA_VISIBLE_DEVICES"]);
  assert.deepEqual(masks, ["", "", ""], "--cpu hides every GPU");
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a sweep whose command hides every GPU shares the CPU instead of waiting for one", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "train.py"), SCRIPT);
  const env = { ...replayedGpus("two"), XDG_STATE_HOME: join(root, "state") };
  const look = async (...command: string[]) => {
    const call = spawnNode([cliPath, "sweep", "lr=1,2", "--dry-run", "--", ...command, "python3", "train.py"], {
      cwd: root,
      env,
    });
    assert.equal(await call.ended, 0, call.output);
    return call.output;
  };
  assert.match(await look(), /Device: each on a GPU that nobody uses/);
  assert.match(await look("CUDA_VISIBLE_DEVICES="), /Device: CPU · CUDA_VISIBLE_DEVICES is empty/);
});

test("a script whose folder has no default is given one for each run, and a stop of the sweep waits for its end", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(
    join(root, "train.py"),
    SCRIPT.replace('"--out-dir", default="out"', '"--output-dir"').replaceAll("args.out_dir", "args.output_dir"),
  );
  const options = { cwd: root, env: { XDG_STATE_HOME: join(root, "state") } };
  const trainyard = (...args: string[]) => spawnNode([cliPath, ...args], options);
  const sweep = trainyard("sweep", "lr=0.2,0.1", "--cpu", "--", "python3", join(root, "train.py"));
  await waitUntil(
    "one trains",
    async () => (await listRuns(root)).runs.some(({ state }) => state === "running"),
    60_000,
  );
  assert.doesNotMatch(sweep.output, /Warning:/);
  assert.match(sweep.output, /--lr 0\.1 --output-dir outputs\/train-sweep-[0-9a-f]{4}\/lr-0\.1_2\n/);
  const [run] = (await listRuns(root)).runs;
  const stop = trainyard("stop", run?.record.sweep?.id ?? "");
  assert.equal(await stop.ended, 0, stop.output);
  assert.match(stop.output, /Sweep train has ended: 0 of 2 finished · 2 stopped\.\n$/);
  const states = (await listRuns(root)).runs.map(({ state }) => state);
  assert.deepEqual(states, ["stopped", "stopped"]);
  await sweep.ended;
});

test("Ctrl-C while the runs of a sweep are being started stops all of them", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(
    join(root, "train.py"),
    'import argparse, time\nparser = argparse.ArgumentParser()\nparser.add_argument("--seed", type=int)\nparser.parse_args()\ntime.sleep(600)',
  );
  const options = { cwd: root, env: { XDG_STATE_HOME: join(root, "state") } };
  const words = ["sweep", "seed=1..6", "--cpu", "--jobs", "6", "--", "python3", join(root, "train.py")];
  const sweep = spawnNode([cliPath, ...words], options);
  await waitForOutput(sweep, ": starting 6 runs.");
  sweep.child.kill("SIGINT");
  assert.equal(await sweep.ended, 1, sweep.output);
  assert.match(
    sweep.output,
    /Asked every run of the sweep to stop[\s\S]*Sweep train has ended: 0 of 6 finished · 6 stopped\.\n$/,
  );
});

test("a sweep on GPUs says that it counts no jobs, keeps to the mask of its command, and names why a run failed", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(
    join(root, "train.py"),
    'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--lr", type=float)\nraise ValueError(f"no {parser.parse_args().lr}")',
  );
  const options = { cwd: root, env: { ...replayedGpus("two"), XDG_STATE_HOME: join(root, "state") } };
  const command = ["--", "CUDA_VISIBLE_DEVICES=1", "python3", join(root, "train.py")];
  const sweep = spawnNode([cliPath, "sweep", "lr=0.2,0.1", "--jobs", "2", ...command], options);
  assert.equal(await sweep.ended, 1, sweep.output);
  assert.match(sweep.output, /--jobs counts on the CPU only/);
  const { runs } = await listRuns(root);
  for (const { record } of runs) {
    assert.deepEqual(record.plan.device.kind === "cuda" && record.plan.device.gpus.map(({ index }) => index), [1]);
    assert.match(sweep.output, new RegExp(`\\(${record.id}\\): Run train failed .*ValueError: no`));
  }
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a preset is varied like a command, with more arguments behind its own", async (context) => {
  const root = await makeWorkspace(context);
  const flags = ["--lr", "--epochs", "--batch"].map((flag) => `parser.add_argument("${flag}")`);
  const lines = ["import argparse", "parser = argparse.ArgumentParser()", ...flags, "parser.parse_args()"];
  await writeFile(join(root, "train.py"), lines.join("\n"));
  await mkdir(join(root, ".trainyard"));
  await writeFile(join(root, ".trainyard", "presets.yaml"), "quick:\n  script: train.py\n  arguments: --epochs 1\n");
  const sweep = ["sweep", "--cpu", "--dry-run", "--preset"];
  const said = await check(root, [...sweep, "quick", "lr=1,2", "--", "--batch", "8"], 0, /one after the other/);
  for (const rate of [1, 2]) {
    assert.ok(said.includes(`train.py --epochs 1 --batch 8 --lr ${rate}\n`), said);
  }
  await check(root, [...sweep, "quik", "lr=1,2"], 1, /no preset quik in .* There are quick\./);
  await check(root, [...sweep, "quick", "rate=1,2"], 1, /`rate` is no argument of this script/);
});
