import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { EventFileReader } from "../../../src/core/metrics/eventFile.ts";
import { RunSeries } from "../../../src/core/metrics/scalarSeries.ts";
import { runPython, temporaryFolder } from "../../support/python.ts";
import { seededRandom } from "../../support/seededRandom.ts";

type Scalars = Record<string, [step: number, wallTime: string, value: string][]>;

const folder = await temporaryFolder();
let expected: Record<string, Scalars> = {};

before(async () => {
  const script = fileURLToPath(new URL("eventLogs.py", import.meta.url));
  const { exitCode, stdout, stderr } = await runPython([script, folder.path], { cwd: folder.path });
  assert.equal(exitCode, 0, stderr);
  expected = JSON.parse(stdout.slice(stdout.indexOf("{")));
});

/** The exact bits, as `float.hex` writes them in Python. */
function bitsOf(value: number): bigint | "nan" {
  return Number.isNaN(value) ? "nan" : (new BigUint64Array(new Float64Array([value]).buffer)[0] ?? "nan");
}

function parseHex(text: string): number {
  const match = /^(-?)0x([01])\.?([0-9a-f]*)p([+-]\d+)$/.exec(text);
  if (!match) {
    return { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY }[text] ?? Number.NaN;
  }
  const [, sign, whole, fraction = "", exponent] = match;
  const mantissa = Number(whole) + (fraction === "" ? 0 : Number(`0x${fraction}`) / 16 ** fraction.length);
  return (sign === "-" ? -1 : 1) * mantissa * 2 ** Number(exponent);
}

function readRun(name: string, cut: (bytes: Uint8Array, push: (piece: Uint8Array) => void) => void): object {
  const series = new RunSeries();
  const path = join(folder.path, name);
  for (const file of readdirSync(path).toSorted()) {
    const reader = new EventFileReader(series);
    cut(readFileSync(join(path, file)), (piece) => reader.push(piece));
    assert.equal(reader.damaged, 0);
  }
  const read = [...series.byTag].map(([tag, { steps, wallTimes, values, length }]) => [
    tag,
    Array.from({ length }, (_, i) => [steps[i], bitsOf(wallTimes[i] ?? 0), bitsOf(values[i] ?? 0)]),
  ]);
  return Object.fromEntries(read);
}

function expectedRun(name: string): object {
  const rows = Object.entries(expected[name] ?? {}).map(([tag, values]) => [
    tag,
    values.map(([step, time, value]) => [step, bitsOf(parseHex(time)), bitsOf(parseHex(value))]),
  ]);
  return Object.fromEntries(rows);
}

test("every scalar that torch writes is read as TensorBoard's own reader reads it, bit for bit", () => {
  assert.deepEqual(Object.keys(expected), ["double", "large", "restarted", "simple", "tensor"]);
  for (const name of Object.keys(expected)) {
    assert.ok(Object.keys(expectedRun(name)).length >= 2, name);
    assert.deepEqual(
      readRun(name, (bytes, push) => push(bytes)),
      expectedRun(name),
      name,
    );
  }
});

test("a file that arrives in pieces of any size gives the same", () => {
  const random = seededRandom(7);
  for (const most of [1, 100, 65_536]) {
    const read = readRun("restarted", (bytes, push) => {
      for (let start = 0; start < bytes.length; ) {
        const size = 1 + Math.floor(random() * most);
        push(bytes.subarray(start, start + size));
        start += size;
      }
    });
    assert.deepEqual(read, expectedRun("restarted"), `pieces of up to ${most} bytes`);
  }
});

function readDamaged(change: (bytes: Uint8Array) => Uint8Array): { damaged: number; count: number } {
  const path = join(folder.path, "simple");
  const [file = ""] = readdirSync(path);
  const series = new RunSeries();
  const reader = new EventFileReader(series);
  reader.push(change(new Uint8Array(readFileSync(join(path, file)))));
  return { damaged: reader.damaged, count: series.byTag.get("train/loss")?.length ?? 0 };
}

test("a damaged record is left out, a damaged length ends the file, a torn tail waits", () => {
  assert.deepEqual(
    readDamaged((bytes) => bytes),
    { damaged: 0, count: 200 },
  );
  const firstLength = 12 + 4 + new DataView(readFileFirst().buffer).getUint32(0, true);
  assert.deepEqual(readDamaged(flip(firstLength + 20)), { damaged: 1, count: 199 });
  assert.deepEqual(readDamaged(flip(firstLength + 1)), { damaged: 1, count: 0 });
  assert.deepEqual(
    readDamaged((bytes) => bytes.subarray(0, firstLength + 30)),
    { damaged: 0, count: 0 },
  );
});

function flip(at: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => bytes.with(at, (bytes[at] ?? 0) ^ 0xff);
}

function readFileFirst(): Uint8Array<ArrayBuffer> {
  const path = join(folder.path, "simple");
  return new Uint8Array(readFileSync(join(path, readdirSync(path)[0] ?? "")));
}

test("a change of any byte gives a result and never an error", () => {
  const bytes = readFileFirst().subarray(0, 3_000);
  for (let at = 0; at < bytes.length; at++) {
    assert.ok(readDamaged(() => bytes.with(at, (bytes[at] ?? 0) ^ 0x55)).damaged <= 1, `byte ${at}`);
  }
});
