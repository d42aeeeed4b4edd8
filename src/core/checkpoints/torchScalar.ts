import type { PickleValue } from "./inertPickleValue.ts";
import { numpyScalar } from "./numpyScalar.ts";
import { decodeBfloat16, decodeFloat16 } from "./tensorNumbers.ts";
import { type TorchTensor, torchTensorOf } from "./torchTensor.ts";

/** A number in a pickle, or a tensor of one element whose number lies in its storage. */
export type Scalar = number | TorchTensor;

/** A number, a numpy number, or a tensor of one element. */
export function scalarOf(value: PickleValue | undefined): Scalar | undefined {
  if (typeof value === "number") {
    return value;
  }
  if (typeof value === "bigint") {
    return Number(value);
  }
  const number = numpyScalar(value);
  if (typeof number === "number") {
    return number;
  }
  const tensor = value === undefined ? undefined : torchTensorOf(value);
  return tensor?.elementCount === 1 && tensor.storage !== undefined ? tensor : undefined;
}

/** How many bytes of its storage hold a tensor's only number; undefined for dtypes that are no plain numbers. */
export function scalarBytes(dtype: string): number | undefined {
  return decoders.get(dtype)?.bytes;
}

/** The number that little-endian bytes hold for a dtype, or undefined for dtypes that are no plain numbers. */
export function decodeScalar(dtype: string, bytes: Uint8Array): number | undefined {
  const decoder = decoders.get(dtype);
  return decoder && bytes.length >= decoder.bytes
    ? decoder.decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    : undefined;
}

const decoders = new Map<string, { bytes: number; decode: (view: DataView) => number }>([
  ["float64", { bytes: 8, decode: (view) => view.getFloat64(0, true) }],
  ["float32", { bytes: 4, decode: (view) => shortestFloat32(view.getFloat32(0, true)) }],
  ["float16", { bytes: 2, decode: (view) => decodeFloat16(view.getUint16(0, true)) }],
  ["bfloat16", { bytes: 2, decode: (view) => decodeBfloat16(view.getUint16(0, true)) }],
  ["int64", { bytes: 8, decode: (view) => Number(view.getBigInt64(0, true)) }],
  ["int32", { bytes: 4, decode: (view) => view.getInt32(0, true) }],
  ["int16", { bytes: 2, decode: (view) => view.getInt16(0, true) }],
  ["int8", { bytes: 1, decode: (view) => view.getInt8(0) }],
  ["uint8", { bytes: 1, decode: (view) => view.getUint8(0) }],
]);

/** 0.953 saved as float32 reads back as 0.9530000090599060; the digits a float32 cannot hold say nothing. Counts are exact. */
function shortestFloat32(value: number): number {
  return Number.isFinite(value) && !Number.isSafeInteger(value) ? Number(value.toPrecision(7)) : value;
}
