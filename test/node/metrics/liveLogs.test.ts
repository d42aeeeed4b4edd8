import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Series } from "../../../src/core/metrics/series.ts";
import { LogFolder } from "../../../src/node/metrics/logFolder.ts";
import { RunMetrics } from "../../../src/node/metrics/runMetrics.ts";
import { pictureRecord, restartRecord, scalarRecord } from "../../support/eventRecords.ts";
import { seededRandom } from "../../support/seededRandom.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

type Write = { file: string; bytes: Uint8Array; isAnew?: boolean };

/** Pieces from 1 byte to 64 kB, the small ones as likely as the large. */
function* pieces(bytes: Uint8Array, random: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = Math.ceil(2 ** (random() * 16));
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function valuesOf(series: readonly Series[]) {
  return new Map(series.map(({ tag, steps, times, values }) => [tag, [steps, times, values].map((each) => [...each])]));
}

/** Writes piece by piece, reads after each, and compares the end with a reader that comes when all is there. */
async function checkLive(
  context: TestContext,
  writes: readonly Write[],
  seed: number,
): Promise<Map<string, number[][]>> {
  const folder = temporaryFolder(context);
  const random = seededRandom(seed);
  const live = new RunMetrics({ folder, startedMs: 0 });
  for (const { file, bytes, isAnew } of writes) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    if (isAnew) {
      writeFileSync(path, "");
    }
    for (const piece of pieces(bytes, random)) {
      appendFileSync(path, piece);
      await live.update();
    }
  }
  const cold = new RunMetrics({ folder, startedMs: 0 });
  await cold.update();
  const values = valuesOf(cold.series);
  assert.deepEqual(valuesOf(live.series), values);
  return values;
}

function concat(records: Iterable<Uint8Array>): Uint8Array {
  return Buffer.concat([...records]);
}

test("event files that grow in pieces, rotate, restart and hold pictures and damage end as they are read cold", async (context) => {
  const records = Array.from({ length: 300 }, (_, step) => [
    scalarRecord("loss", step, step % 50 === 0 ? Number.NaN : 1 / (step + 1)),
    ...(step % 60 === 0 ? [pictureRecord("picture", step, 90_000)] : []),
    ...(step === 200 ? [pictureRecord("mixed", step, 40_000), scalarRecord(["a", "b"], step)] : []),
  ]);
  const damaged = Buffer.from(scalarRecord("loss", 1_000));
  damaged[30] = (damaged[30] ?? 0) ^ 1;
  const values = await checkLive(
    context,
    [
      { file: "events.out.tfevents.1.a", bytes: concat([...records.slice(0, 150).flat(), damaged]) },
      { file: "events.out.tfevents.2.a", bytes: concat(records.slice(150, 250).flat()) },
      { file: "events.out.tfevents.3.a", bytes: concat([restartRecord(220), ...records.slice(220).flat()]) },
    ],
    1,
  );
  assert.deepEqual(
    values.get("loss")?.[0],
    Array.from({ length: 300 }, (_, step) => step),
  );
  assert.deepEqual([...values.keys()].toSorted(), ["a", "b", "loss"]);
});

test("ten thousand tags are all there, and no more than these", async (context) => {
  const tags = Array.from({ length: 10_001 }, (_, index) => `layer${index}/norm`);
  const bytes = concat([1, 2].map((step) => scalarRecord(tags, step)));
  const values = await checkLive(context, [{ file: "events.out.tfevents.1.a", bytes }], 2);
  assert.equal(values.size, 10_000);
  assert.deepEqual(values.get("layer9999/norm")?.[0], [1, 2]);
});

/** A table with so many rows of the sine of row and column. */
function table(header: string, count: number): Uint8Array {
  const columns = header.split(",").length;
  const rows = Array.from({ length: count }, (_, row) => {
    const cells = Array.from({ length: columns }, (_each, column) => Math.sin(row + column));
    return `${row},${cells.join(",")}\n`;
  });
  return Buffer.from(`step,${header}\n${rows.join("")}`);
}

test("tables whose header is written anew, and lines of JSON, end as they are read cold", async (context) => {
  const wide = Array.from({ length: 60 }, (_, index) => `metric_${index}`).join(",");
  const values = await checkLive(
    context,
    [
      { file: "metrics.csv", bytes: table("a", 400) },
      { file: "metrics.csv", bytes: table("a,b", 420), isAnew: true },
      { file: "metrics.csv", bytes: table(wide, 30), isAnew: true },
      // The header differs far behind its beginning, and the file is longer than before.
      { file: "metrics.csv", bytes: table(`${wide},z`, 90), isAnew: true },
    ],
    3,
  );
  assert.equal(values.size, 61);
  assert.equal(values.get("z")?.[0]?.length, 90);
  const lines = Array.from(
    { length: 500 },
    (_, step) => `{"step": ${step}, "loss": ${step % 9 ? 1 / step : "NaN"}, "é": 1}\n`,
  );
  const json = await checkLive(context, [{ file: "log.txt", bytes: Buffer.from(lines.join("")) }], 4);
  assert.deepEqual([...json.keys()], ["loss", "é"]);
  assert.equal(json.get("loss")?.[2]?.length, 500);
});

test("a last line without an end is taken: an object at once, a row once it was not written to for long", async (context) => {
  const folder = temporaryFolder(context);
  const [lines, rows] = [join(folder, "a", "log.jsonl"), join(folder, "b", "metrics.csv")];
  const logs = new LogFolder(folder);
  const losses = async () => {
    await logs.update();
    return logs.runs.map(({ series }) => Array.from(series[0]?.values ?? []));
  };
  for (const [path, text] of [
    [lines, '{"step":1,"loss":3}\n{"step":2,"loss":2}'],
    [rows, "epoch,loss\n1,3\n2,2.2"],
  ] as const) {
    mkdirSync(dirname(path));
    writeFileSync(path, text);
  }
  assert.deepEqual(await losses(), [[3, 2], [3]]);
  const idle = new Date(Date.now() - 10 * 60_000);
  utimesSync(rows, idle, idle);
  assert.deepEqual(await losses(), [
    [3, 2],
    [3, 2.2],
  ]);
  appendFileSync(lines, '\n{"step":3,"loss":1}');
  appendFileSync(rows, "5\n3,1\n");
  assert.deepEqual(await losses(), [
    [3, 2, 1],
    [3, 2.25, 1],
  ]);
});

test("a table beside which another one comes is named as if both had been there", async (context) => {
  const beside = await checkLive(
    context,
    [
      { file: "metrics.csv", bytes: table("loss", 40) },
      { file: "results.csv", bytes: table("loss", 5) },
    ],
    5,
  );
  assert.deepEqual([...beside.keys()].toSorted(), ["metrics/loss", "results/loss"]);
});

test("a series that grew is the same object, so that what was made of it can go on", async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, "events.out.tfevents.1.a");
  writeFileSync(file, scalarRecord("loss", 1));
  const logs = new LogFolder(folder);
  await logs.update();
  const [before] = logs.runs[0]?.series ?? [];
  appendFileSync(file, scalarRecord("loss", 2));
  await logs.update();
  assert.equal(logs.runs[0]?.series[0], before);
  assert.deepEqual([before?.values.length, before?.generation], [2, 0]);
});

test("a text that grows beyond what is begun is followed on, and one that is so large at first is refused in words", async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, "metrics.jsonl");
  writeFileSync(file, '{"step": 1, "loss": 0.5}\n');
  const logs = new LogFolder(folder);
  await logs.update();
  truncateSync(file, 256_000_001);
  appendFileSync(file, '\n{"step": 2, "loss": 0.25}\n');
  await logs.update();
  assert.deepEqual([...(logs.runs[0]?.series[0]?.values ?? [])], [0.5, 0.25]);
  const cold = new LogFolder(folder);
  await cold.update();
  assert.deepEqual(cold.runs, []);
  assert.match(cold.problems.join(), /^metrics\.jsonl: The file has 256 MB\. .* split it/);
});

test("a trainer state that is too large to be read keeps its curves, and says so", async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, "trainer_state.json");
  writeFileSync(file, '{"log_history": [{"step": 1, "loss": 0.5}]}');
  const logs = new LogFolder(folder);
  await logs.update();
  truncateSync(file, 200_000_001);
  await logs.update();
  assert.deepEqual([...(logs.runs[0]?.series[0]?.values ?? [])], [0.5]);
  assert.match(logs.runs[0]?.problems?.join() ?? "", /^The file has 200 MB, and a state of up to 200 MB is read\./);
});
