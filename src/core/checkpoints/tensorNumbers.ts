/*
 * The numbers in bytes of tensors, by the names that PyTorch gives to their types. The bytes are little-endian, as
 * safetensors, PyTorch and every machine that VS Code runs on have them.
 */

type Decode = (bytes: ArrayBuffer) => ArrayLike<number>;

const decoders = new Map<string, Decode>([
  ["float64", (bytes) => new Float64Array(bytes)],
  ["float32", (bytes) => new Float32Array(bytes)],
  ["float16", (bytes) => lookedUp(bytes, (halves ??= tableOf(decodeFloat16)))],
  ["bfloat16", (bytes) => lookedUp(bytes, (brains ??= tableOf(decodeBfloat16)))],
  ["int64", (bytes) => Float64Array.from(new BigInt64Array(bytes), Number)],
  ["int32", (bytes) => new Int32Array(bytes)],
  ["int16", (bytes) => new Int16Array(bytes)],
  ["int8", (bytes) => new Int8Array(bytes)],
  ["uint8", (bytes) => new Uint8Array(bytes)],
  ["bool", (bytes) => new Uint8Array(bytes)],
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
