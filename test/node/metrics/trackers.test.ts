import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { copyFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, type TestContext, test } from "node:test";
import { WandbLog } from "../../../src/core/metrics/wandbLog.ts";
import { type FolderRun, LogFolder } from "../../../src/node/metrics/logFolder.ts";
import { findMetricFiles } from "../../../src/node/metrics/metricFiles.ts";
import { RunMetrics } from "../../../src/node/metrics/runMetrics.ts";
import { SqliteStore } from "../../../src/node/metrics/sqliteStore.ts";
import { SqliteStores } from "../../../src/node/metrics/sqliteStores.ts";
import { trackerPlaces } from "../../../src/node/metrics/trackerPlaces.ts";
import { repositoryRoot, runPython } from "../../support/python.ts";
import { seededRandom } from "../../support/seededRandom.ts";
import { spelledRuns } from "../../support/spelledRuns.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixtures = join(repositoryRoot, "test", "fixtures", "metrics");
let expected: unknown;

before(async () => {
  expected = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
});

async function read(path: string): Promise<readonly FolderRun[]> {
  const logs = new LogFolder(path);
  await logs.update();
  return logs.runs;
}

for (const name of ["mlruns", "mlflow.db", "trackio", "trackio/digits.db", "wandb"]) {
  test(`${name} gives what its library reads from it`, async () => {
    assert.deepEqual(spelledRuns(await read(join(fixtures, name))), expected);
  });
}

for (const library of ["lightning", "keras", "keras-tensorboard", "transformers", "tensorboardx"]) {
  test(`what ${library} logged is what the owners of the formats read from it`, async () => {
    const owned = JSON.parse(await readFile(join(fixtures, "expectedOfTrainings.json"), "utf8"));
    assert.deepEqual(spelledRuns(await read(join(fixtures, library))), owned[library]);
  });
}

/** Three moments of a store in Trackio's form: all in the write-ahead log, more of it, and moved into the database and on. */
const GROWING = `
import json, shutil, sqlite3
store = sqlite3.connect("live.db", isolation_level=None)
store.execute("pragma journal_mode=wal")
store.execute("pragma wal_autocheckpoint=0")
store.execute("create table metrics (id integer primary key autoincrement, run_id text, timestamp text, run_name text, step integer, metrics text)")
steps = 0
def log(count, note=""):
    global steps
    store.execute("begin")
    for step in range(steps, steps + count):
        row = json.dumps({"loss": 1 / (step + 1), "note": note})
        store.execute("insert into metrics (run_id, timestamp, run_name, step, metrics) values ('r', '2026-11-21T00:00:00+00:00', 'run', ?, ?)", (step, row))
    store.execute("commit")
    steps += count
def keep(name):
    for end in ("", "-wal"):
        shutil.copy("live.db" + end, name + ".db" + end)
log(10)
keep("first")
log(2_000, "x" * 9_000)
keep("second")
store.execute("pragma wal_checkpoint(restart)")
log(500)
keep("third")
`;

/** Three moments of a store in MLflow's form: one value, a large transaction that has spilled into the log, and after its rollback five more. */
const ROLLED_BACK = `
import shutil, sqlite3
store = sqlite3.connect("live.db", isolation_level=None)
for setting in ("journal_mode=wal", "wal_autocheckpoint=0", "cache_size=2", "cache_spill=1"):
    store.execute("pragma " + setting)
store.execute("create table runs (run_uuid text, name text, start_time integer, lifecycle_stage text)")
store.execute("create table metrics (key text, value double, timestamp bigint, run_uuid text, step bigint, is_nan integer)")
store.execute("insert into runs values ('r', 'run', 1, 'active')")
def log(steps):
    for step in steps:
        store.execute("insert into metrics values ('loss', 0.5, 1, 'r', ?, 0)", (step,))
def keep(name):
    for end in ("", "-wal"):
        shutil.copy("live.db" + end, name + ".db" + end)
log([0])
keep("first")
store.execute("begin")
log(range(9_000, 12_000))
keep("second")
store.execute("rollback")
log(range(1, 6))
keep("third")
`;

/**
 * Three moments of a store with a rollback journal: all committed, a large transaction that has spilled into the database in
 * more than one piece, and after its rollback some more rows, which have the ids of those that were never committed.
 */
const HOT_JOURNAL = `
import os, shutil, sqlite3, sys
store = sqlite3.connect("live.db", isolation_level=None)
for setting in ("journal_mode=delete", "synchronous=" + sys.argv[1], "cache_size=2", "cache_spill=1"):
    store.execute("pragma " + setting)
store.execute("create table runs (run_uuid text, name text, start_time integer, lifecycle_stage text)")
store.execute("create table metrics (key text, value double, timestamp bigint, run_uuid text, step bigint, is_nan integer)")
store.execute("insert into runs values ('r', 'run', 1, 'active')")
def log(steps):
    for step in steps:
        store.execute("insert into metrics values ('loss', 0.5, 1, 'r', ?, 0)", (step,))
def keep(name):
    for end in ("", "-journal"):
        if os.path.exists("live.db" + end):
            shutil.copy("live.db" + end, name + ".db" + end)
store.execute("begin")
log(range(3_000))
store.execute("commit")
keep("first")
store.execute("begin")
store.execute("update metrics set value = 7 where step > 1500")
store.execute("update metrics set value = 7")
log(range(9_000, 12_000))
keep("second")
store.execute("rollback")
log(range(3_000, 3_006))
keep("third")
`;

async function storeOf(context: TestContext, script: string, ...args: readonly string[]): Promise<string> {
  const folder = temporaryFolder(context);
  const { exitCode, stderr } = await runPython(["-c", script, ...args], { cwd: folder });
  assert.equal(exitCode, 0, stderr);
  return folder;
}

test("a store is followed through its write-ahead log, and through the moment when that begins anew", async (context) => {
  const folder = await storeOf(context, GROWING);
  const path = join(temporaryFolder(context), "store.db");
  const logs = new LogFolder(path);
  for (const [name, count] of [
    ["first", 10],
    ["second", 2_010],
    ["third", 2_510],
  ] as const) {
    await copyFile(join(folder, `${name}.db`), path);
    await copyFile(join(folder, `${name}.db-wal`), `${path}-wal`);
    await logs.update();
    const loss = logs.runs[0]?.series.find(({ tag }) => tag === "loss");
    assert.deepEqual(
      [...(loss?.steps ?? [])],
      Array.from({ length: count }, (_, step) => step),
    );
    assert.deepEqual(
      [...(loss?.values ?? [])],
      Array.from({ length: count }, (_, step) => 1 / (step + 1)),
    );
  }
});

test("a run that was deleted in MLflow goes from its folder and from its store, and comes back when it is restored", async (context) => {
  const folder = temporaryFolder(context);
  await cp(join(fixtures, "mlruns"), join(folder, "mlruns"), { recursive: true });
  await copyFile(join(fixtures, "mlflow.db"), join(folder, "mlflow.db"));
  const [meta = ""] = globSync(join(folder, "mlruns", "*", "378913bc553b4a25be812f76561bad5c", "meta.yaml"));
  const written = await readFile(meta, "utf8");
  const store = new DatabaseSync(join(folder, "mlflow.db"));
  context.after(() => store.close());
  const all = [new LogFolder(join(folder, "mlruns")), new LogFolder(join(folder, "mlflow.db"))];
  for (const [stage, names] of [
    ["active", ["first", "second"]],
    ["deleted", ["first"]],
    ["active", ["first", "second"]],
  ] as const) {
    // As MLflow's `delete_run` and `restore_run` write it.
    await writeFile(meta, written.replace("lifecycle_stage: active", `lifecycle_stage: ${stage}`));
    store.prepare("update runs set lifecycle_stage = ? where name = 'second'").run(stage);
    for (const logs of all) {
      await logs.update();
      assert.deepEqual(logs.runs.map(({ name }) => name).toSorted(), [...names]);
    }
  }
});

test("an infinity, for which MLflow writes the largest number into its store, is one", async (context) => {
  const path = join(temporaryFolder(context), "mlflow.db");
  await copyFile(join(fixtures, "mlflow.db"), path);
  const store = new DatabaseSync(path);
  context.after(() => store.close());
  for (const [value, infinite] of [
    [Number.MAX_VALUE, Number.POSITIVE_INFINITY],
    [-Number.MAX_VALUE, Number.NEGATIVE_INFINITY],
  ] as const) {
    store.prepare("update metrics set value = ?, is_nan = 0").run(value);
    const logs = new LogFolder(path);
    await logs.update();
    const values = logs.runs.flatMap(({ series }) => series.flatMap((each) => Array.from(each.values)));
    assert.deepEqual([...new Set(values)], [infinite]);
  }
});

test("a store is followed on after a transaction that was rolled back", async (context) => {
  const folder = await storeOf(context, ROLLED_BACK);
  const path = join(temporaryFolder(context), "store.db");
  const store = new SqliteStore(path);
  for (const [name, count] of [
    ["first", 1],
    ["second", 1],
    ["third", 6],
  ] as const) {
    await copyFile(join(folder, `${name}.db`), path);
    await copyFile(join(folder, `${name}.db-wal`), `${path}-wal`);
    await store.update();
    assert.deepEqual(
      [...(store.runs[0]?.series[0]?.steps ?? [])],
      Array.from({ length: count }, (_, step) => step),
      name,
    );
  }
});

for (const synchronous of ["off", "full"]) {
  test(`of a transaction that is not committed nothing is read from the database (synchronous=${synchronous})`, async (context) => {
    const folder = await storeOf(context, HOT_JOURNAL, synchronous);
    const path = join(temporaryFolder(context), "store.db");
    const store = new SqliteStore(path);
    for (const [name, count] of [
      ["first", 3_000],
      ["second", 3_000],
      ["third", 3_006],
    ] as const) {
      await copyFile(join(folder, `${name}.db`), path);
      await (name === "second"
        ? copyFile(join(folder, `${name}.db-journal`), `${path}-journal`)
        : rm(`${path}-journal`, { force: true }));
      for (const each of [store, new SqliteStore(path)]) {
        await each.update();
        const loss = each.runs[0]?.series[0];
        assert.deepEqual(
          [...(loss?.steps ?? [])],
          Array.from({ length: count }, (_, step) => step),
          name,
        );
        assert.deepEqual([...new Set(loss?.values)], [0.5]);
      }
    }
  });
}

for (const mode of ["delete", "wal"]) {
  test(`a store with a long history and journal_mode ${mode} is read while a training writes to it all the time`, async (context) => {
    const path = join(temporaryFolder(context), "mlflow.db");
    const database = new DatabaseSync(path);
    database.exec(`pragma journal_mode=${mode}; pragma synchronous=off;
      create table runs (run_uuid text, name text, start_time integer, lifecycle_stage text);
      create table metrics (key text, value double, timestamp bigint, run_uuid text, step bigint, is_nan integer);
      insert into runs values ('r', 'run', 1, 'active');
      with recursive n(i) as (select 0 union all select i + 1 from n where i < 39999)
        insert into metrics select 'loss', 0.5, i, 'r', i, 0 from n;`);
    const log = database.prepare("insert into metrics values ('loss', 0.5, 1, 'r', 40000, 0)");
    // All rows take longer than this, and a few thousand of them do not.
    const training = setInterval(() => log.run(), 40);
    context.after(() => {
      clearInterval(training);
      database.close();
    });
    const store = new SqliteStore(path);
    for (let looks = 0; looks < 5; looks++) {
      await store.update();
    }
    const steps = [...(store.runs[0]?.series[0]?.steps ?? [])].slice(0, 40_000);
    assert.deepEqual([steps.length, steps.every((step, at) => step === at)], [40_000, true]);
  });
}

test("a damaged store gives what can be read or a sentence, and never hangs", async (context) => {
  const path = join(temporaryFolder(context), "damaged.db");
  const whole = await readFile(join(fixtures, "trackio", "digits.db"));
  const random = seededRandom(5);
  for (let round = 0; round < 150; round++) {
    const bytes = Uint8Array.from(whole.subarray(0, round % 3 === 0 ? Math.floor(random() * whole.length) : undefined));
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(random() * 255));
    await writeFile(path, bytes);
    const series = (await read(path)).flatMap((run) => run.series);
    const count = series.reduce((sum, { values }) => sum + values.length, 0);
    assert.ok(count <= 2 * 25);
  }
});

test("a store that is cut off before its first run says so", async (context) => {
  const path = join(temporaryFolder(context), "mlflow.db");
  const whole = await readFile(join(fixtures, "mlflow.db"));
  await writeFile(path, whole.subarray(0, 5_000));
  const store = new SqliteStore(path);
  await store.update();
  assert.deepEqual(
    store.runs.map(({ series }) => series),
    [[]],
  );
  assert.match(store.runs[0]?.problem ?? "", /Not a valid SQLite file .* behind the end/);
  await writeFile(path, whole);
  await store.update();
  assert.ok(store.runs.every(({ series, problem }) => series.length > 0 && problem === undefined));
});

test("an offline file of W&B gives the same in pieces of any size, and loses one step to damage", async () => {
  const [file] = await findMetricFiles(join(fixtures, "wandb"));
  const bytes = await readFile(file?.path ?? "");
  const whole = new WandbLog();
  whole.push(bytes);
  const pieces = new WandbLog();
  bytes.forEach((byte) => pieces.push(Uint8Array.of(byte)));
  assert.deepEqual(pieces.table.all(), whole.table.all());
  assert.equal(whole.problem, undefined);
  const damaged = Uint8Array.from(bytes);
  // What the run came to stands before the step.
  const at = bytes.indexOf("0.25", bytes.indexOf("0.25") + 4);
  damaged[at] = 0;
  const log = new WandbLog();
  log.push(damaged);
  assert.equal(log.problem, "1 damaged record was left out.");
  assert.equal(log.table.all().find(({ tag }) => tag === "train/loss")?.length, 19);
});

test("a run that says nothing about its logs has the run of the store that began while it went on", async (context) => {
  const cwd = temporaryFolder(context);
  await copyFile(join(fixtures, "mlflow.db"), join(cwd, "mlflow.db"));
  const store = new SqliteStore(join(cwd, "mlflow.db"));
  await store.update();
  const second = store.runs.find(({ name }) => name === "second");
  const metrics = new RunMetrics({
    trackers: trackerPlaces(cwd, { TRACKIO_DIR: join(cwd, "trackio") }),
    startedMs: (second?.startedMs ?? 0) - 5,
  });
  await metrics.update();
  assert.deepEqual(metrics.series.map(({ tag }) => tag).toSorted(), ["broken", "train/loss", "val_acc"]);
  assert.equal(metrics.source(cwd), "mlflow.db");
});

test("a run takes no curves of others that began while it went on, and its own console before them", async (context) => {
  const cwd = temporaryFolder(context);
  await copyFile(join(fixtures, "mlflow.db"), join(cwd, "mlflow.db"));
  const store = new SqliteStore(join(cwd, "mlflow.db"));
  await store.update();
  const [firstMs = 0, secondMs = 0] = store.runs.map(({ startedMs = 0 }) => startedMs).toSorted((a, b) => a - b);
  const console = join(cwd, "train.log");
  const check = async (times: { startedMs: number; endedMs?: number }, source: string, count: number) => {
    const trackers = trackerPlaces(cwd, { TRACKIO_DIR: join(cwd, "trackio") });
    const metrics = new RunMetrics({ trackers, console, ...times });
    await metrics.update();
    assert.equal(metrics.source(cwd), source);
    assert.equal(metrics.series.length, count);
  };
  const both = { startedMs: firstMs - 5 };
  const nothing = "no values yet; looked in what the training printed";
  await check(both, `${nothing}. 2 runs of tracking libraries began meanwhile; none says it is this one`, 0);
  await check({ ...both, endedMs: secondMs - 1 }, "mlflow.db", 3);
  await check({ startedMs: firstMs + 500, endedMs: secondMs - 1 }, nothing, 0);
  await writeFile(console, "2026-11-21T03:44:55.123Z step 10: loss=0.5\n2026-11-21T03:44:56.123Z step 20: loss=0.25\n");
  await check(both, "what the training printed", 1);
  await check({ ...both, endedMs: secondMs - 1 }, "mlflow.db", 3);
});

test("runs of one store read it once", () => {
  const stores = new SqliteStores();
  const one = stores.open("/w/mlflow.db");
  assert.equal(stores.open("/w/mlflow.db"), one);
  assert.notEqual(stores.open("/w/other.db"), one);
});
