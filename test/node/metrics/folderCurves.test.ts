import assert from "node:assert/strict";
import { appendFile, copyFile, cp, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LogFolder } from "../../../src/node/metrics/logFolder.ts";
import { findMetricFiles, type MetricFile } from "../../../src/node/metrics/metricFiles.ts";
import { type MetricsClient, openMetrics } from "../../../src/node/metrics/metricsClient.ts";
import { trainerFoldersOf } from "../../../src/node/metrics/trainerFolders.ts";
import { assertScales } from "../../support/assertScales.ts";
import { scalarRecord } from "../../support/eventRecords.ts";
import { repositoryRoot } from "../../support/python.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixtures = join(repositoryRoot, "test", "fixtures", "metrics");

/** Runs with one value each, the first of them the oldest. */
async function folderOf(context: TestContext, names: readonly string[]): Promise<string> {
  const folder = temporaryFolder(context);
  for (const [index, name] of names.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "metrics.csv"), `step,loss\n1,${index}\n`);
    await utimes(join(folder, name, "metrics.csv"), 1_000 + index, 1_000 + index);
  }
  return folder;
}

async function read(client: MetricsClient, folder: string, chosen: readonly string[] = [], maxRuns = 60) {
  const reply = await client.readFolder({ folder, chosen, maxRuns, maxPoints: 100, smoothing: 0 });
  const lastOf = ({ series }: (typeof reply.runs)[number]) => series.map(({ summary }) => summary.last);
  return {
    runs: reply.runs.map((run) => [run.name, ...lastOf(run)]),
    known: reply.known.map(({ name }) => name),
    problems: reply.problems,
  };
}

test("each folder with logs below one is a run with a name of its own, and what is added comes with the next look", async (context) => {
  using client = openMetrics();
  const folder = await folderOf(context, ["a", "b/c"]);
  assert.deepEqual(await read(client, folder), {
    runs: [
      ["b/c", 1],
      ["a", 0],
    ],
    known: ["b/c", "a"],
    problems: [],
  });
  await appendFile(join(folder, "a", "metrics.csv"), "2,7\n");
  await mkdir(join(folder, "d"));
  await writeFile(join(folder, "d", "metrics.csv"), "step,loss\n1,5\n");
  const { runs } = await read(client, folder);
  assert.deepEqual(Object.fromEntries(runs), { a: 7, "b/c": 1, d: 5 });
});

test("of many runs the newest are read, and any other can be chosen", async (context) => {
  using client = openMetrics();
  const folder = await folderOf(context, ["a", "b", "c", "d"]);
  assert.deepEqual((await read(client, folder, [], 2)).runs, [
    ["d", 3],
    ["c", 2],
  ]);
  assert.deepEqual(await read(client, folder, [join(folder, "a")], 2), {
    runs: [["a", 0]],
    known: ["a", "d", "c", "b"],
    problems: [],
  });
});

test("the runs of a store are told apart, and one of them can be chosen", async () => {
  using client = openMetrics();
  const question = { folder: join(fixtures, "mlflow.db"), maxRuns: 60, maxPoints: 100, smoothing: 0 };
  const { runs, known } = await client.readFolder({ ...question, chosen: [] });
  assert.ok(runs.length > 1 && known.length === runs.length);
  const [, second] = runs;
  const chosen = await client.readFolder({ ...question, chosen: [second?.key ?? ""] });
  assert.deepEqual(
    chosen.runs.map(({ name }) => name),
    [second?.name],
  );
  assert.ok((second?.lastMs ?? 0) >= (second?.firstMs ?? Infinity), "the times of a run are its own");
});

test("a run of MLflow or W&B says itself how it ended", async (context) => {
  using client = openMetrics();
  const folder = temporaryFolder(context);
  for (const [name, status] of [
    ["running", 1],
    ["finished", 3],
    ["failed", 4],
    ["stopped", 5],
  ] as const) {
    await mkdir(join(folder, "mlruns", name, "metrics"), { recursive: true });
    await writeFile(join(folder, "mlruns", name, "meta.yaml"), `run_name: ${name}\nstatus: ${status}\n`);
    await writeFile(join(folder, "mlruns", name, "metrics", "loss"), "1000 0.5 1\n");
  }
  await cp(join(fixtures, "wandb"), join(folder, "wandb"), { recursive: true });
  await copyFile(join(fixtures, "mlflow.db"), join(folder, "mlflow.db"));
  const { runs } = await client.readFolder({ folder, chosen: [], maxRuns: 60, maxPoints: 100, smoothing: 0 });
  const ends = (part: string) =>
    Object.fromEntries(runs.filter(({ key }) => key.includes(part)).map(({ name, end }) => [name, end]));
  assert.deepEqual(ends("mlruns"), { running: undefined, finished: "finished", failed: "failed", stopped: "stopped" });
  assert.deepEqual([...new Set(Object.values(ends("wandb")))], ["finished"]);
  assert.deepEqual([...new Set(Object.values(ends("mlflow.db")))], ["finished"]);
});

test("runs of one name in a store or of W&B are told apart by the beginning of their ids", async (context) => {
  using client = openMetrics();
  const folder = temporaryFolder(context);
  for (const id of ["1a2b3c4d", "5e6f7a8b"]) {
    await cp(
      join(fixtures, "wandb", "offline-run-20261121_140833-cqg5xo0h"),
      join(folder, `offline-run-20261122_101112-${id}`),
      { recursive: true },
    );
  }
  const { runs } = await client.readFolder({ folder, chosen: [], maxRuns: 60, maxPoints: 100, smoothing: 0 });
  const ids = new Set(runs.map(({ name }) => / \((\w+)\)$/.exec(name)?.[1]));
  assert.deepEqual(ids, new Set(["1a2b3c4d", "5e6f7a8b"]));
});

test("the output folder of a Trainer is one run, drawn from its event files, and with those of a resume each is its own", async (context) => {
  using client = openMetrics();
  const folder = temporaryFolder(context);
  const state = { log_history: [{ step: 1, loss: 0.5 }] };
  const log = (time: string, value: number) => writeEvents(join(folder, "out", "runs", time), value);
  await mkdir(join(folder, "out", "checkpoint-1"), { recursive: true });
  await writeFile(join(folder, "out", "checkpoint-1", "trainer_state.json"), JSON.stringify(state));
  assert.deepEqual((await read(client, folder)).runs, [["out", 0.5]]);
  await log("Nov22_10-00-00_host", 0.25);
  assert.deepEqual((await read(client, folder)).runs, [["out", 0.25]]);
  assert.equal((await client.findLogs([folder]))[0]?.places, 1);
  await log("Nov22_11-00-00_host", 0.125);
  const names = (await read(client, folder)).runs.map(([name]) => name);
  assert.deepEqual(new Set(names), new Set(["out", "out/runs/Nov22_10-00-00_host", "out/runs/Nov22_11-00-00_host"]));
});

test("a Trainer that was resumed on another machine is one run: its event files go on with what its state tells", async (context) => {
  const folder = temporaryFolder(context);
  const [run, saved] = [join(folder, "out", "runs", "Nov22_10-00-00_host"), join(folder, "out", "checkpoint-300")];
  const told = [100, 200, 300].map((step) => ({ step, loss: 1 / step }));
  await writeEvents(run, 0.25, 300);
  const logs = new LogFolder(folder);
  const shown = async () => {
    await logs.update();
    return logs.runs.map(({ series, files }) => [
      files.length,
      ...series.map(({ tag, steps, values }) => [tag, ...Array.from(steps, (step, at) => [step, values[at]])]),
    ]);
  };
  assert.deepEqual(await shown(), [[1, ["train/loss", [300, 0.25]]]]);
  await mkdir(saved, { recursive: true });
  await writeFile(
    join(saved, "trainer_state.json"),
    JSON.stringify({ log_history: [...told, { step: 100, eval_loss: 2 }] }),
  );
  const before = [
    [100, 0.01],
    [200, 0.005],
  ];
  for (let look = 0; look < 2; look++) {
    assert.deepEqual(await shown(), [[2, ["train/loss", ...before, [300, 0.25]], ["eval/loss", [100, 2]]]]);
  }
  await appendFile(join(run, "events.out.tfevents.1"), scalarRecord("train/loss", 400, 0.125));
  assert.deepEqual((await shown())[0]?.[1], ["train/loss", ...before, [300, 0.25], [400, 0.125]]);
  assert.deepEqual(
    logs.runs.map(({ name }) => name),
    ["out"],
  );
});

test("a Trainer that crashed and was resumed in its folder is one run, and two trainings in one folder are not", async (context) => {
  const folder = temporaryFolder(context);
  const out = join(folder, "out");
  const save = async (step: number, history: object[]) => {
    await mkdir(join(out, `checkpoint-${step}`), { recursive: true });
    await writeFile(join(out, `checkpoint-${step}`, "trainer_state.json"), JSON.stringify({ log_history: history }));
  };
  const log = async (time: string, steps: readonly number[], rate: number) => {
    await mkdir(join(out, "runs", time), { recursive: true });
    const records = steps.map((step) => scalarRecord("train/loss", step, rate * step));
    await writeFile(join(out, "runs", time, "events.out.tfevents.1"), Buffer.concat(records));
  };
  const shown = async () => {
    const logs = new LogFolder(folder);
    await logs.update();
    return Object.fromEntries(
      logs.runs.map(({ name, series }) => [
        name,
        Array.from(series[0]?.values ?? [], (value) => Number(value.toPrecision(6))),
      ]),
    );
  };
  // Crashed at step 4 behind the checkpoint of step 2, resumed with other values from there.
  await log("a", [1, 2, 3, 4], 0.1);
  await save(
    2,
    [1, 2].map((step) => ({ step, loss: 0.1 * step })),
  );
  await log("b", [3, 4, 5], 0.2);
  const resumed = { out: [0.1, 0.2, 0.6, 0.8, 1] };
  assert.deepEqual(await shown(), resumed, "before the resumed one has saved");
  await save(4, [
    ...[1, 2].map((step) => ({ step, loss: 0.1 * step })),
    ...[3, 4].map((step) => ({ step, loss: 0.2 * step })),
  ]);
  assert.deepEqual(await shown(), resumed);
  await log("b", [1, 2, 3], 0.2);
  assert.deepEqual(Object.keys(await shown()), ["out", "out/runs/a", "out/runs/b"]);
});

test("of checkpoints that were copied in any order the last is read, and of those that a training wrote anew the newest", async (context) => {
  const folder = temporaryFolder(context);
  const write = async (step: number, loss: number, at: number) => {
    const history = Array.from({ length: step / 100 }, (_, index) => ({ step: 100 * (index + 1), loss }));
    const path = join(folder, "out", `checkpoint-${step}`, "trainer_state.json");
    await mkdir(join(folder, "out", `checkpoint-${step}`), { recursive: true });
    await writeFile(path, JSON.stringify({ log_history: history }));
    await utimes(path, at, at);
  };
  const shown = async () => {
    const logs = new LogFolder(folder);
    await logs.update();
    return logs.runs.map(({ name, series }) => [name, Array.from(series[0]?.steps ?? []), series[0]?.values[0]]);
  };
  await write(100, 0.5, 1_700_000_020);
  await write(200, 0.5, 1_700_000_000);
  await write(1_000, 0.5, 1_700_000_010);
  const steps = Array.from({ length: 10 }, (_, index) => 100 * (index + 1));
  assert.deepEqual(await shown(), [["out", steps, 0.5]]);
  await write(200, 0.25, 1_700_000_030);
  assert.deepEqual(await shown(), [["out", [100, 200], 0.25]]);
  await write(200, 0.5, 1_700_090_000);
  assert.deepEqual(await shown(), [["out", [100, 200], 0.5]], "begun anew a day later with the same seed");
});

test("the state in a run whose name ends with a number is none of a checkpoint", async (context) => {
  for (const name of ["exp", "exp-3", "2026-11-22"]) {
    const folder = join(temporaryFolder(context), name);
    for (const [at, step] of [300, 100, 200].entries()) {
      const place = at === 0 ? folder : join(folder, `checkpoint-${step}`);
      await mkdir(place, { recursive: true });
      const history = [100, 200, 300].filter((each) => each <= step).map((each) => ({ step: each, loss: 0.5 }));
      await writeFile(join(place, "trainer_state.json"), JSON.stringify({ log_history: history }));
      await utimes(join(place, "trainer_state.json"), 1_700_000_000 + at, 1_700_000_000 + at);
    }
    const logs = new LogFolder(folder);
    await logs.update();
    assert.deepEqual(Array.from(logs.runs[0]?.series[0]?.steps ?? []), [100, 200, 300], name);
  }
});

function trainerFoldersAmong(count: number): ReadonlyMap<string, string> {
  const byPlace = new Map<string, Pick<MetricFile, "kind">[]>();
  for (let at = 0; at < count; at++) {
    byPlace.set(`/logs/out-${at}`, [{ kind: "trainer-state" }]);
    byPlace.set(`/logs/out-${at}/runs/Nov22`, [{ kind: "events" }]);
  }
  return trainerFoldersOf(byPlace);
}

test("Trainer folders among thousands of places of logs are found in the time of their number", () => {
  assert.equal(trainerFoldersAmong(3).get("/logs/out-2/runs/Nov22"), "/logs/out-2");
  assertScales("Trainer folders", trainerFoldersAmong, 300);
});

test("a table that may be a data set is looked into again only where it has changed", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "train_00000.csv");
  const names = async () => (await findMetricFiles(folder)).map(({ kind }) => kind);
  await writeFile(path, "image,label\na.png,3\n");
  await utimes(path, 1_000, 1_000);
  assert.deepEqual(await names(), []);
  await writeFile(path, "epoch,loss_\n00001,3\n");
  await utimes(path, 1_000, 1_000);
  assert.deepEqual(await names(), [], "neither its size nor its time has changed");
  await utimes(path, 1_001, 1_001);
  assert.deepEqual(await names(), ["csv"]);
  await appendFile(path, "00002,2\n");
  assert.deepEqual(await names(), ["csv"]);
});

async function writeEvents(folder: string, value: number, step = 1): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "events.out.tfevents.1"), scalarRecord("train/loss", step, value));
}

test("a text that a training printed is one run, and a folder that is gone is said to be", async (context) => {
  using client = openMetrics();
  const folder = temporaryFolder(context);
  await writeFile(join(folder, "nohup.out"), "step 1 loss 0.5\nstep 2 loss 0.25\n");
  assert.deepEqual((await read(client, join(folder, "nohup.out"))).runs, [["nohup.out", 0.25]]);
  assert.match((await read(client, join(folder, "nowhere"))).problems[0] ?? "", /nowhere is not there/);
  await rm(join(folder, "nohup.out"));
  assert.deepEqual((await read(client, folder)).runs, []);
});

test("what holds logs at the top of a workspace is found, and Trainyard's own runs are not taken for it", async (context) => {
  using client = openMetrics();
  const root = await folderOf(context, ["runs/a", "runs/b", ".trainyard/runs/x"]);
  await cp(join(fixtures, "mlflow.db"), join(root, "mlflow.db"));
  const found = await client.findLogs([root]);
  assert.deepEqual(
    found.map(({ path, places }) => [path, places]),
    [
      [join(root, "mlflow.db"), 1],
      [join(root, "runs"), 2],
    ],
  );
});

test("a restart without purge_step is drawn as TensorBoard draws it, and keeps every value that its EventAccumulator has", async () => {
  using client = openMetrics();
  const folder = join(fixtures, "restarted");
  const [run] = (await client.readFolder({ folder, chosen: [], maxRuns: 1, maxPoints: 100, smoothing: 0 })).runs;
  const points = run?.series[0]?.points;
  // What TensorBoard 2.21 answers for the folder, with its fast loading.
  assert.deepEqual([...(points?.steps ?? [])], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual([...(points?.values ?? [])], [10, 11, 12, 23, 24, 25, 26, 27]);
  const logs = new LogFolder(folder);
  await logs.update();
  assert.deepEqual([...(logs.runs[0]?.series[0]?.values ?? [])], [10, 11, 12, 13, 14, 15, 23, 24, 25, 26, 27]);
});
