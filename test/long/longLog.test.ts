import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { locateLogLine } from "../../src/core/training/logParts.ts";
import { hasEnded } from "../../src/core/training/runState.ts";
import { diagnoseLog, diagnoseRun } from "../../src/node/training/diagnoseRun.ts";
import { readLogLines } from "../../src/node/training/readLogLines.ts";
import { readRunLog } from "../../src/node/training/readRunLog.ts";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";
import { requestStop } from "../../src/node/training/stopRequest.ts";
import {
  buildPlan,
  cliPath,
  makeWorkspace,
  spawnNode,
  supervise,
  testReceipt,
  waitForState,
  waitUntil,
} from "../support/runFixtures.ts";

const LIMIT_BYTES = 256 * 1024;
/** What a file system rounds each of the parts up to. */
const BLOCKS_BYTES = 10 * 4096;

/** Loses its loss beyond the first part, prints three times what may be kept, and fails. */
const LONG = `
for step in range(500):
    print(f"epoch 1/3 step {step}/100000 loss {1 / (step + 1):.4f} " + "." * 60)
for step in range(500, 510):
    print(f"epoch 1/3 step {step}/100000 loss nan")
for line in range(8_000):
    print(f"{line} " + "x" * 80)
raise ValueError("expected 64 channels")
`;

const ENDLESS = `
import os, time
line = 0
while not os.path.exists("stop"):
    print(f"{line} " + "x" * 80, flush=line % 100 == 0)
    line += 1
`;

async function start(context: TestContext, program: string) {
  const root = await makeWorkspace(context);
  const script = join(root, "train.py");
  await writeFile(script, program);
  const plan = buildPlan(root, ["python3", script]);
  const folder = await createRun(root, plan, testReceipt, { stopGraceMs: 300, logLimitMiB: LIMIT_BYTES / 2 ** 20 });
  return { root, folder, shown: supervise("start", folder) };
}

/** What the log takes of the disk, as the file system counts. */
async function diskUse(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const sizes = await Promise.all(
    names.map(async (name) => ((await stat(join(folder, name)).catch(() => undefined))?.blocks ?? 0) * 512),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function trainyard(root: string, ...words: string[]): Promise<string> {
  const call = spawnNode([cliPath, ...words], { cwd: root });
  await call.ended;
  return call.output;
}

test("a training that printed three times the limit and failed is diagnosed with the place of the line, and its NaN is told", async (context) => {
  const { root, folder, shown } = await start(context, LONG);
  assert.equal(await shown.ended, 1);
  const run = await readRun(folder);
  const { diagnosis, log, alarms = [] } = run.status;
  assert.ok((await diskUse(folder)) <= LIMIT_BYTES + BLOCKS_BYTES);

  const [proof] = diagnosis?.evidence ?? [];
  const place = locateLogLine(proof?.line ?? 0, log);
  assert.ok(place !== undefined && place.file !== "train.log");
  const lines = (await readFile(join(folder, place.file), "utf8")).split("\n");
  assert.match(lines[place.line - 1] ?? "", / ValueError: expected 64 channels$/);

  const diagnosed = await diagnoseRun(run, () => Promise.resolve(undefined));
  assert.deepEqual(diagnosed?.diagnosis.evidence[0], { line: proof?.line, text: "ValueError: expected 64 channels" });
  assert.deepEqual(diagnosed?.log, log);
  assert.deepEqual((await diagnoseLog(join(folder, "train.log")))?.diagnosis, diagnosed?.diagnosis);
  const said = await trainyard(root, "diagnose", "latest");
  assert.match(said, new RegExp(`${place.file} line ${place.line}: ValueError: expected 64 channels`));
  assert.match(said, /^Lines \d+ to \d+ are no longer in the log, which keeps its beginning and its end\.$/m);

  const nan = alarms.find(({ kind }) => kind === "not-a-number");
  assert.ok(nan?.evidence !== undefined && locateLogLine(nan.evidence.line, log) === undefined);
  assert.match(nan.evidence.text, /loss nan/);

  const printed = await trainyard(root, "logs", "latest");
  assert.match(printed, /\nepoch 1\/3 step 0\/100000 loss 1\.0000/);
  assert.match(
    printed,
    /\n\[trainyard\] The log goes on in train\.\d+\.log\.\n\[trainyard\] Lines \d+ to \d+ are no longer/,
  );
  assert.match(printed, /\n7999 x{80}\n/);
  assert.ok(printed.length < LIMIT_BYTES);
  assert.match((await readLogLines(folder, 1))[0] ?? "", /^\[trainyard\] Run demo failed with exit code 1/);
  const { curves } = await readRunLog(folder);
  assert.ok((curves.find(({ name }) => name === "loss")?.count ?? 0) > 100);
});

test("an endless printer stays below its limit, and its supervisor is replaced in the middle of a part", async (context) => {
  const { root, folder } = await start(context, ENDLESS);
  let most = 0;
  const measured = async () => {
    most = Math.max(most, await diskUse(folder));
    return (await readRun(folder)).status;
  };
  const first = await waitUntil("parts were dropped", async () => {
    const status = await measured();
    return (status.log?.missing[0]?.last ?? 0) > 20_000 ? status : undefined;
  });
  process.kill(first.supervisor?.pid ?? -1, "SIGKILL");
  const second = await waitUntil("another one records more", async () => {
    const status = await measured();
    const isOther = status.supervisor?.pid !== first.supervisor?.pid;
    const dropped = (status.log?.missing[0]?.last ?? 0) - (first.log?.missing[0]?.last ?? 0);
    return isOther && dropped > 20_000 ? status : undefined;
  });
  assert.equal(second.log?.missing.length, 1);
  await writeFile(join(root, "stop"), "");
  const ended = await waitUntil("it has ended", async () => {
    await measured();
    const run = await readRun(folder);
    return hasEnded(run.state) ? run : undefined;
  });
  assert.ok(most <= LIMIT_BYTES + BLOCKS_BYTES, `${most} bytes of disk`);
  await assertContinuous(folder, ended.status.log?.parts ?? []);
});

/** Each part begins with the line of its number: what stands before it is counted. */
async function assertContinuous(folder: string, parts: readonly number[]): Promise<void> {
  for (const [index, first] of parts.slice(1, -1).entries()) {
    const next = parts[index + 2] ?? 0;
    const text = await readFile(join(folder, `train.${first}.log`), "utf8");
    assert.equal(text.split("\n").length - 1, next - first);
    assert.match(text, new RegExp(`The log goes on in train\\.${next}\\.log\\.\\n$`));
  }
}

test("progress that paints over itself is kept within the limit", async (context) => {
  const { folder } = await start(
    context,
    `import time
end = time.time() + 2.5
while time.time() < end:
    print("\\r" + "#" * 20_000, end="", flush=True)
    print("\\n" + "=" * 20_000, flush=True)
    time.sleep(0.01)`,
  );
  await waitUntil("it is over", async () => hasEnded((await readRun(folder)).state));
  const { status, state } = await readRun(folder);
  assert.equal(state, "finished");
  assert.ok((status.log?.missing.length ?? 0) === 1);
  assert.ok((await diskUse(folder)) <= LIMIT_BYTES + BLOCKS_BYTES);
});

test("a run that is stopped while it prints without end stops", async (context) => {
  const { folder } = await start(context, ENDLESS);
  await waitUntil("it has several parts", async () => (await readRun(folder)).status.log);
  await requestStop(await readRun(folder), "graceful");
  await waitForState(folder, "stopped");
  assert.match((await readLogLines(folder, 1))[0] ?? "", /^\[trainyard\] Run demo was stopped after/);
});
