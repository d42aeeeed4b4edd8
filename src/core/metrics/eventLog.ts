import { maskedCrc32c } from "../base/crc32c.ts";
import { viewOf } from "../base/protobuf.ts";
import { readEvent, type SummaryValue } from "./eventMessage.ts";
import type { MetricLog } from "./metricLog.ts";
import { SeriesTable } from "./series.ts";

/*
 * A TensorBoard event file is a row of TFRecords:
 *
 *   u64 length | u32 masked CRC-32C of the length | data | u32 masked CRC-32C of the data      (little endian)
 */
const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;

/** A larger record holds images, audio or a graph. It is passed over unread. */
const MAX_SCALAR_RECORD_BYTES = 1 << 20;

/** Reads the scalars of an event file that grows. A damaged value is left out; after a damaged length nothing can be found. */
export class EventLog implements MetricLog {
  readonly table = new SeriesTable();
  /** The step at which the training started again with this file. */
  restartStep: number | undefined;
  #carry = new Uint8Array(0);
  /** Bytes of a large record that are still to come and are not looked at. */
  #toSkip = 0;
  #damaged = 0;
  #isBroken = false;
  readonly #isScalar = new Map<string, boolean>();

  get problem(): string | undefined {
    return this.#isBroken
      ? "The file is damaged; values after the damage cannot be read."
      : this.#damaged > 0
        ? `${this.#damaged} damaged ${this.#damaged === 1 ? "record was" : "records were"} left out.`
        : undefined;
  }

  push(bytes: Uint8Array): void {
    if (this.#isBroken) {
      return;
    }
    const data = this.#join(bytes);
    let at = 0;
    while (at < data.length) {
      const used = this.#takeRecord(data.subarray(at));
      if (used === 0) {
        break;
      }
      at += used;
    }
    this.#carry = this.#isBroken ? new Uint8Array(0) : data.slice(at);
  }

  #join(bytes: Uint8Array): Uint8Array {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    const fresh = bytes.subarray(skipped);
    if (this.#carry.length === 0) {
      return fresh;
    }
    const joined = new Uint8Array(this.#carry.length + fresh.length);
    joined.set(this.#carry);
    joined.set(fresh, this.#carry.length);
    return joined;
  }

  /** The bytes that were used up; 0 where the record is not complete yet. */
  #takeRecord(bytes: Uint8Array): number {
    if (bytes.length < HEADER_BYTES) {
      return 0;
    }
    const view = viewOf(bytes);
    if (view.getUint32(8, true) !== maskedCrc32c(bytes.subarray(0, 8))) {
      this.#isBroken = true;
      return 0;
    }
    const length = Number(view.getBigUint64(0, true));
    const whole = HEADER_BYTES + length + FOOTER_BYTES;
    if (length > MAX_SCALAR_RECORD_BYTES) {
      const used = Math.min(whole, bytes.length);
      this.#toSkip = whole - used;
      return used;
    }
    if (bytes.length < whole) {
      return 0;
    }
    const data = bytes.subarray(HEADER_BYTES, HEADER_BYTES + length);
    if (view.getUint32(HEADER_BYTES + length, true) === maskedCrc32c(data)) {
      this.#takeEvent(data);
    } else {
      this.#damaged += 1;
    }
    return whole;
  }

  #takeEvent(data: Uint8Array): void {
    const { step, timeMs, values, isRestart } = readEvent(data);
    if (isRestart) {
      this.restartStep ??= step;
      this.table.purgeFrom(step);
    }
    for (const value of values) {
      if (value.value !== undefined && this.#isScalarTag(value)) {
        this.table.add({ tag: value.tag, step, timeMs, value: value.value });
      }
    }
  }

  /** A tensor is a scalar where its tag was introduced as one; a simple value always is, but for hparams. */
  #isScalarTag({ tag, plugin, isScalarClass, isTensor }: SummaryValue): boolean {
    if (plugin !== undefined || isScalarClass !== undefined) {
      this.#isScalar.set(tag, isScalarClass === true || plugin === "scalars");
    }
    return isTensor ? this.#isScalar.get(tag) === true : !tag.startsWith("_hparams_/");
  }
}
