import { crc32 } from "../base/crc32.ts";
import { ProtoReader, viewOf, WIRE } from "../base/protobuf.ts";
import { readNumber } from "./loggedNumber.ts";
import type { MetricLog } from "./metricLog.ts";
import { GrowingParameters, type Parameters } from "./parameters.ts";
import type { RunEnd } from "./runEnd.ts";
import { SeriesTable } from "./seriesTable.ts";
import { readWandbConfig } from "./wandbConfig.ts";

/*
 * A W&B offline file (`run-<id>.wandb`) is a LevelDB log: blocks of 32,768 bytes, the first of which begins with 7 bytes
 * ":W&B" | u16 0xbee1 | u8 version. In a block:
 *
 *   u32 CRC-32 of the type and the data | u16 length | u8 type: 1 whole, 2 first, 3 middle, 4 last piece | data
 *
 * with zeros where fewer than 7 bytes are left. The data are protobuf messages:
 *
 *   Record  { history = 2 { item = 1 { key = 1, nested_key = 2, value_json = 16 }, step = 2 { num = 1 } },
 *             config = 5 { update = 1 { key = 1, nested_key = 2, value_json = 16 } },
 *             run = 17 { config = 4, display_name = 8, start_time = 17 { seconds = 1, nanos = 2 } },
 *             exit = 18 { exit_code = 1 } }
 */
const BLOCK_BYTES = 32_768;
const FILE_HEADER_BYTES = 7;
const HEADER_BYTES = 7;
const WHOLE = 1;
const FIRST = 2;
const LAST = 4;
/** The values of one step are far less; a larger record is a configuration or a table. */
const MAX_RECORD_BYTES = 16 << 20;

/** Reads the history of a W&B offline file that grows. */
export class WandbLog implements MetricLog {
  readonly table = new SeriesTable();
  /** What the run is called. */
  name: string | undefined;
  startedMs: number | undefined;
  end: RunEnd | undefined;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #view = viewOf(this.#block);
  #parameters: GrowingParameters | undefined;
  #filled = 0;
  #at = FILE_HEADER_BYTES;
  #pieces: Uint8Array[] = [];
  #piecesBytes = 0;
  #damaged = 0;
  readonly #record = new ProtoReader();
  readonly #history = new ProtoReader();
  readonly #item = new ProtoReader();

  get problem(): string | undefined {
    return this.#damaged > 0
      ? `${this.#damaged} damaged ${this.#damaged === 1 ? "record was" : "records were"} left out.`
      : this.table.problem;
  }

  get parameters(): Parameters | undefined {
    return this.#parameters?.all;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#block.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      this.#takePieces();
      if (this.#filled === BLOCK_BYTES) {
        this.#filled = 0;
        this.#at = 0;
      }
    }
  }

  /** Takes what is complete in the block. */
  #takePieces(): void {
    while (this.#at + HEADER_BYTES <= this.#filled) {
      const checksum = this.#view.getUint32(this.#at, true);
      const end = this.#at + HEADER_BYTES + this.#view.getUint16(this.#at + 4, true);
      const type = this.#block[this.#at + 6] ?? 0;
      if (end > BLOCK_BYTES || type < WHOLE || type > LAST) {
        // Nothing can be found in the rest of the block.
        this.#damaged += 1;
        this.#at = BLOCK_BYTES;
        return;
      }
      if (end > this.#filled) {
        return;
      }
      const data = this.#block.subarray(this.#at + HEADER_BYTES, end);
      this.#at = end;
      if (crc32(type, data) === checksum) {
        this.#takePiece(type, data);
      } else {
        this.#damaged += 1;
        this.#forgetPieces();
      }
    }
  }

  #takePiece(type: number, data: Uint8Array): void {
    if (type === WHOLE) {
      this.#takeRecord(data);
      return;
    }
    if (type === FIRST) {
      this.#forgetPieces();
    }
    this.#piecesBytes += data.length;
    if (this.#piecesBytes <= MAX_RECORD_BYTES) {
      this.#pieces.push(data.slice());
    }
    if (type === LAST) {
      if (this.#piecesBytes <= MAX_RECORD_BYTES) {
        this.#takeRecord(joined(this.#pieces, this.#piecesBytes));
      }
      this.#forgetPieces();
    }
  }

  #forgetPieces(): void {
    this.#pieces = [];
    this.#piecesBytes = 0;
  }

  #takeRecord(bytes: Uint8Array): void {
    const record = this.#record.start(bytes);
    while (record.next()) {
      if (record.wire === WIRE.bytes && record.field === 2) {
        this.#takeHistory(bytes, record.from, record.to);
      } else if (record.wire === WIRE.bytes && record.field === 5) {
        this.#takeConfig(bytes, record.from, record.to);
      } else if (record.wire === WIRE.bytes && record.field === 17) {
        this.#takeRun(bytes, record.from, record.to);
      } else if (record.wire === WIRE.bytes && record.field === 18) {
        this.#takeExit(bytes, record.from, record.to);
      }
    }
  }

  #takeRun(bytes: Uint8Array, from: number, to: number): void {
    const run = this.#history.start(bytes, from, to);
    while (run.next()) {
      if (run.field === 8 && run.wire === WIRE.bytes) {
        this.name = textOf(bytes, run) || this.name;
      } else if (run.field === 4 && run.wire === WIRE.bytes) {
        this.#takeConfig(bytes, run.from, run.to);
      } else if (run.field === 17 && run.wire === WIRE.bytes) {
        const time = this.#item.start(bytes, run.from, run.to);
        let ms = 0;
        while (time.next()) {
          ms += time.field === 1 ? time.signed * 1_000 : time.signed / 1e6;
        }
        this.startedMs = ms;
      }
    }
  }

  /** A code of 0 is not written. */
  #takeExit(bytes: Uint8Array, from: number, to: number): void {
    const exit = this.#history.start(bytes, from, to);
    this.end = "finished";
    while (exit.next()) {
      this.end = exit.field === 1 && exit.signed !== 0 ? "failed" : this.end;
    }
  }

  #takeConfig(bytes: Uint8Array, from: number, to: number): void {
    this.#parameters ??= new GrowingParameters();
    this.#parameters.add(readWandbConfig(bytes, from, to));
  }

  #takeHistory(bytes: Uint8Array, from: number, to: number): void {
    const values = new Map<string, number>();
    let step: number | undefined;
    const history = this.#history.start(bytes, from, to);
    while (history.next()) {
      if (history.field === 1 && history.wire === WIRE.bytes) {
        this.#takeItem(bytes, values);
      } else if (history.field === 2 && history.wire === WIRE.bytes) {
        const number = this.#item.start(bytes, history.from, history.to);
        step = number.next() && number.field === 1 ? number.signed : 0;
      }
    }
    const at = values.get("_step") ?? step ?? 0;
    const timeMs = (values.get("_timestamp") ?? Number.NaN) * 1_000;
    for (const [key, value] of values) {
      // The library keeps its own names, and the use of the machine, behind an underscore.
      const series = key.startsWith("_") ? undefined : this.table.open(key);
      if (series !== undefined) {
        this.table.add(series, at, timeMs, value);
      }
    }
  }

  #takeItem(bytes: Uint8Array, values: Map<string, number>): void {
    const keys: string[] = [];
    let value: number | undefined;
    const item = this.#item.start(bytes, this.#history.from, this.#history.to);
    while (item.next()) {
      if (item.wire === WIRE.bytes && (item.field === 1 || item.field === 2)) {
        keys.push(textOf(bytes, item));
      } else if (item.wire === WIRE.bytes && item.field === 16 && item.to - item.from <= MAX_NUMBER_BYTES) {
        value = readNumber(textOf(bytes, item).replaceAll('"', ""));
      }
    }
    if (value !== undefined && keys.length > 0) {
      values.set(keys.filter((key) => key !== "").join("."), value);
    }
  }
}

/** A longer value is a text or a picture. */
const MAX_NUMBER_BYTES = 64;

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array, { from, to }: ProtoReader): string {
  return decoder.decode(bytes.subarray(from, to));
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
