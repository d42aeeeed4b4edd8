import { maskedCrc32c } from "../base/crc32.ts";
import { viewOf } from "../base/protobuf.ts";
import { EventReader, type EventValue, isPictureAlone } from "./eventMessage.ts";
import { type EventTag, EventTags } from "./eventTags.ts";
import type { MetricLog } from "./metricLog.ts";
import { type Parameters, readHparams } from "./parameters.ts";
import type { GrowingSeries } from "./series.ts";
import { SeriesTable } from "./seriesTable.ts";

/*
 * A TensorBoard event file is a row of TFRecords:
 *
 *   u64 length | u32 masked CRC-32C of the length | data | u32 masked CRC-32C of the data      (little endian)
 *
 * The checksum of the length is always checked, that of the data but for large records without scalars: what a damaged
 * picture looks like does not matter here.
 */
const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;

/** No event with scalars is larger: ten thousand of them are less than one million bytes. It is passed over unread. */
const MAX_RECORD_BYTES = 16 << 20;
/** Of a record above this size the beginning is looked at, for most of them hold pictures. */
const LARGE_RECORD_BYTES = 32 << 10;
const PEEK_BYTES = 1 << 10;

/** Reads the scalars of an event file that grows. A damaged value is left out; after a damaged length nothing can be found. */
export class EventLog implements MetricLog {
  readonly table = new SeriesTable();
  /** The step at which the training started again with this file. */
  restartStep: number | undefined;
  parameters: Parameters | undefined;
  /** The beginning of a record whose rest is still to come. */
  #held = new Uint8Array(LARGE_RECORD_BYTES);
  #heldBytes = 0;
  /** How many bytes must be there before it is worth to look again. */
  #wantedBytes = HEADER_BYTES;
  #skippedBytes = 0;
  #damaged = 0;
  #isBroken = false;
  readonly #event = new EventReader(new EventTags());

  get problem(): string | undefined {
    return this.#isBroken
      ? "The file is damaged; values after the damage cannot be read."
      : this.#damaged > 0
        ? `${this.#damaged} damaged ${this.#damaged === 1 ? "record was" : "records were"} left out.`
        : this.table.problem;
  }

  get bytesToSkip(): number {
    return this.#isBroken ? Infinity : this.#skippedBytes;
  }

  skip(count: number): void {
    this.#skippedBytes -= count;
  }

  push(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    let at = 0;
    while (at < bytes.length && !this.#isBroken) {
      if (this.#skippedBytes > 0) {
        const passed = Math.min(this.#skippedBytes, bytes.length - at);
        this.skip(passed);
        at += passed;
      } else if (this.#heldBytes > 0) {
        at += this.#complete(bytes, at);
      } else {
        at += this.#takeRecord(bytes, view, at, bytes.length) || this.#complete(bytes, at);
      }
    }
  }

  /** Adds bytes to the record that is held, and takes it when it is whole. Gives how many bytes it wanted. */
  #complete(bytes: Uint8Array, at: number): number {
    const added = Math.min(this.#wantedBytes - this.#heldBytes, bytes.length - at);
    const total = this.#heldBytes + added;
    if (total > this.#held.length) {
      const larger = new Uint8Array(
        Math.min(Math.max(total, this.#held.length * 2), HEADER_BYTES + MAX_RECORD_BYTES + 4),
      );
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(at, at + added), this.#heldBytes);
    this.#heldBytes = total;
    if (total === this.#wantedBytes && this.#takeRecord(this.#held, viewOf(this.#held), 0, total) > 0) {
      this.#heldBytes = 0;
      this.#wantedBytes = HEADER_BYTES;
    }
    return added;
  }

  /** Takes the record at a place. Gives the bytes that were used up; 0 where it is not complete yet. */
  #takeRecord(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    const available = end - at;
    if (available < HEADER_BYTES) {
      this.#wantedBytes = HEADER_BYTES;
      return 0;
    }
    if (view.getUint32(at + 8, true) !== maskedCrc32c(bytes, at, at + 8)) {
      this.#isBroken = true;
      this.#held = new Uint8Array(0);
      return available;
    }
    const length = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    const whole = HEADER_BYTES + length + FOOTER_BYTES;
    if (available >= whole && length <= MAX_RECORD_BYTES) {
      this.#takeData(bytes, view, at + HEADER_BYTES, at + HEADER_BYTES + length);
      return whole;
    }
    const isPeeked = available >= HEADER_BYTES + PEEK_BYTES;
    const start = at + HEADER_BYTES;
    if (
      length > MAX_RECORD_BYTES ||
      (isLarge(length) && isPeeked && isPictureAlone(bytes, start, end, start + length))
    ) {
      const used = Math.min(whole, available);
      this.#skippedBytes = whole - used;
      return used;
    }
    this.#wantedBytes = isLarge(length) && !isPeeked ? HEADER_BYTES + PEEK_BYTES : whole;
    return 0;
  }

  #takeData(bytes: Uint8Array, view: DataView, from: number, to: number): void {
    const event = this.#event;
    event.read(bytes, view, from, to);
    if (!event.isUsed && isLarge(to - from)) {
      return;
    }
    if (view.getUint32(to, true) !== maskedCrc32c(bytes, from, to)) {
      this.#damaged += 1;
      return;
    }
    if (event.isRestart) {
      this.restartStep = Math.min(this.restartStep ?? Infinity, event.step);
      this.table.purgeFrom(event.step);
    }
    if (event.hparams !== undefined) {
      this.parameters = readHparams(event.hparams) ?? this.parameters;
    }
    for (let index = 0; index < event.count; index++) {
      const value = event.values[index];
      if (value?.tag !== undefined) {
        this.#takeValue(value, value.tag);
      }
    }
  }

  /** A tensor is a scalar where its tag was introduced as one; a simple value always is, but for hparams. */
  #takeValue({ value, hasValue, isTensor, introducesScalar }: EventValue, tag: EventTag): void {
    tag.isScalar = introducesScalar ?? tag.isScalar;
    if (hasValue && (isTensor ? tag.isScalar === true : !tag.name.startsWith("_hparams_/"))) {
      tag.series ??= this.#open(tag.name);
      if (tag.series !== undefined) {
        this.table.add(tag.series, this.#event.step, this.#event.timeMs, value);
      }
    }
  }

  #open(name: string): GrowingSeries | undefined {
    const series = this.table.open(name);
    if (series !== undefined) {
      series.restartsAt = "any";
    }
    return series;
  }
}

function isLarge(length: number): boolean {
  return length > LARGE_RECORD_BYTES;
}
