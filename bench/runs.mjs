// What watching over a run costs: `node bench/runs.mjs [seconds]` prints the share of a CPU and the memory of the supervisor
// beside a training that prints a hundred lines a second (all of it, and what is its own: most of a Node process are pages of
// the executable, which every Node process shares), the time to diagnose a log of 100 MB, and to list 200 runs.
import { execFileSync } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { diagnoseLog } = await import("../src/node/training/diagnoseRun.ts");
const { createRun, listRuns, readRun } = await import("../src/node/training/runLedger.ts");
const { startOwner } = await import("../src/node/training/startOwner.ts");
const { requestStop } = await import("../src/node/training/stopRequest.ts");

const seconds = Number(process.argv[2] ?? 30);
/** Their median is said: what else the machine does shows in single ones. */
const WINDOWS = 5;
const PRINTS = `
import time
for step in range(10**9):
    print(f"epoch 1/3 step {step}/1000000 loss {2 - step / 10**9:.6f} lr 0.001", flush=True)
    time.sleep(0.01)
`;
const receipt = { host: "bench", platform: process.platform, trainyardVersion: "0.0.0" };
const folder = await mkdtemp(join(tmpdir(), "trainyard-bench-"));

function planOf(script) {
  return {
    kind: "training",
    title: "bench",
    script,
    command: ["python3", script],
    cwd: folder,
    environment: {},
    interpreter: { path: "python3", reason: "bench" },
    device: { kind: "cpu", reason: "bench" },
    arguments: [],
    warnings: [],
  };
}

/** Milliseconds of CPU time of all threads and megabytes of memory of a process, from /proc (Linux). */
function usageOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]),
  );
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const megabytes = (name) => (Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(rollup)[1]) * 1_024) / 1e6;
  return {
    cpuMs: threads.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6,
    memory: `${megabytes("Rss").toFixed(1)} MB resident, ${megabytes("Private_Dirty").toFixed(1)} MB of it its own`,
  };
}

async function measureOwner() {
  const script = join(folder, "train.py");
  await writeFile(script, PRINTS);
  const runFolder = await createRun(folder, planOf(script), receipt);
  execFileSync(process.execPath, [join(root, "esbuild.config.mjs")], { stdio: "ignore" });
  await startOwner(runFolder, join(root, "dist/supervisor.js"));
  let run = await readRun(runFolder);
  while (run.status.supervisor === undefined || run.state !== "running") {
    await delay(100);
    run = await readRun(runFolder);
  }
  await delay(3_000);
  const { pid } = run.status.supervisor;
  const shares = [];
  let usage = usageOf(pid);
  for (let window = 0; window < WINDOWS; window++) {
    const before = usage;
    await delay((seconds * 1_000) / WINDOWS);
    usage = usageOf(pid);
    shares.push((usage.cpuMs - before.cpuMs) / ((10 * seconds) / WINDOWS));
  }
  await requestStop(run, "now");
  while ((await readRun(runFolder)).state !== "stopped") {
    await delay(100);
  }
  const [median] = shares.toSorted((a, b) => a - b).slice(WINDOWS >> 1);
  const each = shares.map((share) => share.toFixed(2)).join(", ");
  console.log(`supervisor: ${median.toFixed(2)} % of a core (${each}), ${usage.memory}, over ${seconds} s`);
}

async function measureDiagnosis() {
  const log = join(folder, "long.log");
  const stream = createWriteStream(log);
  const chunk = "epoch 1/3 step 100/1000000 loss 1.234567 lr 0.001, and some more words to fill the line\n".repeat(
    1_200,
  );
  for (let written = 0; written < 100 * 1024 * 1024; written += chunk.length) {
    if (!stream.write(chunk)) {
      await new Promise((resolve) => stream.once("drain", resolve));
    }
  }
  stream.end("Traceback (most recent call last):\nRuntimeError: CUDA error: device-side assert triggered\n");
  await finished(stream);
  const times = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const found = await diagnoseLog(log);
    times.push(performance.now() - start);
    if (found?.diagnosis.cause !== "device-assert") {
      throw new Error(`diagnosed as ${found?.diagnosis.cause}`);
    }
  }
  console.log(`100 MB diagnosed: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
}

async function measureListing() {
  const root200 = await mkdtemp(join(tmpdir(), "trainyard-bench-"));
  for (let run = 0; run < 200; run++) {
    const runFolder = await createRun(root200, planOf(join(folder, "train.py")), receipt);
    const now = new Date().toISOString();
    const status = { schemaVersion: 1, state: "finished", startedAt: now, endedAt: now, heartbeatAt: now, exitCode: 0 };
    await writeFile(join(runFolder, "status.json"), JSON.stringify(status));
  }
  const times = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await listRuns(root200);
    times.push(performance.now() - start);
  }
  console.log(
    `${readdirSync(join(root200, ".trainyard/runs")).length} runs listed: ${times.map((time) => time.toFixed(0)).join(", ")} ms`,
  );
  await rm(root200, { recursive: true });
}

try {
  await measureDiagnosis();
  await measureListing();
  await measureOwner();
} finally {
  await rm(folder, { recursive: true, force: true });
}
