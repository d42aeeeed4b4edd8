import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { EventLog } from "../../../src/core/metrics/eventLog.ts";
import type { Series } from "../../../src/core/metrics/series.ts";
import { UsageError } from "../../../src/node/base/cliVerb.ts";
import { metricsVerb } from "../../../src/node/metrics/cliMetrics.ts";
import { openMetrics } from "../../../src/node/metrics/metricsClient.ts";
import { RunMetrics } from "../../../src/node/metrics/runMetrics.ts";
import { namedRuns } from "../../../src/node/training/namedRuns.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { temporaryFolder as pythonFolder, runPython } from "../../support/python.ts";
import { buildPlan, testReceipt } from "../../support/runFixtures.ts";
import { seededRandom } from "../../support/seededRandom.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Writes logs in all styles of torch's SummaryWriter, and prints what TensorBoard itself reads from them. */
const WRITER = `
import json, sys
import numpy as np
from torch.utils.tensorboard import SummaryWriter
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, SCALARS, TENSORS
from tensorboard.util import tensor_util

def write(folder, purge=None):
    writer = SummaryWriter(folder, purge_step=purge)
    start = purge or 0
    for step in range(start, start + 50):
        writer.add_scalar("simple", 1 / (step + 1), step, walltime=1000.5 + step)
        writer.add_scalar("tensor", step * 0.1, step, new_style=True, walltime=1000.5 + step)
        writer.add_scalar("double", step * 0.1, step, new_style=True, double_precision=True, walltime=1000.5 + step)
        if step % 7 == 0:
            writer.add_histogram("weights", np.random.default_rng(0).normal(size=1000), step)
            writer.add_image("picture", np.zeros((3, 64, 64)), step)
            writer.add_text("note", "hello", step)
    writer.add_scalar("bad", float("nan"), start)
    writer.add_scalar("bad", float("inf"), start + 1)
    writer.close()

write("plain")
write("restarted")
import time; time.sleep(1.1)  # the names of event files hold seconds
write("restarted", purge=30)
result = {}
for folder in ("plain", "restarted"):
    accumulator = EventAccumulator(folder, size_guidance={SCALARS: 0, TENSORS: 0})
    accumulator.Reload()
    series = {tag: [[e.step, e.wall_time * 1000, repr(e.value)] for e in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]}
    for tag in accumulator.Tags()["tensors"]:
        if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            series[tag] = [[e.step, e.wall_time * 1000, repr(float(tensor_util.make_ndarray(e.tensor_proto)))] for e in accumulator.Tensors(tag)]
    result[folder] = series
print(json.dumps(result))
`;

type Peer = Record<string, Record<string, [number, number, string][]>>;

let logs = "";
let peer: Peer = {};

before(async () => {
  const folder = await pythonFolder();
  logs = folder.path;
  const { exitCode, stdout, stderr } = await runPython(["-c", WRITER], { cwd: logs });
  assert.equal(exitCode, 0, stderr);
  peer = JSON.parse(stdout);
});

function spell(value: number): string {
  return Number.isNaN(value) ? "nan" : Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
}

/** The peer's form: Python's spelling of what is no number. */
function rowsOf(series: readonly Series[]): Peer[string] {
  return Object.fromEntries(
    series.map(({ tag, steps, times, values }) => [
      tag,
      Array.from(steps, (step, index) => [step, times[index] ?? Number.NaN, spell(values[index] ?? 0)]),
    ]),
  );
}

/** Numbers are compared as numbers: Python writes 1e-05 where JavaScript writes 0.00001. */
function compare(ours: Peer[string], theirs: Peer[string] | undefined): void {
  const numbers = (rows: Peer[string] = {}) =>
    Object.fromEntries(
      Object.entries(rows)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([tag, points]) => [
          tag,
          points.map(([step, time, text]) => [step, time, /n/.test(text) ? text : Number(text)]),
        ]),
    );
  assert.deepEqual(numbers(ours), numbers(theirs));
}

async function eventFiles(folder: string): Promise<Uint8Array[]> {
  const names = (await readdir(join(logs, folder))).toSorted();
  return Promise.all(names.map((name) => readFile(join(logs, folder, name))));
}

test("event files of PyTorch give what TensorBoard reads from them, in every style of scalar", async () => {
  const metrics = new RunMetrics({ folder: join(logs, "plain"), startedMs: 0 });
  await metrics.update();
  compare(rowsOf(metrics.series), peer["plain"]);
  assert.ok(Object.keys(peer["plain"] ?? {}).length >= 4);
});

test("a training that was resumed has each step once, from the file of the restart", async () => {
  const metrics = new RunMetrics({ folder: join(logs, "restarted"), startedMs: 0 });
  await metrics.update();
  const simple = metrics.series.filter(({ tag }) => tag === "simple");
  compare(rowsOf(simple), { simple: peer["restarted"]?.["simple"] ?? [] });
  // TensorBoard forgets simple values alone at a restart, and shows tensors twice.
  for (const { tag, steps } of metrics.series.filter((each) => each.tag !== "bad")) {
    assert.deepEqual(
      [...steps],
      Array.from({ length: 80 }, (_, step) => step),
      tag,
    );
  }
});

test("a log that grows in pieces of any size ends as one that was read at once", async () => {
  const random = seededRandom(1);
  const [bytes = new Uint8Array()] = await eventFiles("plain");
  for (let round = 0; round < 20; round++) {
    const log = new EventLog();
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + Math.floor(random() ** 3 * 4_000);
      log.push(bytes.subarray(at, at + size));
      at += size;
    }
    compare(rowsOf(log.table.all()), peer["plain"]);
  }
});

function count(log: EventLog): number {
  return log.table.all().reduce((sum, { values }) => sum + values.length, 0);
}

test("damage costs one value where it hits data, and what follows where it hits a length", async () => {
  const [bytes = new Uint8Array()] = await eventFiles("plain");
  const whole = new EventLog();
  whole.push(bytes);
  const random = seededRandom(2);
  for (let round = 0; round < 200; round++) {
    const damaged = Uint8Array.from(bytes);
    const at = Math.floor(random() * bytes.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 + Math.floor(random() * 255));
    const log = new EventLog();
    log.push(damaged);
    assert.ok(count(log) <= count(whole));
    assert.ok(log.problem !== undefined || count(log) === count(whole), `byte ${at}`);
    const cut = new EventLog();
    cut.push(bytes.subarray(0, at));
    assert.ok(count(cut) <= count(whole));
    assert.equal(cut.problem, undefined, "a torn end waits");
  }
});

test("a run has the logs that were written while it ran, the most exact kind first", async (context) => {
  const root = temporaryFolder(context);
  const folder = join(root, "logs");
  await mkdir(join(folder, "run-2"), { recursive: true });
  await writeFile(join(folder, "metrics.csv"), "step,loss\n1,9\n");
  await utimes(join(folder, "metrics.csv"), 1, 1);
  await writeFile(join(folder, "run-2", "metrics.csv"), "step,loss\n1,0.5\n");
  const { mtimeMs } = await stat(join(folder, "run-2", "metrics.csv"));
  const metrics = new RunMetrics({ folder, startedMs: mtimeMs - 10 });
  await metrics.update();
  assert.deepEqual(
    metrics.series.map(({ tag, values }) => [tag, [...values]]),
    [["loss", [0.5]]],
  );
  assert.equal(metrics.source(root), "logs/run-2/metrics.csv");
  await appendFile(join(folder, "run-2", "metrics.csv"), "2,0.25\n3,0.");
  await metrics.update();
  assert.deepEqual([...(metrics.series[0]?.values ?? [])], [0.5, 0.25]);
  await writeFile(join(folder, "run-2", "metrics.csv"), "acc,loss,step\n0.1,7,1\n");
  await metrics.update();
  assert.deepEqual(
    metrics.series.map(({ tag, values }) => [tag, [...values]]),
    [
      ["acc", [0.1]],
      ["loss", [7]],
    ],
  );
});

test("folders beside each other keep their curves apart, and data is not taken for a log", async (context) => {
  const folder = temporaryFolder(context);
  for (const name of ["train", "validation"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "metrics.csv"), `epoch,loss\n1,${name.length}\n`);
  }
  await writeFile(join(folder, "train", "predictions.jsonl"), '{"step": 1, "label": 3}\n');
  const metrics = new RunMetrics({ folder, startedMs: 0 });
  await metrics.update();
  assert.deepEqual(
    metrics.series.map(({ tag, values }) => [tag, [...values]]),
    [
      ["train/loss", [5]],
      ["validation/loss", [10]],
    ],
  );
});

test("without logs the curves come from what was printed, and without that it is said where they were looked for", async (context) => {
  const root = temporaryFolder(context);
  const console = join(root, "train.log");
  const metrics = new RunMetrics({ folder: join(root, "logs"), console, startedMs: 0 });
  await metrics.update();
  assert.equal(metrics.source(root), "no values yet; looked in logs and what the training printed");
  await writeFile(console, "2026-11-21T03:44:55.123Z step 10: loss=0.5\n2026-11-21T03:44:56.123Z step 20: loss=0.25\n");
  await metrics.update();
  assert.deepEqual([...(metrics.series[0]?.steps ?? [])], [10, 20]);
  assert.equal(metrics.source(root), "what the training printed");
});

test("the thread answers with thinned series and their summaries", async () => {
  using client = openMetrics();
  const run = { key: "a", folder: join(logs, "plain"), startedMs: 0 };
  const [reply] = await client.readRuns({ root: logs, runs: [run], maxPoints: 20, smoothing: 0.5 });
  const simple = reply?.series.find(({ tag }) => tag === "simple");
  assert.ok((simple?.points?.values.length ?? 99) <= 20);
  assert.equal(simple?.points?.smoothed?.length, simple?.points?.values.length);
  assert.equal(simple?.summary.count, 50);
  assert.match(reply?.source ?? "", /^plain\/events/);
});

test("the command line says, lists and draws what a folder of logs holds, and refuses one without", async (context) => {
  const printed: string[] = [];
  const call = (words: string[], options: Record<string, boolean>) =>
    metricsVerb(namedRuns).run({
      root: logs,
      folder: logs,
      words,
      options,
      rest: [],
      host: { supervisorPath: "", version: "", print: (text) => void printed.push(text) },
    });
  assert.equal(await call(["."], {}), 0);
  assert.match(printed.at(-1) ?? "", /plain\n- [\s\S]*simple 1 → 0\.02 at step 49/);
  await call(["plain"], { json: true });
  assert.equal(JSON.parse(printed.at(-1) ?? "").runs[0].metrics.length, Object.keys(peer["plain"] ?? {}).length);
  printed.length = 0;
  await call(["plain"], { csv: true });
  assert.match(printed.join("\n"), /^run,metric,step,value\nplain,simple,0,1\n/);
  await call(["plain"], { plot: true });
  assert.match(printed.at(-1) ?? "", /┤/);
  await assert.rejects(call([temporaryFolder(context)], {}), UserError);
  await assert.rejects(call(["nowhere"], {}), /is not there/);
  await assert.rejects(
    call(["plain"], { json: true, csv: true }),
    new UsageError("--json and --csv exclude each other."),
  );
});

test("the command line takes a run by its id, as latest and as a folder", async (context) => {
  const root = temporaryFolder(context);
  const folder = await createRun(root, buildPlan(root, ["python3", "train.py"]), testReceipt);
  const printed: string[] = [];
  const call = (word: string) =>
    metricsVerb(namedRuns).run({
      root,
      folder: root,
      words: [word],
      options: { csv: true },
      rest: [],
      host: { supervisorPath: "", version: "", print: (text) => void printed.push(text) },
    });
  await assert.rejects(call("latest"), /There are no values in what run .* logged and printed\./);
  const log = ["step 10: loss=0.5", "[trainyard] Run train finished in 0 s: step 10, loss 0.5."];
  await writeFile(join(folder, "train.log"), log.map((line) => `2026-11-21T03:44:55.123Z ${line}\n`).join(""));
  for (const word of ["latest", basename(folder), ".trainyard", ".trainyard/runs", folder]) {
    assert.equal(await call(word), 0);
    assert.equal(printed.splice(0).join("\n"), `run,metric,step,value\n${basename(folder)},loss,10,0.5`, word);
  }
});
