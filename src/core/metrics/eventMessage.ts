import { ProtoReader, WIRE } from "../base/protobuf.ts";
import type { EventTag, EventTags } from "./eventTags.ts";
import { readScalarTensor } from "./scalarTensor.ts";

/*
 * The messages in TensorBoard's event files, as far as scalars need them:
 *
 *   Event    { wall_time = 1 double, step = 2 int64, summary = 5, session_log = 7 { status = 1: START = 1 } }
 *   Summary  { value = 1 { tag = 1, simple_value = 2 float, tensor = 8, metadata = 9 } }
 *   metadata { plugin_data = 1 { plugin_name = 1, content = 2 }, data_class = 4: SCALAR = 1 }
 */

/** One value of a summary. */
export type EventValue = {
  tag: EventTag | undefined;
  value: number;
  /** False for what is no single number. */
  hasValue: boolean;
  isTensor: boolean;
  /** What the metadata say about the tag; undefined where it has none, which only the first value of a tag has. */
  introducesScalar: boolean | undefined;
};

const SESSION_START = 1;
const SCALAR_CLASS = 1;
/** An event with more values is none that a training writes. */
const MAX_VALUES = 100_000;

/**
 * Reads one event after the other into the same object: a log has millions of them. The first `count` of `values` are those
 * that have a number or introduce a tag; pictures and texts leave none.
 */
export class EventReader {
  timeMs = Number.NaN;
  step = 0;
  /** The training started again at `step`. */
  isRestart = false;
  count = 0;
  /** What the hparams plugin keeps with the event; it is not copied. */
  hparams: Uint8Array | undefined;
  readonly values: EventValue[] = [];
  readonly #tags: EventTags;
  readonly #event = new ProtoReader();
  readonly #summary = new ProtoReader();
  readonly #value = new ProtoReader();
  readonly #inner = new ProtoReader();
  readonly #plugin = new ProtoReader();

  constructor(tags: EventTags) {
    this.#tags = tags;
  }

  /** Whether anything of the event is used. */
  get isUsed(): boolean {
    return this.count > 0 || this.isRestart || this.hparams !== undefined;
  }

  read(bytes: Uint8Array, view: DataView, from: number, to: number): void {
    this.timeMs = Number.NaN;
    this.step = 0;
    this.isRestart = false;
    this.count = 0;
    this.hparams = undefined;
    const event = this.#event.start(bytes, from, to);
    while (event.next()) {
      if (event.field === 1 && event.wire === WIRE.fixed64) {
        this.timeMs = view.getFloat64(event.from, true) * 1000;
      } else if (event.field === 2 && event.wire === WIRE.varint) {
        this.step = event.signed;
      } else if (event.field === 5 && event.wire === WIRE.bytes) {
        this.#readSummary(bytes, view);
      } else if (event.field === 7 && event.wire === WIRE.bytes) {
        this.isRestart = firstVarint(this.#inner.start(bytes, event.from, event.to), 1) === SESSION_START;
      }
    }
  }

  #readSummary(bytes: Uint8Array, view: DataView): void {
    const summary = this.#summary.start(bytes, this.#event.from, this.#event.to);
    while (summary.next()) {
      if (summary.field === 1 && summary.wire === WIRE.bytes && this.count < MAX_VALUES) {
        this.#readValue(bytes, view, this.#place());
      }
    }
  }

  #readValue(bytes: Uint8Array, view: DataView, into: EventValue): void {
    const value = this.#value.start(bytes, this.#summary.from, this.#summary.to);
    while (value.next()) {
      if (value.field === 2 && value.wire === WIRE.fixed32) {
        into.value = view.getFloat32(value.from, true);
        into.hasValue = true;
      } else if (value.wire !== WIRE.bytes) {
        continue;
      } else if (value.field === 1) {
        into.tag = this.#tags.find(bytes, value.from, value.to);
      } else if (value.field === 8) {
        into.isTensor = true;
        const scalar = readScalarTensor(bytes, view, value.from, value.to);
        into.hasValue ||= scalar !== undefined;
        into.value = scalar ?? into.value;
      } else if (value.field === 9) {
        into.introducesScalar = this.#isScalarMetadata(bytes);
      }
    }
    this.count += into.hasValue || into.introducesScalar === true ? 1 : 0;
  }

  #isScalarMetadata(bytes: Uint8Array): boolean {
    let isScalar = false;
    const metadata = this.#inner.start(bytes, this.#value.from, this.#value.to);
    while (metadata.next()) {
      if (metadata.field === 4 && metadata.wire === WIRE.varint) {
        isScalar ||= metadata.signed === SCALAR_CLASS;
      } else if (metadata.field === 1 && metadata.wire === WIRE.bytes) {
        isScalar ||= this.#isScalarPlugin(bytes, metadata);
      }
    }
    return isScalar;
  }

  #isScalarPlugin(bytes: Uint8Array, { from, to }: ProtoReader): boolean {
    const plugin = this.#plugin.start(bytes, from, to);
    let [isScalar, isHparams] = [false, false];
    let content: Uint8Array | undefined;
    while (plugin.next()) {
      if (plugin.field === 1 && plugin.wire === WIRE.bytes) {
        isScalar = isText(bytes, plugin, SCALARS);
        isHparams = isText(bytes, plugin, HPARAMS);
      } else if (plugin.field === 2 && plugin.wire === WIRE.bytes) {
        content = bytes.subarray(plugin.from, plugin.to);
      }
    }
    this.hparams = isHparams ? (content ?? this.hparams) : this.hparams;
    return isScalar;
  }

  #place(): EventValue {
    const place = (this.values[this.count] ??= {
      tag: undefined,
      value: 0,
      hasValue: false,
      isTensor: false,
      introducesScalar: undefined,
    });
    place.tag = undefined;
    place.hasValue = false;
    place.isTensor = false;
    place.introducesScalar = undefined;
    return place;
  }
}

/**
 * Whether the beginning of a large event is enough to know that no scalar is in it: all that follows is one picture, sound,
 * graph or large tensor that reaches to the end of the event. `available` is where the bytes at hand end, `to` the event.
 */
export function isPictureAlone(bytes: Uint8Array, from: number, available: number, to: number): boolean {
  const reader = new ProtoReader().start(bytes, from, available);
  for (const { pictures, message, numbers } of PATH_TO_PICTURE) {
    while (reader.next()) {
      if (numbers.includes(reader.field)) {
        return false;
      }
    }
    if (reader.wire !== WIRE.bytes || reader.declaredEnd !== to || reader.from >= available) {
      return false;
    }
    if (pictures.includes(reader.field)) {
      return true;
    }
    if (reader.field !== message) {
      return false;
    }
    reader.start(bytes, reader.from, available);
  }
  return false;
}

/** The way down into an event, with the fields that are pictures, the one that leads on, and those that may hold numbers. */
const PATH_TO_PICTURE: readonly { pictures: readonly number[]; message?: number; numbers: readonly number[] }[] = [
  // Event: graphs and what is known of their runs; the summary.
  { pictures: [4, 8, 9], message: 5, numbers: [5, 7] },
  // Summary: its value.
  { pictures: [], message: 1, numbers: [1] },
  // Value: image, histogram, audio, and a tensor that is too large for one number.
  { pictures: [4, 5, 6, 8], numbers: [2, 8] },
];

const SCALARS = new TextEncoder().encode("scalars");
const HPARAMS = new TextEncoder().encode("hparams");

function isText(bytes: Uint8Array, { from, to }: ProtoReader, text: Uint8Array): boolean {
  return to - from === text.length && text.every((byte, index) => bytes[from + index] === byte);
}

function firstVarint(reader: ProtoReader, field: number): number | undefined {
  while (reader.next()) {
    if (reader.field === field && reader.wire === WIRE.varint) {
      return reader.signed;
    }
  }
  return undefined;
}
