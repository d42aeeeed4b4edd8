/*
 * An event file with a million scalars (or as many as are named), read cold beside TensorBoard's EventAccumulator (without its limit of values),
 * and then one record more:
 *
 *     node bench/metrics.mjs [python with tensorboard] [number of scalars]
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maskedCrc32c } from "../src/core/base/crc32c.ts";
import { RunMetrics, readLogFolder } from "../src/node/metrics/runMetrics.ts";

const SCALARS = Number(process.argv[3] ?? 1_000_000);
const TAGS = ["train/loss", "train/accuracy", "lr", "grad_norm"];
const ROUNDS = 3;
const APPENDS = 30;

const READ = `
import sys, time
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
started = time.perf_counter()
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}).Reload()
assert sum(len(events.Scalars(tag)) for tag in events.Tags()["scalars"]) == ${SCALARS}
print((time.perf_counter() - started) * 1000)
`;

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) {
      return Buffer.from(bytes);
    }
  }
}

/** One TFRecord with an event as SummaryWriter writes it: wall time, step, and a summary with one simple value. */
function scalarRecord(tag, step) {
  const fixed = Buffer.alloc(9, 0x09);
  fixed.writeDoubleLE(1.7e9 + step, 1);
  const value = Buffer.alloc(5, 0x15);
  value.writeFloatLE(1 / (step + 1), 1);
  const inner = Buffer.concat([Buffer.from([0x0a, tag.length]), Buffer.from(tag), value]);
  const event = [
    fixed,
    Buffer.from([0x10]),
    varint(step),
    Buffer.from([0x2a, inner.length + 2, 0x0a, inner.length]),
    inner,
  ];
  const data = Buffer.concat(event);
  const record = Buffer.alloc(data.length + 16);
  record.writeUInt32LE(data.length, 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  data.copy(record, 12);
  record.writeUInt32LE(maskedCrc32c(data), data.length + 12);
  return record;
}

function writeLog(file) {
  const records = Array.from({ length: SCALARS }, (_, index) =>
    scalarRecord(TAGS[index % TAGS.length], Math.floor(index / TAGS.length)),
  );
  writeFileSync(file, Buffer.concat(records));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function timed(run) {
  const started = performance.now();
  const result = await run();
  return { result, milliseconds: performance.now() - started };
}

async function readCold(folder) {
  const { result, milliseconds } = await timed(() => readLogFolder(folder));
  const count = result.flatMap(({ series }) => series).reduce((sum, { values }) => sum + values.length, 0);
  if (count !== SCALARS) {
    throw new Error(`${count} scalars were read instead of ${SCALARS}.`);
  }
  return milliseconds;
}

async function readAppended(folder, file) {
  const run = new RunMetrics({ folder, startedMs: 0 });
  await run.update();
  const times = [];
  for (let round = 0; round < APPENDS; round++) {
    appendFileSync(file, scalarRecord(TAGS[0], SCALARS + round));
    times.push((await timed(() => run.update())).milliseconds);
  }
  const { values } = run.series.find(({ tag }) => tag === TAGS[0]);
  if (values.length !== SCALARS / TAGS.length + APPENDS) {
    throw new Error(`${values.length} values of ${TAGS[0]} were read.`);
  }
  return times;
}

const folder = mkdtempSync(join(tmpdir(), "trainyard-bench-"));
try {
  const file = join(folder, "events.out.tfevents.1700000000.bench");
  writeLog(file);
  const sizeMegabytes = statSync(file).size / 1e6;
  const python = process.argv[2] ?? "examples/digits/.venv/bin/python";
  const options = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
  const [peers, own] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    peers.push(Number(execFileSync(python, ["-c", READ, folder], options)));
    own.push(await readCold(folder));
  }
  const appended = await readAppended(folder, file);
  console.log(`${SCALARS} scalars, ${sizeMegabytes.toFixed(0)} MB, cold, median of ${ROUNDS}`);
  console.log(`  EventAccumulator  ${median(peers).toFixed(0)} ms`);
  console.log(
    `  Trainyard         ${median(own).toFixed(0)} ms, ${(median(peers) / median(own)).toFixed(1)} times as fast`,
  );
  console.log(`one record appended to it, median of ${APPENDS}: ${median(appended).toFixed(2)} ms`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
