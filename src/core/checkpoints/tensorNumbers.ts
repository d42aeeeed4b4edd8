/*
 * The numbers in bytes of tensors, by the names that PyTorch and safetensors give to their types. The bytes are little-endian,
 * as both formats and every machine that VS Code runs on have them.
 */

type Decode = (bytes: ArrayBuffer) => ArrayLike<number>;

const decoders = new Map<string, Decode>([
  ...same(["float64", "F64"], (bytes) => new Float64Array(bytes)),
  ...same(["float32", "F32"], (bytes) => new Float32Array(bytes)),
  ...same(["float16", "F16"], (bytes) => lookedUp(bytes, (halves ??= tableOf(decodeFloat16)))),
  ...same(["bfloat16", "BF16"], (bytes) => lookedUp(bytes, (brains ??= tableOf(decodeBfloat16)))),
  ...same(["int64", "I64"], (bytes) => Float64Array.from(new BigInt64Array(bytes), Number)),
  ...same(["int32", "I32"], (bytes) => new Int32Array(bytes)),
  ...same(["int16", "I16"], (bytes) => new Int16Array(bytes)),
  ...same(["int8", "I8"], (bytes) => new Int8Array(bytes)),
  ...same(["uint8", "U8", "bool", "BOOL"], (bytes) => new Uint8Array(bytes)),
]);

/** All values of a type of two bytes; made with the first tensor of that type. */
let halves: Float32Array | undefined;
let brains: Float32Array | undefined;

export function hasNumbers(dtype: string): boolean {
  return decoders.has(dtype);
}

/** The numbers that whole items of a type stand for; integers of 64 bits as the nearest double. Throws for a type that `hasNumbers` denies. */
export function numbersIn(dtype: string, bytes: Uint8Array): ArrayLike<number> {
  const decode = decoders.get(dtype);
  if (decode === undefined) {
    throw new Error(`${dtype} has no numbers that are read.`);
  }
  // Typed arrays begin at multiples of their items.
  return decode(bytes.slice().buffer);
}

function same(names: readonly string[], decode: Decode): (readonly [string, Decode])[] {
  return names.map((name) => [name, decode]);
}

function lookedUp(bytes: ArrayBuffer, table: Float32Array): Float32Array {
  return Float32Array.from(new Uint16Array(bytes), (bits) => table[bits] ?? Number.NaN);
}

function tableOf(decode: (bits: number) => number): Float32Array {
  return Float32Array.from({ length: 2 ** 16 }, (_, bits) => decode(bits));
}

/** The upper half of a float32. */
export function decodeBfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? Number.NaN;
}

/** IEEE 754 binary16. */
export function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
