import { ProtoReader, WIRE } from "../base/protobuf.ts";

/*
 * TensorFlow's TensorProto, as far as a scalar needs it:
 *
 *   { dtype = 1, tensor_content = 4, float_val = 5, double_val = 6, int_val = 7, int64_val = 10, half_val = 13 }
 */
const FIELD = { dtype: 1, content: 4, float: 5, double: 6, int: 7, int64: 10, half: 13 } as const;

/** The numbers of the types that a scalar may have, with what reads one element of `tensor_content`. */
const ELEMENT_READERS: Readonly<Record<number, [sizeBytes: number, read: (view: DataView, at: number) => number]>> = {
  1: [4, (view, at) => view.getFloat32(at, true)],
  2: [8, (view, at) => view.getFloat64(at, true)],
  3: [4, (view, at) => view.getInt32(at, true)],
  9: [8, (view, at) => Number(view.getBigInt64(at, true))],
  14: [2, (view, at) => bfloat16(view.getUint16(at, true))],
  19: [2, (view, at) => float16(view.getUint16(at, true))],
};
const BFLOAT16 = 14;

const fields = new ProtoReader();
const elements = new ProtoReader();

/** The value of a tensor of one element; undefined for any other. */
export function readScalarTensor(bytes: Uint8Array, view: DataView, from: number, to: number): number | undefined {
  let type = 0;
  let found: number | undefined;
  let count = 0;
  fields.start(bytes, from, to);
  while (fields.next()) {
    if (fields.field === FIELD.dtype && fields.wire === WIRE.varint) {
      type = fields.signed;
    } else if (fields.field === FIELD.content && fields.wire === WIRE.bytes && fields.to > fields.from) {
      const reader = ELEMENT_READERS[type];
      return reader?.[0] === fields.to - fields.from ? reader[1](view, fields.from) : undefined;
    } else if (isValueField(fields.field)) {
      found = readElement(bytes, view, type);
      count += 1;
    }
  }
  return count === 1 ? found : undefined;
}

function isValueField(field: number): boolean {
  return field >= FIELD.float && field <= FIELD.half && field !== 8 && field !== 9 && field !== 11 && field !== 12;
}

/** The only element of the field at hand, packed or not; undefined where there are several. */
function readElement(bytes: Uint8Array, view: DataView, type: number): number | undefined {
  const { field, wire, from, to } = fields;
  if (field === FIELD.float || field === FIELD.double) {
    const size = field === FIELD.float ? 4 : 8;
    if (wire === WIRE.varint || to - from !== size) {
      return undefined;
    }
    return size === 4 ? view.getFloat32(from, true) : view.getFloat64(from, true);
  }
  const integer = wire === WIRE.varint ? fields.signed : wire === WIRE.bytes ? onlyVarint(bytes, from, to) : undefined;
  if (integer === undefined || field !== FIELD.half) {
    return integer;
  }
  return type === BFLOAT16 ? bfloat16(integer) : float16(integer);
}

/** A packed field has no keys; behind a key of its own its only element reads like a field. */
function onlyVarint(bytes: Uint8Array, from: number, to: number): number | undefined {
  const length = to - from;
  if (length === 0 || length > 10) {
    return undefined;
  }
  const keyed = new Uint8Array(length + 1);
  keyed.set(bytes.subarray(from, to), 1);
  return elements.start(keyed).next() && elements.to === keyed.length ? elements.signed : undefined;
}

const bits = new DataView(new ArrayBuffer(4));

function bfloat16(half: number): number {
  bits.setUint32(0, half << 16);
  return bits.getFloat32(0);
}

function float16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : Number.NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
