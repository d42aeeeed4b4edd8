import { maskedCrc32c } from "../../src/core/base/crc32.ts";

/** A field of bytes. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) {
      return Uint8Array.from(bytes);
    }
  }
}

/** One TFRecord, as TensorBoard's event files are a row of them. */
function tfRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), data.length + 12);
  return record;
}

/** An event: wall time, step, and whatever fields follow. */
function eventRecord(step: number, ...fields: readonly Uint8Array[]): Uint8Array {
  const time = Buffer.alloc(9, 0x09);
  time.writeDoubleLE(1.7e9 + step, 1);
  return tfRecord(Buffer.concat([time, Uint8Array.of(0x10), varint(step), ...fields]));
}

/** An event with a value for each tag, as SummaryWriter's `add_scalar` writes it for one. */
export function scalarRecord(tags: string | readonly string[], step: number, value = 1 / (step + 1)): Uint8Array {
  const values = [tags].flat().map((tag) => {
    const simple = Buffer.alloc(5, 0x15);
    simple.writeFloatLE(value, 1);
    return field(1, Buffer.concat([field(1, Buffer.from(tag)), simple]));
  });
  return eventRecord(step, field(5, Buffer.concat(values)));
}

/** A picture of so many bytes, which need not be one for those who only pass over it. */
export function pictureRecord(tag: string, step: number, sizeBytes: number): Uint8Array {
  const size = Uint8Array.of(0x08, 64, 0x10, 64, 0x18, 3);
  const image = Buffer.concat([size, field(4, Buffer.alloc(sizeBytes, step + 1))]);
  return eventRecord(step, field(5, field(1, Buffer.concat([field(1, Buffer.from(tag)), field(4, image)]))));
}

/** The training starts again at a step. */
export function restartRecord(step: number): Uint8Array {
  return eventRecord(step, field(7, Uint8Array.of(0x08, 1)));
}
