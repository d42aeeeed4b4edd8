import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { parseParametersFile } from "../../../src/core/metrics/parametersText.ts";
import { RunStore } from "../../../src/core/metrics/sqlite/runStore.ts";
import { SqliteFile } from "../../../src/core/metrics/sqlite/sqliteFile.ts";
import { readWandbConfig } from "../../../src/core/metrics/wandbConfig.ts";
import { findLogsIn } from "../../../src/node/metrics/foundLogs.ts";
import { LogFolder } from "../../../src/node/metrics/logFolder.ts";
import { openMetrics } from "../../../src/node/metrics/metricsClient.ts";
import { RunMetrics } from "../../../src/node/metrics/runMetrics.ts";
import { repositoryRoot } from "../../support/python.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixtures = join(repositoryRoot, "test", "fixtures", "metrics");

async function parametersIn(folder: string): Promise<Record<string, object | undefined>> {
  const logs = new LogFolder(folder);
  await logs.update();
  return Object.fromEntries(logs.runs.map(({ name, parameters }) => [name, parameters]));
}

test("what torch's add_hparams wrote once for a run is that run's, with its metrics", async () => {
  assert.deepEqual(await parametersIn(join(fixtures, "hparams")), {
    adam: { layers: "3", lr: "0.01", nesterov: "0", optimizer: "adam" },
    sgd: { layers: "3", lr: "0.1", nesterov: "0", optimizer: "sgd" },
  });
  const logs = new LogFolder(join(fixtures, "hparams"));
  await logs.update();
  assert.deepEqual(
    (await findLogsIn([fixtures])).filter(({ path }) => path.endsWith("hparams")).map(({ places }) => places),
    [2],
    "a run is counted once",
  );
  const [adam] = logs.runs;
  assert.deepEqual(
    adam?.series.map(({ tag, values }) => [tag, values.length]),
    [
      ["loss", 3],
      ["hparam/accuracy", 1],
    ],
  );
});

test("hparams.yaml and args.yaml beside a log are read, and again when they change", async (context) => {
  const folder = temporaryFolder(context);
  for (const [name, file, text] of [
    ["version_0", "hparams.yaml", "lr: 0.1\nmodel:\n  depth: 4\n"],
    ["train", "args.yaml", "imgsz: 640\naugment: null\n"],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "metrics.csv"), "step,loss\n1,2\n");
    await writeFile(join(folder, name, file), text);
  }
  const logs = new LogFolder(folder);
  const read = async () => {
    await logs.update();
    return Object.fromEntries(logs.runs.map(({ name, parameters }) => [name, parameters]));
  };
  assert.deepEqual(await read(), {
    train: { imgsz: "640", augment: "null" },
    version_0: { lr: "0.1", "model.depth": "4" },
  });
  await writeFile(join(folder, "version_0", "hparams.yaml"), "lr: 0.001\n");
  assert.deepEqual((await read())["version_0"], { lr: "0.001" });
  using client = openMetrics();
  const runs = [{ key: "a", folder: join(folder, "version_0"), startedMs: 0 }];
  const [run] = await client.readRuns({ root: folder, runs, maxPoints: 20, smoothing: 0 });
  assert.deepEqual(run?.parameters, { lr: "0.001" }, "a run of the workspace has them as well");
});

test("the configuration of a Hydra job is that of the logs in its folder and in those of its loggers", async (context) => {
  const folder = temporaryFolder(context);
  for (const [job, lr] of [
    ["0", "0.1"],
    ["1", "0.01"],
  ] as const) {
    await mkdir(join(folder, job, ".hydra"), { recursive: true });
    await writeFile(join(folder, job, ".hydra", "config.yaml"), `optimizer:\n  lr: ${lr}\ndata: \${root}/mnist\n`);
  }
  await mkdir(join(folder, "1", "csv", "version_0"), { recursive: true });
  // Lightning writes one even where a module saved nothing.
  await writeFile(join(folder, "1", "csv", "version_0", "hparams.yaml"), "{}\n");
  await mkdir(join(folder, "1", "older"));
  for (const log of [
    join("0", "metrics.csv"),
    join("1", "csv", "version_0", "metrics.csv"),
    join("1", "older", "metrics.csv"),
  ]) {
    await writeFile(join(folder, log), "step,loss\n1,2\n");
  }
  assert.deepEqual(await parametersIn(folder), {
    "1/older": {},
    "0": { "optimizer.lr": "0.1", data: "${root}/mnist" },
    "1/csv/version_0": { "optimizer.lr": "0.01", data: "${root}/mnist" },
  });
});

test("secrets among the parameters are masked, and none steers a terminal", async (context) => {
  const folder = temporaryFolder(context);
  await writeFile(join(folder, "metrics.csv"), "step,loss\n1,2\n");
  await writeFile(
    join(folder, "hparams.yaml"),
    'hub_token: Swordfish99\nwandb:\n  api_key: 0123456789abcdef\nmax_tokens: 3\nlr: "\\e[31mRED\\a"\n"x\\e]0;name\\a": 1\n',
  );
  const shown = {
    hub_token: "…",
    "wandb.api_key": "…",
    max_tokens: "3",
    lr: "[31mRED",
    "x ]0;name": "1",
  };
  assert.deepEqual(Object.values(await parametersIn(folder)), [shown]);
  const metrics = new RunMetrics({ folder, startedMs: 0 });
  await metrics.update();
  assert.deepEqual(metrics.parameters, shown);
});

test("an infinite number and NaN among the parameters are told as Python prints them, and null stays null", () => {
  assert.deepEqual(parseParametersFile("clip: .inf\nlow: -.inf\nstart: .nan\nnone: null\nrange: [-.inf, .inf, 1]\n"), {
    clip: "inf",
    low: "-inf",
    start: "nan",
    none: "null",
    range: '["-inf","inf",1]',
  });
});

test("a file of parameters may name Python objects, and one that is torn or endless has none", () => {
  assert.deepEqual(parseParametersFile("loss: !!python/object:torch.nn.MSELoss {}\nlayers: [1, 2]\n"), {
    loss: "{}",
    layers: "[1,2]",
  });
  assert.deepEqual(parseParametersFile("lr: [0.1"), {});
  assert.deepEqual(parseParametersFile("just words"), {});
  const bombs = Array.from({ length: 9 }, (_, at) => `b${at}: &b${at} [${`*b${at - 1},`.repeat(9)}]`);
  assert.deepEqual(parseParametersFile(`b: &b-1 [x]\n${bombs.join("\n")}\n`), {});
});

test("MLflow's params and Trackio's configuration are those of their runs", async (context) => {
  const folder = temporaryFolder(context);
  const run = join(folder, "mlruns", "1", "abc");
  await mkdir(join(run, "metrics"), { recursive: true });
  await mkdir(join(run, "params", "model"), { recursive: true });
  await writeFile(join(run, "meta.yaml"), "run_name: bold-cat\n");
  await writeFile(join(run, "metrics", "loss"), "1700000000000 0.5 1\n");
  await writeFile(join(run, "params", "lr"), "0.1");
  await writeFile(join(run, "params", "model", "depth"), "4");
  assert.deepEqual(await parametersIn(join(folder, "mlruns")), { "bold-cat": { lr: "0.1", "model/depth": "4" } });

  const store = new DatabaseSync(join(folder, "mlflow.db"));
  store.exec(`create table runs (run_uuid text, name text, start_time integer, lifecycle_stage text);
    create table metrics (key text, value real, timestamp integer, run_uuid text, step integer, is_nan integer);
    create table params (key text, value text, run_uuid text, primary key (key, run_uuid));
    insert into runs values ('r', 'bold-dog', 1700000000000, 'active');
    insert into metrics values ('loss', 0.5, 1700000000000, 'r', 1, 0);
    insert into params values ('lr', '0.1', 'r'), ('lr', '9', 'another');`);
  store.close();
  assert.deepEqual(await parametersIn(join(folder, "mlflow.db")), { "bold-dog": { lr: "0.1" } });
  assert.deepEqual(Object.values(await parametersIn(join(fixtures, "trackio"))), [{ lr: "0.1" }, { lr: "0.1" }]);
});

/** Reads on in a database, and gives how many bytes of it were looked at. */
async function readOn(store: RunStore, path: string): Promise<number> {
  const bytes = await readFile(path);
  let looked = 0;
  const file = await SqliteFile.open({
    sizeBytes: bytes.length,
    read: async (offset, length) => {
      looked += length;
      return bytes.subarray(offset, offset + length);
    },
  });
  assert.ok(file);
  await store.update(file, async () => true);
  return looked;
}

test("the params of a store are read once, and those that come later are found", async (context) => {
  const path = join(temporaryFolder(context), "mlflow.db");
  const database = new DatabaseSync(path);
  context.after(() => database.close());
  database.exec(`create table runs (run_uuid text, name text, start_time integer, lifecycle_stage text);
    create table metrics (key text, value real, timestamp integer, run_uuid text, step integer, is_nan integer);
    create table params (key text, value text, run_uuid text, primary key (key, run_uuid));
    insert into runs values ('r', 'bold-dog', 1700000000000, 'active');
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
      insert into params select 'parameter_' || i, i, 'r' from n;`);
  const store = new RunStore();
  const first = await readOn(store, path);
  const parameters = store.runs[0]?.parameters ?? {};
  assert.equal(Object.keys(parameters).length, 500, "more are a configuration of everything");
  database.exec("insert into metrics values ('loss', 0.5, 1700000000000, 'r', 1, 0)");
  assert.ok((await readOn(store, path)) < first / 4);
  database.exec("insert or replace into params values ('parameter_1', 'later', 'r')");
  await readOn(store, path);
  assert.equal(store.runs[0]?.parameters["parameter_1"], "later");
});

test("a parameter whose file MLflow is still writing is read when it is written", async (context) => {
  const run = join(temporaryFolder(context), "abc");
  await mkdir(join(run, "metrics"), { recursive: true });
  await mkdir(join(run, "params"));
  await writeFile(join(run, "meta.yaml"), "run_name: bold-cat\n");
  await writeFile(join(run, "metrics", "loss"), "1700000000000 0.5 1\n");
  await writeFile(join(run, "params", "lr"), "");
  const logs = new LogFolder(run);
  await logs.update();
  await writeFile(join(run, "params", "lr"), "0.1");
  await logs.update();
  assert.deepEqual(logs.runs[0]?.parameters, { lr: "0.1" });
});

/** A protobuf field of bytes that are shorter than 128. */
function field(number: number, bytes: Uint8Array | string): Uint8Array {
  const data = Buffer.from(bytes);
  const tag = number < 16 ? [(number << 3) | 2] : [((number & 15) << 3) | 0x82, number >> 4];
  return Buffer.concat([Uint8Array.from([...tag, data.length]), data]);
}

function item(key: string, json: string): Uint8Array {
  return field(1, Buffer.concat([field(1, key), field(16, json)]));
}

test("the configuration of W&B is read without what the library notes itself", () => {
  const config = Buffer.concat([item("lr", "0.1"), item("_wandb", '{"v": 1}'), item("model", '{"name": "vit"}')]);
  assert.deepEqual(readWandbConfig(config, 0, config.length), { lr: "0.1", "model.name": "vit" });
});
