import { ByteReader } from "../base/byteReader.ts";
import { calledName, entriesOf, isNode, type PickleValue } from "./inertPickleValue.ts";

/*
 * numpy pickles the number np.float64(0.5) as
 *
 *   numpy._core.multiarray.scalar(numpy.dtype("f8", False, True), b"\0\0\0\0\0\0\xe0\x3f")
 *
 * and below protocol 3 the bytes as _codecs.encode("…", "latin1"). Means and accuracies are often saved so.
 */

/** The value of a pickled numpy number or bool, or undefined for anything else. */
export function numpyScalar(value: PickleValue | undefined): number | boolean | undefined {
  if (!isNode(value) || value.kind !== "call" || !/^numpy\._?core\.multiarray\.scalar$/.test(calledName(value) ?? "")) {
    return undefined;
  }
  const code = dtypeCode(value.args[0]);
  const bytes = pickledBytes(value.args[1]);
  return code === undefined || bytes === undefined ? undefined : decodeNumber(code, bytes);
}

function dtypeCode(dtype: PickleValue | undefined): string | undefined {
  if (!isNode(dtype) || dtype.kind !== "call" || calledName(dtype) !== "numpy.dtype") {
    return undefined;
  }
  // The state's second item is the byte order; big-endian numbers are left alone rather than misread.
  const state = dtype.state;
  const order = isNode(state) && state.kind === "tuple" ? state.items[1] : "<";
  const code = dtype.args[0];
  return order === ">" || typeof code !== "string" ? undefined : code;
}

/** Bytes however the protocol wrote them. */
function pickledBytes(value: PickleValue | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) {
    return value;
  }
  if (isNode(value) && value.kind === "call" && calledName(value) === "_codecs.encode") {
    const text = value.args[0];
    return typeof text === "string" && text.length <= 64 && entriesOf(value) === undefined
      ? Uint8Array.from(text, (character) => character.charCodeAt(0))
      : undefined;
  }
  return undefined;
}

function decodeNumber(code: string, bytes: Uint8Array): number | boolean | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = Number(code.slice(1));
  if (size !== bytes.length) {
    return undefined;
  }
  switch (code) {
    case "f8":
      return view.getFloat64(0, true);
    case "f4":
      return view.getFloat32(0, true);
    case "i8":
      return Number(view.getBigInt64(0, true));
    case "i4":
      return view.getInt32(0, true);
    case "u8":
      return new ByteReader(bytes, "numpy").u64();
    case "u4":
      return view.getUint32(0, true);
    case "b1":
      return bytes[0] === 1;
    default:
      return undefined;
  }
}
