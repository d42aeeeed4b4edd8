import { maskedCrc32c } from "./crc32c.ts";
import type { MetricReader, ScalarSink } from "./metricReader.ts";
import { ProtobufWalk } from "./protobuf.ts";
import { readScalarTensor } from "./scalarTensor.ts";

/*
 * TensorBoard's event file: TFRecords, each
 *
 *   u64 length | u32 masked crc32c of the length | data | u32 masked crc32c of the data
 *
 * data = Event { wall_time = 1 double, step = 2 int64, summary = 5, session_log = 7 }
 * Summary { value = 1: { tag = 1, simple_value = 2 float, tensor = 8, metadata = 9 { plugin_data = 1 { plugin_name = 1 } } } }
 * SessionLog { status = 1 enum, START = 1 }: what was logged at this step or later before is void.
 */

/** Events hold at most an image or a graph; TensorFlow refuses messages of two gigabytes. */
const MAX_RECORD_BYTES = 1 << 30;
const HEADER_BYTES = 12;
const FRAME_BYTES = HEADER_BYTES + 4;

/** Metadata stands on the first event of a tag only, so what a tag is must be remembered. */
type Tag = { bytes: Uint8Array; name: string; isScalarTensor: boolean };

/**
 * Gives every scalar of an event file. A torn tail waits for its rest; a record whose data is damaged is left out; after
 * a damaged length nothing can be found again, so the rest of the file is left out.
 */
export class EventFileReader implements MetricReader {
  damaged = 0;
  readonly #sink: ScalarSink;
  readonly #tags = new Map<number, Tag[]>();
  readonly #decoder = new TextDecoder();
  #carry: Uint8Array = new Uint8Array(0);
  #isLost = false;

  constructor(sink: ScalarSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    const all = this.#carry.length === 0 ? bytes : concatenate(this.#carry, bytes);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    let position = 0;
    while (!this.#isLost && all.length - position >= HEADER_BYTES) {
      const length = view.getUint32(position, true);
      if (!this.#isLength(view, all, position)) {
        this.#isLost = true;
        this.damaged++;
        break;
      }
      if (all.length - position < length + FRAME_BYTES) {
        break;
      }
      const start = position + HEADER_BYTES;
      if (maskedCrc32c(all, start, start + length) === view.getUint32(start + length, true)) {
        this.#readEvent(view, all, [start, start + length]);
      } else {
        this.damaged++;
      }
      position += length + FRAME_BYTES;
    }
    // A copy: a view would keep the whole piece of the file in memory.
    this.#carry = this.#isLost ? new Uint8Array(0) : all.slice(position);
  }

  #isLength(view: DataView, bytes: Uint8Array, position: number): boolean {
    const length = view.getUint32(position, true);
    const isSmall = view.getUint32(position + 4, true) === 0 && length <= MAX_RECORD_BYTES;
    return isSmall && maskedCrc32c(bytes, position, position + 8) === view.getUint32(position + 8, true);
  }

  #readEvent(view: DataView, bytes: Uint8Array, [start, end]: [number, number]): void {
    const event = new ProtobufWalk(bytes, start, end);
    let wallTime = Number.NaN;
    let step = 0;
    let summary: [number, number] | undefined;
    let isStart = false;
    while (event.next()) {
      if (event.field === 1 && event.wire === 1) {
        wallTime = view.getFloat64(event.start, true);
      } else if (event.field === 2 && event.wire === 0) {
        step = event.number;
      } else if (event.field === 5 && event.wire === 2) {
        summary = [event.start, event.end];
      } else if (event.field === 7 && event.wire === 2) {
        const log = new ProtobufWalk(bytes, event.start, event.end);
        isStart = log.next() && log.field === 1 && log.number === 1;
      }
    }
    if (isStart) {
      this.#sink.purge(step);
    }
    if (summary === undefined) {
      return;
    }
    const values = new ProtobufWalk(bytes, summary[0], summary[1]);
    while (values.next()) {
      if (values.field === 1 && values.wire === 2) {
        this.#readValue(view, bytes, { start: values.start, end: values.end, step, wallTime });
      }
    }
  }

  #readValue(
    view: DataView,
    bytes: Uint8Array,
    { start, end, step, wallTime }: { start: number; end: number; step: number; wallTime: number },
  ): void {
    const value = new ProtobufWalk(bytes, start, end);
    let name: [number, number] = [start, start];
    let simple: number | undefined;
    let tensor: [number, number] | undefined;
    let isScalarMetadata = false;
    while (value.next()) {
      if (value.field === 1 && value.wire === 2) {
        name = [value.start, value.end];
      } else if (value.field === 2 && value.wire === 5) {
        simple = view.getFloat32(value.start, true);
      } else if (value.field === 8 && value.wire === 2) {
        tensor = [value.start, value.end];
      } else if (value.field === 9 && value.wire === 2) {
        isScalarMetadata = this.#isScalarPlugin(bytes, value.start, value.end);
      }
    }
    if (simple === undefined && tensor === undefined) {
      return;
    }
    const tag = this.#tagOf(bytes, name[0], name[1]);
    tag.isScalarTensor ||= isScalarMetadata;
    const number = simple ?? (tag.isScalarTensor && tensor ? readScalarTensor(view, bytes, tensor) : undefined);
    if (number !== undefined) {
      this.#sink.scalar(tag.name, step, wallTime, number);
    }
  }

  #isScalarPlugin(bytes: Uint8Array, start: number, end: number): boolean {
    const metadata = new ProtobufWalk(bytes, start, end);
    while (metadata.next()) {
      if (metadata.field === 1 && metadata.wire === 2) {
        const plugin = new ProtobufWalk(bytes, metadata.start, metadata.end);
        if (plugin.next() && plugin.field === 1) {
          return this.#decoder.decode(bytes.subarray(plugin.start, plugin.end)) === "scalars";
        }
      }
    }
    return false;
  }

  /** A log repeats its few names a million times; decoding each once is what makes reading fast. */
  #tagOf(bytes: Uint8Array, start: number, end: number): Tag {
    let hash = 0x811c_9dc5;
    for (let index = start; index < end; index++) {
      hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x0100_0193);
    }
    const candidates = this.#tags.get(hash) ?? [];
    const known = candidates.find((tag) => isSame(tag.bytes, bytes, start, end));
    if (known) {
      return known;
    }
    const own = bytes.slice(start, end);
    const tag = { bytes: own, name: this.#decoder.decode(own), isScalarTensor: false };
    this.#tags.set(hash, [...candidates, tag]);
    return tag;
  }
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) {
    return false;
  }
  for (let index = 0; index < name.length; index++) {
    if (name[index] !== bytes[start + index]) {
      return false;
    }
  }
  return true;
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
