import { type ProtoField, protoFields, readVarint, viewOf } from "../base/protobuf.ts";

/*
 * The messages in TensorBoard's event files, as far as scalars need them:
 *
 *   Event    { wall_time = 1 double, step = 2 int64, summary = 5, session_log = 7 { status = 1: START = 1 } }
 *   Summary  { value = 1 { tag = 1, simple_value = 2 float, tensor = 8, metadata = 9 } }
 *   metadata { plugin_data = 1 { plugin_name = 1 }, data_class = 4: SCALAR = 1 }
 *   Tensor   { dtype = 1, tensor_content = 4, float_val = 5, double_val = 6, int_val = 7, int64_val = 10, half_val = 13 }
 */

export type EventMessage = {
  timeMs: number;
  step: number;
  values: readonly SummaryValue[];
  /** The training started again at `step`. */
  isRestart: boolean;
};

export type SummaryValue = {
  tag: string;
  /** Absent for what is no single number. */
  value?: number;
  /** TensorBoard's plugin and data class; only the first value of a tag says them. */
  plugin?: string;
  isScalarClass?: boolean;
  isTensor: boolean;
};

const SESSION_START = 1n;
const SCALAR_CLASS = 1n;

export function readEvent(bytes: Uint8Array): EventMessage {
  const event: EventMessage & { values: SummaryValue[] } = {
    timeMs: Number.NaN,
    step: 0,
    values: [],
    isRestart: false,
  };
  for (const field of protoFields(bytes)) {
    if (field.number === 1 && field.wire === "fixed64") {
      event.timeMs = viewOf(field.bytes).getFloat64(0, true) * 1000;
    } else if (field.number === 2 && field.wire === "varint") {
      event.step = Number(BigInt.asIntN(64, field.value));
    } else if (field.number === 5 && field.wire === "bytes") {
      event.values.push(...readSummary(field.bytes));
    } else if (field.number === 7 && field.wire === "bytes") {
      event.isRestart = firstVarint(field.bytes, 1) === SESSION_START;
    }
  }
  return event;
}

function readSummary(bytes: Uint8Array): SummaryValue[] {
  const values: SummaryValue[] = [];
  for (const field of protoFields(bytes)) {
    if (field.number === 1 && field.wire === "bytes") {
      values.push(readValue(field.bytes));
    }
  }
  return values;
}

function readValue(bytes: Uint8Array): SummaryValue {
  const result: SummaryValue = { tag: "", isTensor: false };
  for (const field of protoFields(bytes)) {
    if (field.number === 2 && field.wire === "fixed32") {
      result.value = viewOf(field.bytes).getFloat32(0, true);
    } else if (field.wire === "bytes") {
      takePart(result, field.number, field.bytes);
    }
  }
  return result;
}

function takePart(result: SummaryValue, number: number, bytes: Uint8Array): void {
  if (number === 1) {
    result.tag = new TextDecoder().decode(bytes);
  } else if (number === 8) {
    result.isTensor = true;
    const value = readScalarTensor(bytes);
    if (value !== undefined) {
      result.value = value;
    }
  } else if (number === 9) {
    result.isScalarClass = firstVarint(bytes, 4) === SCALAR_CLASS;
    const plugin = firstBytes(bytes, 1);
    const name = plugin && firstBytes(plugin, 1);
    if (name) {
      result.plugin = new TextDecoder().decode(name);
    }
  }
}

/** TensorFlow's numbers of the types a scalar may have, with what reads one element of `tensor_content`. */
const ELEMENT_READERS: Readonly<Record<number, [sizeBytes: number, read: (view: DataView) => number]>> = {
  1: [4, (view) => view.getFloat32(0, true)],
  2: [8, (view) => view.getFloat64(0, true)],
  3: [4, (view) => view.getInt32(0, true)],
  9: [8, (view) => Number(view.getBigInt64(0, true))],
  14: [2, (view) => bfloat16(view.getUint16(0, true))],
  19: [2, (view) => float16(view.getUint16(0, true))],
};
const BFLOAT16 = 14;
/** The fields that hold values, by type. */
const VALUE_FIELDS = [5, 6, 7, 10, 13];
/** A varint of ten bytes is the longest. */
const MAX_ELEMENT_BYTES = 10;

/** The value of a tensor of one element; undefined for any other. */
function readScalarTensor(bytes: Uint8Array): number | undefined {
  const type = Number(firstVarint(bytes, 1) ?? 0n);
  const content = firstBytes(bytes, 4);
  const reader = ELEMENT_READERS[type];
  if (content !== undefined && content.length > 0) {
    return reader !== undefined && content.length === reader[0] ? reader[1](viewOf(content)) : undefined;
  }
  let found: number | undefined;
  for (const field of protoFields(bytes)) {
    if (!VALUE_FIELDS.includes(field.number)) {
      continue;
    }
    // More bytes than one element has are no scalar, and are not unpacked.
    const isLong = field.wire === "bytes" && field.bytes.length > MAX_ELEMENT_BYTES;
    const elements = isLong ? [] : elementsOf(field, type);
    if (elements.length !== 1 || found !== undefined) {
      return undefined;
    }
    [found] = elements;
  }
  return found;
}

function elementsOf(field: ProtoField, type: number): number[] {
  const fixed = field.number === 5 ? 4 : field.number === 6 ? 8 : undefined;
  if (fixed !== undefined && field.wire !== "varint") {
    const view = viewOf(field.bytes);
    return Array.from({ length: Math.floor(field.bytes.length / fixed) }, (_, index) =>
      fixed === 4 ? view.getFloat32(index * fixed, true) : view.getFloat64(index * fixed, true),
    );
  }
  if (![7, 10, 13].includes(field.number)) {
    return [];
  }
  const integers = field.wire === "varint" ? [field.value] : field.wire === "bytes" ? packed(field.bytes) : [];
  return integers.map((integer) =>
    field.number !== 13
      ? Number(BigInt.asIntN(64, integer))
      : type === BFLOAT16
        ? bfloat16(Number(integer))
        : float16(Number(integer)),
  );
}

function packed(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = readVarint(bytes, at);
    if (found === undefined) {
      break;
    }
    values.push(found.value);
    at = found.next;
  }
  return values;
}

function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(2, bits, true);
  return view.getFloat32(0, true);
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : Number.NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function firstVarint(bytes: Uint8Array, number: number): bigint | undefined {
  for (const field of protoFields(bytes)) {
    if (field.number === number && field.wire === "varint") {
      return field.value;
    }
  }
  return undefined;
}

function firstBytes(bytes: Uint8Array, number: number): Uint8Array | undefined {
  for (const field of protoFields(bytes)) {
    if (field.number === number && field.wire === "bytes") {
      return field.bytes;
    }
  }
  return undefined;
}
