/*
 * How fast logs are read, beside those who own the formats. Each row is measured in turns, and the median is printed:
 *
 *     node bench/metrics.mjs [python with tensorboard and pandas] [scale, 1 for all]
 *
 *   scalars     an event file with a million scalars, cold: a process of EventAccumulator without its limit of values, and
 *               TensorBoard's data server (what `tensorboard --load_fast true` starts) until its gRPC has all of them
 *   pictures    150 MB of pictures with a scalar to each: EventAccumulator
 *   appended    one record more, in the file of scalars and in one of 1 GB
 *   csv         a table of a million rows: a process with pandas.read_csv
 *
 * Ours are timed in the process and, where the peer is one, as a process, of code that is bundled as in the extension.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LogFolder } from "../src/node/metrics/logFolder.ts";
import { RunMetrics } from "../src/node/metrics/runMetrics.ts";
import { pictureRecord, scalarRecord } from "../test/support/eventRecords.ts";

const [, , python = "examples/digits/.venv/bin/python", scale = "1"] = process.argv;
const SCALE = Number(scale);
const SCALARS = 1e6 * SCALE;
const PICTURE_BYTES = 150e6 * SCALE;
const LARGE_BYTES = 1e9 * SCALE;
const ROWS = 1e6 * SCALE;
const TAGS = ["train/loss", "train/accuracy", "lr", "grad_norm"];
const ROUNDS = 3;
const APPENDS = 30;

const PEERS = join(dirname(fileURLToPath(import.meta.url)), "metricsPeers.py");

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function timed(run) {
  const started = performance.now();
  const result = await run();
  return { result, milliseconds: performance.now() - started };
}

/** What the peer measured itself, in milliseconds, and the time of its process. Nothing where it is not installed. */
function peer(name, path, count) {
  const started = performance.now();
  try {
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    const inside = Number(execFileSync(python, [PEERS, name, path, String(count)], options));
    return { inside, whole: performance.now() - started };
  } catch (error) {
    // Exit code 3 says that the package is not there.
    if (error.status === 3 || error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

async function readCold(folder, expected) {
  const logs = new LogFolder(folder);
  const { milliseconds } = await timed(() => logs.update());
  const count = logs.runs.flatMap(({ series }) => series).reduce((sum, { values }) => sum + values.length, 0);
  if (count !== expected) {
    throw new Error(`${count} values were read instead of ${expected}.`);
  }
  return milliseconds;
}

/** This file with all that it imports, as the extension is bundled: what a process reads a log with. */
async function bundleReader(folder) {
  // Not needed by what is bundled, so it is not imported there.
  const esbuild = await import("esbuild");
  const { nodeBundle } = await import("../scripts/nodeBundle.mjs");
  const outdir = folderIn(folder, "reader");
  await esbuild.build({
    ...nodeBundle,
    minify: true,
    splitting: true,
    external: ["esbuild"],
    entryPoints: { reader: fileURLToPath(import.meta.url) },
    outdir,
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
  });
  return join(outdir, "reader.mjs");
}

/** Reading as a process of its own, as the peer is one. */
function readInProcess(reader, folder, expected) {
  const started = performance.now();
  execFileSync(process.execPath, [reader, "--read", folder, String(expected)]);
  return performance.now() - started;
}

async function readAppended(folder, file, next) {
  const run = new RunMetrics({ folder, startedMs: 0 });
  await run.update();
  const before = run.series.find(({ tag }) => tag === TAGS[0]).values.length;
  const times = [];
  for (let round = 0; round < APPENDS; round++) {
    appendFileSync(file, scalarRecord(TAGS[0], next + round));
    times.push((await timed(() => run.update())).milliseconds);
  }
  const added = run.series.find(({ tag }) => tag === TAGS[0]).values.length - before;
  if (added !== APPENDS) {
    throw new Error(`${added} of ${APPENDS} values were read.`);
  }
  return median(times);
}

/** Turns of all sides, so that what else the machine does hits them alike. */
async function sideBySide(title, sides) {
  const times = sides.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { measure }] of sides.entries()) {
      const milliseconds = await measure();
      if (milliseconds !== undefined) {
        times[index].push(milliseconds);
      }
    }
  }
  const [base] = times.map((each) => (each.length > 0 ? median(each) : Number.NaN));
  console.log(`${title}, median of ${ROUNDS}, load ${loadavg()[0].toFixed(1)}`);
  sides.forEach(({ name }, index) => {
    const value = times[index].length > 0 ? median(times[index]) : undefined;
    const text = value === undefined ? "not installed" : `${value.toFixed(0).padStart(7)} ms`;
    const ratio = value === undefined || index === 0 ? "" : `   ${(value / base).toFixed(1)} × ours`;
    console.log(`  ${name.padEnd(34)} ${text}${ratio}`);
  });
}

/** Writes records one after the other; gives the size of the file. */
function writeRecords(file, records) {
  const handle = openSync(file, "w");
  let total = 0;
  let [waiting, waitingBytes] = [[], 0];
  const flush = () => {
    total += writeSync(handle, Buffer.concat(waiting));
    [waiting, waitingBytes] = [[], 0];
  };
  for (const record of records) {
    waiting.push(record);
    waitingBytes += record.length;
    if (waitingBytes > 4e6) {
      flush();
    }
  }
  flush();
  closeSync(handle);
  return total;
}

function* scalars(count) {
  for (let index = 0; index < count; index++) {
    yield scalarRecord(TAGS[index % TAGS.length], Math.floor(index / TAGS.length));
  }
}

function* pictures(totalBytes, sizeBytes) {
  for (let step = 0; step * sizeBytes < totalBytes; step++) {
    yield scalarRecord(TAGS[0], step);
    yield pictureRecord("picture", step, sizeBytes);
  }
}

function writeTable(file) {
  const handle = openSync(file, "w");
  let lines = ["epoch,step,train_loss,val_acc"];
  for (let row = 0; row < ROWS; row++) {
    lines.push(`${Math.floor(row / 1000)},${row},${Math.exp(-row / 3e5)},${Math.sin(row / 1e5)}`);
    if (lines.length > 50_000) {
      writeSync(handle, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  writeSync(handle, `${lines.join("\n")}\n`);
  closeSync(handle);
}

function folderIn(root, name) {
  mkdirSync(join(root, name));
  return join(root, name);
}

async function main() {
  const root = mkdtempSync(join(tmpdir(), "trainyard-bench-"));
  try {
    const reader = await bundleReader(root);
    const name = "events.out.tfevents.1700000000.bench";
    const scalarFolder = folderIn(root, "scalars");
    const scalarBytes = writeRecords(join(scalarFolder, name), scalars(SCALARS));
    await sideBySide(`${SCALARS} scalars, ${(scalarBytes / 1e6).toFixed(0)} MB, cold`, [
      { name: "Trainyard", measure: () => readCold(scalarFolder, SCALARS) },
      { name: "Trainyard, as a process", measure: () => readInProcess(reader, scalarFolder, SCALARS) },
      { name: "EventAccumulator", measure: () => peer("accumulator", scalarFolder, SCALARS)?.inside },
      { name: "data server, until gRPC has all", measure: () => peer("data-server", scalarFolder, SCALARS)?.inside },
    ]);
    const pictureFolder = folderIn(root, "pictures");
    const pictureBytes = writeRecords(join(pictureFolder, name), pictures(PICTURE_BYTES, 200_000));
    const pictureCount = Math.ceil(PICTURE_BYTES / 200_000);
    await sideBySide(`${(pictureBytes / 1e6).toFixed(0)} MB of pictures with ${pictureCount} scalars, cold`, [
      { name: "Trainyard", measure: () => readCold(pictureFolder, pictureCount) },
      { name: "EventAccumulator", measure: () => peer("accumulator", pictureFolder, pictureCount)?.inside },
    ]);
    const tableFolder = folderIn(root, "table");
    writeTable(join(tableFolder, "metrics.csv"));
    await sideBySide(`CSV with ${ROWS} rows`, [
      { name: "Trainyard, as a process", measure: () => readInProcess(reader, tableFolder, 2 * ROWS) },
      { name: "Trainyard, in the process", measure: () => readCold(tableFolder, 2 * ROWS) },
      {
        name: "pandas.read_csv, as a process",
        measure: () => peer("pandas", join(tableFolder, "metrics.csv"), ROWS)?.whole,
      },
    ]);
    const appended = await readAppended(scalarFolder, join(scalarFolder, name), SCALARS);
    console.log(`one record appended to ${SCALARS} scalars, median of ${APPENDS}: ${appended.toFixed(2)} ms`);
    const largeFolder = folderIn(root, "large");
    const largeBytes = writeRecords(join(largeFolder, name), pictures(LARGE_BYTES, 500_000));
    const toLarge = await readAppended(largeFolder, join(largeFolder, name), LARGE_BYTES);
    console.log(
      `one record appended to ${(largeBytes / 1e6).toFixed(0)} MB, median of ${APPENDS}: ${toLarge.toFixed(2)} ms`,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

if (process.argv[2] === "--read") {
  await readCold(process.argv[3], Number(process.argv[4]));
} else {
  await main();
}
