import { ByteReader, EndOfBytesError, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { bytesFollow } from "./bytesFollow.ts";
import { type Completeness, emptyContents, torn, unknown, whole } from "./checkpointSummary.ts";
import { countElements, countTensors, type FormatReading, reasonOf, unread } from "./formatReading.ts";
import { type ImportedName } from "./importedName.ts";
import { readInertPickle } from "./inertPickle.ts";
import { type PickleLimits, pickleLimits } from "./inertPickleMachine.ts";
import { type NumpyDtype, numpyDtype } from "./numpyDtype.ts";
import { NumpyTuple, parseNumpyLiteral } from "./numpyLiteral.ts";
import { trustOf } from "./pickleTrust.ts";
import type { TensorEntry } from "./tensorEntry.ts";

/*
 *   0   93 "NUMPY"   u8 major version (1 to 3)   u8 minor version
 *   8   length of the header: u16 in version 1, u32 in 2 and 3
 *       {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   padded with spaces, ends in a line feed
 *       the elements, or for Python objects a pickle
 *
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

export type NpyHeader = { dtype: NumpyDtype; shape: readonly number[]; dataOffset: number };

/** One array with what its bytes tell about it. */
export type NpyReading = { header: NpyHeader; completeness: Completeness; imports: readonly ImportedName[] };

const FORMAT = "NumPy";
const SIGNATURE = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** A header of a plain array takes 118 bytes; one with hundreds of fields takes some kilobytes. */
const MAX_HEADER_BYTES = 256 * 1024;
/** numpy.load refuses a longer one unless it is told to trust the file, as for Python objects it has to be. */
const MAX_UNTRUSTED_HEADER_BYTES = 10_000;
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;
/** Signature, version and length, in the versions whose header can be so long. */
const PREFIX_BYTES = 12;
/** numpy allows 64. */
const MAX_DIMENSIONS = 64;

export function isNpy(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => head[index] === byte);
}

/** Reads the header of a .npy file and compares it with the length of the file. Throws only what the source throws. */
export async function readNpy(source: ByteSource, name: string): Promise<FormatReading> {
  try {
    const { header, completeness, imports } = await readNpyArray(source);
    const tensor = npyTensor(name.replace(/\.npy$/i, ""), header);
    const contents = { ...emptyContents, ...countTensors([tensor]), framework: { name: "NumPy" }, imports };
    return { format: "npy", completeness, contents, tensors: [tensor] };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return unread(
      "npy",
      error instanceof EndOfBytesError ? torn("it ends inside its header") : unknown(reasonOf(error)),
    );
  }
}

/** The header of an array and whether all of its elements are there. Throws FormatError where the header cannot be read. */
export async function readNpyArray(source: ByteSource, limits = pickleLimits): Promise<NpyReading> {
  const header = await readNpyHeader(source);
  if (header.dtype.hasObjects) {
    return readObjects(source, header, limits);
  }
  if (header.dataOffset > MAX_UNTRUSTED_HEADER_BYTES + PREFIX_BYTES) {
    const problem = `its header is longer than ${MAX_UNTRUSTED_HEADER_BYTES} bytes, which numpy.load refuses`;
    return { header, completeness: unknown(problem), imports: [] };
  }
  const end = header.dataOffset + countElements(header.shape) * header.dtype.itemBytes;
  return { header, completeness: judgeLength(source.sizeBytes, end), imports: [] };
}

async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const start = new ByteReader(await readExactly(source, { offset: 0, length: 10 }, FORMAT), FORMAT);
  if (!isNpy(start.bytes(6))) {
    throw start.error("it does not begin as an array does", 0);
  }
  const major = start.u8();
  const minor = start.u8();
  if (major < 1 || major > 3 || minor !== 0) {
    throw start.error(`version ${major}.${minor} is not one that is read`, 6);
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const prefix = new ByteReader(await readExactly(source, { offset: 8, length: lengthBytes }, FORMAT), FORMAT, 8);
  const length = major === 1 ? prefix.u16() : prefix.u32();
  if (length > MAX_HEADER_BYTES) {
    throw prefix.error(`its header would be ${length} bytes long`, 0);
  }
  const dataOffset = 8 + lengthBytes + length;
  const bytes = await readExactly(source, { offset: 8 + lengthBytes, length }, FORMAT);
  return { ...parseHeader(new TextDecoder().decode(bytes)), dataOffset };
}

export function npyTensor(name: string, { dtype, shape }: NpyHeader): TensorEntry {
  return {
    name,
    dtype: dtype.text,
    shape,
    ...(!dtype.hasObjects && { sizeBytes: countElements(shape) * dtype.itemBytes }),
    isShared: false,
  };
}

function parseHeader(text: string): { dtype: NumpyDtype; shape: readonly number[] } {
  const header = parseNumpyLiteral(text);
  const shape = header instanceof Map ? header.get("shape") : undefined;
  const descr = header instanceof Map ? header.get("descr") : undefined;
  const isShape = shape instanceof NumpyTuple && shape.every((length) => typeof length === "number" && length >= 0);
  const isOrder = header instanceof Map && typeof header.get("fortran_order") === "boolean" && header.size === 3;
  if (!isShape || descr === undefined || !isOrder || shape.length > MAX_DIMENSIONS) {
    throw new FormatError(FORMAT, 10, "its header does not say dtype and shape");
  }
  return { dtype: numpyDtype(descr), shape: Array.from(shape, Number) };
}

function judgeLength(sizeBytes: number, end: number): Completeness {
  if (sizeBytes < end) {
    return torn(`${sizeBytes} of ${end} bytes are there`);
  }
  return sizeBytes > end
    ? unknown(bytesFollow(sizeBytes - end, "its last element"))
    : whole("its length is what its header says");
}

/** Elements that are Python objects: loading them unpickles, so what that would import is told. */
async function readObjects(source: ByteSource, header: NpyHeader, limits: PickleLimits): Promise<NpyReading> {
  const available = source.sizeBytes - header.dataOffset;
  const length = Math.min(available, MAX_PICKLE_BYTES);
  const pickle = readInertPickle(await readExactly(source, { offset: header.dataOffset, length }, FORMAT), limits);
  const imports = pickle.globals.map(trustOf);
  if (pickle.outcome.kind === "malformed" || available > MAX_PICKLE_BYTES) {
    const reason = pickle.outcome.kind === "malformed" ? pickle.outcome.reason : "its pickle is larger than is read";
    return { header, completeness: unknown(reason), imports };
  }
  const completeness =
    pickle.outcome.kind === "truncated"
      ? torn("the pickle of its elements ends early")
      : judgeLength(source.sizeBytes, header.dataOffset + pickle.endOffset);
  return { header, completeness, imports };
}
