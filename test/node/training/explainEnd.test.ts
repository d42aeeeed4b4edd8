import assert from "node:assert/strict";
import { mkdir, statfs, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import { explainEnd } from "../../../src/node/training/explainEnd.ts";
import { buildPlan, makeWorkspace } from "../../support/runFixtures.ts";

/** NaN where there is no such disk. */
async function freeBytesOf(path: string): Promise<number> {
  const found = await statfs(path).catch(() => undefined);
  return found === undefined ? Number.NaN : found.bavail * found.bsize;
}

test("a full disk is the one that the command names, where nothing else tells where it saves", async (context) => {
  const root = await makeWorkspace(context);
  const [shared, own] = await Promise.all(["/dev/shm", root].map((path) => freeBytesOf(path)));
  if (!(Number(shared) < Number(own))) {
    context.skip("this machine has no smaller disk at /dev/shm");
    return;
  }
  const plan = buildPlan(root, ["python3", "train.py", "--data=/proc/self", "--out=/dev/shm"]);
  const lines = [{ line: 1, text: "OSError: [Errno 28] No space left on device" }];
  const found = await explainEnd(lines, { folder: root, plan, state: "failed", status: { exitCode: 1 } });
  assert.match(
    found?.facts?.[0] ?? "",
    /^The disk of \/dev\/shm has \d[\d.]* (?:bytes|[kMGT]B) of \d[\d.]* [kMGT]B free\.$/,
  );
});

test("a limit that the command sets itself is told from a machine without memory and from a person's kill", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "job.sh"), "# ulimit -v 1\nulimit -v 3000000\npython train.py\n");
  const explain = async (command: string[], text: string, status: { exitCode?: number; signal?: string }) => {
    const end = {
      folder: root,
      plan: buildPlan(root, command),
      state: "failed",
      status: { ...status, memoryKills: 0 },
    } as const;
    const found = await explainEnd([{ line: 1, text }], end);
    return [found?.title, ...(found?.facts ?? []), found?.advice].join(" ");
  };
  const refused = "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 76.3 MiB for an array";
  assert.match(
    await explain(["bash", "job.sh"], refused, { exitCode: 1 }),
    /^Memory limit reached Its command limits its memory itself \(ulimit -v 3000000\)\. Raise that limit\. Load less/,
  );
  assert.match(await explain(["python3", "train.py"], refused, { exitCode: 1 }), /^Machine out of memory Load less/);
  const killed = { signal: "SIGKILL" };
  assert.match(
    await explain(["bash", "-c", "ulimit -t 60; python train.py"], "Epoch 1", killed),
    /^Killed .* limits its time itself \(ulimit -t 60\)/,
  );
  assert.match(
    await explain(["timeout", "-s", "KILL", "2h", "python", "train.py"], "Epoch 1", killed),
    /limits its time itself \(timeout -s KILL 2h\)/,
  );
  const epochs = ["python", "train.py", "--timeout", "30"];
  assert.doesNotMatch(await explain(epochs, "Epoch 1", killed), /limits its time/);
});

test("resuming is advised only where a checkpoint may have been left", async (context) => {
  const root = await makeWorkspace(context);
  const saved = join(root, "checkpoints");
  const startedAt = new Date().toISOString();
  const advice = async (folder: LaunchPlan["checkpointFolder"]) => {
    const plan = buildPlan(root, ["python3", "train.py"], folder === undefined ? {} : { checkpointFolder: folder });
    return (
      (await explainEnd([], { folder: root, plan, state: "failed", status: { startedAt, exitCode: 1 } }))?.advice ?? ""
    );
  };
  const [resume, restart] = [/Resume from the newest checkpoint that is whole\.$/, /so start it again\.$/];
  const given = { path: saved, reason: "--out" };
  const guessed = { ...given, isGuessed: true };
  assert.match(await advice(undefined), restart);
  assert.match(await advice(given), restart);
  await mkdir(saved);
  await writeFile(join(saved, "log.csv"), "1");
  assert.match(await advice(given), restart);
  await writeFile(join(saved, "epoch_1.pkl"), "1");
  await utimes(join(saved, "epoch_1.pkl"), 1_000, 1_000);
  assert.match(await advice(given), resume);
  assert.match(await advice(guessed), restart, "another run's");
  await writeFile(join(saved, "epoch_2.pkl"), "1");
  assert.match(await advice(guessed), resume);
});

test("a training with a mistake in its code goes on from what it saved itself", async (context) => {
  const root = await makeWorkspace(context);
  const saved = join(root, "checkpoints");
  await mkdir(saved);
  await writeFile(join(saved, "earlier.pt"), "1");
  await utimes(join(saved, "earlier.pt"), 1_000, 1_000);
  const startedAt = new Date().toISOString();
  const progress = { epoch: 12, metrics: {}, updatedAt: startedAt };
  const plan = buildPlan(root, ["python3", "train.py"], { checkpointFolder: { path: saved, reason: "--out" } });
  const advice = async () => {
    const end = { folder: root, plan, state: "failed", status: { startedAt, exitCode: 1, progress } } as const;
    return (await explainEnd([{ line: 1, text: "KeyError: 'lr'" }], end))?.advice;
  };
  await mkdir(join(saved, ".trainyard", "runs"), { recursive: true });
  await writeFile(join(saved, ".trainyard", "runs", "owner"), "1");
  assert.equal(await advice(), "Correct what the line says, then start again.");
  await writeFile(join(saved, "epoch_10.pt"), "1");
  assert.equal(await advice(), "Correct what the line says, then resume from the newest checkpoint that is whole.");
});

test("a run that had come to its last epoch when nobody heard its end is looked at before it starts again", async (context) => {
  const folder = await makeWorkspace(context);
  const plan = buildPlan(folder, ["python3", "x.py"]);
  const advice = async (epoch: number) => {
    const progress = { epoch, epochs: 20, metrics: {}, updatedAt: new Date().toISOString() };
    const end = { folder, plan, state: "lost", status: { progress } } as const;
    return (await explainEnd([{ line: 1, text: `Epoch ${epoch}/20 loss=0.1` }], end))?.advice;
  };
  assert.match((await advice(20)) ?? "", /^It had printed its last epoch, so it may have finished/);
  assert.doesNotMatch((await advice(19)) ?? "", /may have finished/);
});
