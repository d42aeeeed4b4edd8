/** Writes event files as SummaryWriter does, for the benchmarks. */
import { closeSync, openSync, writeSync } from "node:fs";
import { maskedCrc32c } from "../src/core/base/crc32c.ts";

const FLUSH_BYTES = 4e6;

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) {
      return Buffer.from(bytes);
    }
  }
}

/** A field of bytes. */
function field(number, bytes) {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

/** One TFRecord with an event: wall time, step, and a summary with one value. */
function eventRecord(step, value) {
  const time = Buffer.alloc(9, 0x09);
  time.writeDoubleLE(1.7e9 + step, 1);
  const data = Buffer.concat([time, Buffer.from([0x10]), varint(step), field(5, field(1, value))]);
  const record = Buffer.alloc(data.length + 16);
  record.writeUInt32LE(data.length, 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  data.copy(record, 12);
  record.writeUInt32LE(maskedCrc32c(data), data.length + 12);
  return record;
}

export function scalarRecord(tag, step) {
  const value = Buffer.alloc(5, 0x15);
  value.writeFloatLE(1 / (step + 1), 1);
  return eventRecord(step, Buffer.concat([field(1, Buffer.from(tag)), value]));
}

/** A picture of so many bytes, which need not be one for those who only pass over it. */
export function pictureRecord(tag, step, sizeBytes) {
  const image = Buffer.concat([
    Buffer.from([0x08, 64, 0x10, 64, 0x18, 3]),
    field(4, Buffer.alloc(sizeBytes, step + 1)),
  ]);
  return eventRecord(step, Buffer.concat([field(1, Buffer.from(tag)), field(4, image)]));
}

/** Writes records one after the other; gives the size of the file. */
export function writeRecords(file, records) {
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
    if (waitingBytes > FLUSH_BYTES) {
      flush();
    }
  }
  flush();
  closeSync(handle);
  return total;
}
