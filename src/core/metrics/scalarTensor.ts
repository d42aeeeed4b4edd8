import { ProtobufWalk } from "./protobuf.ts";

/*
 * TensorProto { dtype = 1, tensor_shape = 2, tensor_content = 4, float_val = 5, double_val = 6, int_val = 7,
 * int64_val = 10, half_val = 13 }: the number stands in `tensor_content`, raw, or in the list of its type.
 */

/** The numbers of DataType in tensorflow/core/framework/types.proto. */
const FLOAT = 1;
const DOUBLE = 2;
const INT32 = 3;
const INT64 = 9;
const BFLOAT16 = 14;
const HALF = 19;

/** The number in a tensor of one element; undefined for more elements and for types without a number. */
export function readScalarTensor(
  view: DataView,
  bytes: Uint8Array,
  [start, end]: readonly [number, number],
): number | undefined {
  const tensor = new ProtobufWalk(bytes, start, end);
  let dtype = 0;
  let found: number | undefined;
  while (tensor.next()) {
    if (tensor.field === 1) {
      dtype = tensor.number;
    } else if (tensor.field === 4 && tensor.wire === 2) {
      found = readContent(view, dtype, tensor.start, tensor.end);
    } else if ([7, 10, 13].includes(tensor.field)) {
      const list = tensor.wire === 2 ? readPackedVarint(bytes, tensor) : tensor.number;
      found = tensor.field === 13 ? ofHalf(dtype, list) : list;
    } else if (tensor.field === 5 && tensor.end - tensor.start === 4) {
      found = view.getFloat32(tensor.start, true);
    } else if (tensor.field === 6 && tensor.end - tensor.start === 8) {
      found = view.getFloat64(tensor.start, true);
    }
  }
  return found;
}

function readContent(view: DataView, dtype: number, start: number, end: number): number | undefined {
  switch (`${dtype}:${end - start}`) {
    case `${FLOAT}:4`:
      return view.getFloat32(start, true);
    case `${DOUBLE}:8`:
      return view.getFloat64(start, true);
    case `${INT32}:4`:
      return view.getInt32(start, true);
    case `${INT64}:8`:
      return Number(view.getBigInt64(start, true));
    case `${HALF}:2`:
    case `${BFLOAT16}:2`:
      return ofHalf(dtype, view.getUint16(start, true));
    default:
      return undefined;
  }
}

/** The first varint of a packed list. */
function readPackedVarint(bytes: Uint8Array, { start, end }: { start: number; end: number }): number {
  let value = 0n;
  for (let index = start; index < Math.min(end, start + 10); index++) {
    value |= BigInt((bytes[index] ?? 0) & 0x7f) << BigInt(7 * (index - start));
  }
  return Number(BigInt.asIntN(64, value));
}

function ofHalf(dtype: number, bits: number): number {
  if (dtype === BFLOAT16) {
    return new Float32Array(new Uint32Array([bits << 16]).buffer)[0] ?? Number.NaN;
  }
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return exponent === 0 ? sign * 2 ** -24 * fraction : sign * 2 ** (exponent - 25) * (1024 + fraction);
}
