import { ByteReader, EndOfBytesError, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { withNoun } from "../base/withNoun.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import type { PlainValue } from "./plainValue.ts";
import type { TensorEntry } from "./tensorEntry.ts";

/*
 *   0   "GGUF"   u32 version (2 or 3)   u64 number of tensors   u64 number of settings
 *   24  settings: text key, u32 type, value              a text is u64 length and UTF-8
 *       tensors:  text name, u32 number of dimensions, u64 each (innermost first), u32 type, u64 offset
 *       padding up to general.alignment (32), from where the offsets count
 *
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */

export type GgufReading = {
  format: "gguf";
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly TensorEntry[];
  /** Which part of how many it is, for a model in several files; `number` counts from 0. */
  split?: { number: number; count: number };
  tensorsInAllParts?: number;
};

type PlacedTensor = TensorEntry & { offset: number };
type Header = { settings: ReadonlyMap<string, PlainValue>; tensors: readonly PlacedTensor[]; endOffset: number };

const FORMAT = "GGUF";
const FIRST_LOOK_BYTES = 1024 * 1024;
/** Ten times the header of a model with a vocabulary of 250,000 tokens. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024;
const MAX_SETTINGS = 100_000;
const MAX_TENSORS = 1_000_000;
/** ggml itself allows four. */
const MAX_DIMENSIONS = 8;
const MAX_NESTING = 4;
const DEFAULT_ALIGNMENT = 32;
/** Settings of a model are a few dozen; a vocabulary is told by its length alone. */
const MAX_SHOWN_SETTINGS = 200;
const MAX_SHOWN_TEXT = 300;

/** By type number: name, numbers in a block, bytes of a block (ggml's GGML_QUANT_SIZES). */
const types = new Map<number, readonly [name: string, blockLength: number, blockBytes: number]>([
  [0, ["F32", 1, 4]],
  [1, ["F16", 1, 2]],
  [2, ["Q4_0", 32, 18]],
  [3, ["Q4_1", 32, 20]],
  [6, ["Q5_0", 32, 22]],
  [7, ["Q5_1", 32, 24]],
  [8, ["Q8_0", 32, 34]],
  [9, ["Q8_1", 32, 40]],
  [10, ["Q2_K", 256, 84]],
  [11, ["Q3_K", 256, 110]],
  [12, ["Q4_K", 256, 144]],
  [13, ["Q5_K", 256, 176]],
  [14, ["Q6_K", 256, 210]],
  [15, ["Q8_K", 256, 292]],
  [16, ["IQ2_XXS", 256, 66]],
  [17, ["IQ2_XS", 256, 74]],
  [18, ["IQ3_XXS", 256, 98]],
  [19, ["IQ1_S", 256, 50]],
  [20, ["IQ4_NL", 32, 18]],
  [21, ["IQ3_S", 256, 110]],
  [22, ["IQ2_S", 256, 82]],
  [23, ["IQ4_XS", 256, 136]],
  [24, ["I8", 1, 1]],
  [25, ["I16", 1, 2]],
  [26, ["I32", 1, 4]],
  [27, ["I64", 1, 8]],
  [28, ["F64", 1, 8]],
  [29, ["IQ1_M", 256, 56]],
  [30, ["BF16", 1, 2]],
  [34, ["TQ1_0", 256, 54]],
  [35, ["TQ2_0", 256, 66]],
  [39, ["MXFP4", 32, 17]],
]);

/** Bytes of a setting's type by its number; 8 is a text and 9 an array. */
const settingBytes = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8] as const;
const TEXT = 8;
const ARRAY = 9;

export function isGguf(head: Uint8Array): boolean {
  return head[0] === 0x47 && head[1] === 0x47 && head[2] === 0x55 && head[3] === 0x46;
}

/** Reads the header and compares it with the length of the file. Throws only what the source throws. */
export async function readGguf(source: ByteSource): Promise<GgufReading> {
  try {
    const header = await readHeader(source);
    const { settings, tensors } = header;
    return {
      format: "gguf",
      completeness: judge(header, source.sizeBytes),
      contents: describe(settings, tensors),
      tensors,
      ...splitOf(settings),
    };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const isShort = error instanceof EndOfBytesError && source.sizeBytes <= MAX_HEADER_BYTES;
    const completeness = isShort ? torn("it ends inside its header") : unknown(error.message);
    return { format: "gguf", completeness, contents: emptyContents, tensors: [] };
  }
}

/** The header does not say how long it is: reads more until it ends or the file does. */
async function readHeader(source: ByteSource): Promise<Header> {
  for (let length = FIRST_LOOK_BYTES; ; length *= 4) {
    const available = Math.min(length, source.sizeBytes, MAX_HEADER_BYTES);
    const bytes = await readExactly(source, { offset: 0, length: available }, FORMAT);
    try {
      return parseHeader(new ByteReader(bytes, FORMAT));
    } catch (error) {
      if (!(error instanceof EndOfBytesError) || available < length) {
        throw error;
      }
    }
  }
}

function parseHeader(reader: ByteReader): Header {
  reader.skip(4);
  const version = reader.u32();
  if (version !== 2 && version !== 3) {
    throw reader.error(`version ${version} is not one that is read`, 4);
  }
  const tensorCount = reader.u64();
  const settingCount = reader.u64();
  if (tensorCount > MAX_TENSORS || settingCount > MAX_SETTINGS) {
    throw reader.error(`it would hold ${tensorCount} tensors and ${settingCount} settings`, 8);
  }
  const settings = new Map<string, PlainValue>();
  for (let index = 0; index < settingCount; index++) {
    const key = readText(reader);
    settings.set(key, readSetting(reader, reader.u32(), 0));
  }
  const tensors: PlacedTensor[] = [];
  for (let index = 0; index < tensorCount; index++) {
    tensors.push(readTensor(reader));
  }
  return { settings, tensors, endOffset: reader.position };
}

function readText(reader: ByteReader): string {
  return new TextDecoder().decode(reader.bytes(reader.u64()));
}

function readSetting(reader: ByteReader, type: number, depth: number): PlainValue {
  if (type === TEXT) {
    return readText(reader).slice(0, MAX_SHOWN_TEXT);
  }
  if (type === ARRAY) {
    return skipArray(reader, depth);
  }
  const length = settingBytes[type];
  if (length === undefined) {
    throw reader.error(`a setting has the unknown type ${type}`);
  }
  const bytes = reader.bytes(length);
  return decodeNumber(new DataView(bytes.buffer, bytes.byteOffset, length), type);
}

/** Walks over an array and tells how long it is. */
function skipArray(reader: ByteReader, depth: number): string {
  const type = reader.u32();
  const count = reader.u64();
  const length = settingBytes[type];
  if (length !== undefined) {
    reader.skip(count * length);
    return withNoun(count, "value");
  }
  if ((type !== TEXT && type !== ARRAY) || depth >= MAX_NESTING) {
    throw reader.error("an array of settings is nested too deep or of an unknown type");
  }
  // Every item takes eight bytes at least, so that the bytes end a loop which a false count would make endless.
  for (let index = 0; index < count; index++) {
    if (type === TEXT) {
      reader.skip(reader.u64());
    } else {
      skipArray(reader, depth + 1);
    }
  }
  return withNoun(count, type === TEXT ? "text" : "array");
}

function decodeNumber(view: DataView, type: number): PlainValue {
  const readers: Readonly<Record<number, () => PlainValue>> = {
    0: () => view.getUint8(0),
    1: () => view.getInt8(0),
    2: () => view.getUint16(0, true),
    3: () => view.getInt16(0, true),
    4: () => view.getUint32(0, true),
    5: () => view.getInt32(0, true),
    6: () => view.getFloat32(0, true),
    7: () => view.getUint8(0) !== 0,
    10: () => String(view.getBigUint64(0, true)),
    11: () => String(view.getBigInt64(0, true)),
    12: () => view.getFloat64(0, true),
  };
  return readers[type]?.() ?? null;
}

function readTensor(reader: ByteReader): PlacedTensor {
  const name = readText(reader);
  const dimensions = reader.u32();
  if (dimensions > MAX_DIMENSIONS) {
    throw reader.error(`a tensor has ${dimensions} dimensions`);
  }
  const innermostFirst = Array.from({ length: dimensions }, () => reader.u64());
  const typeNumber = reader.u32();
  const offset = reader.u64();
  const [dtype, blockLength, blockBytes] = types.get(typeNumber) ?? [`type ${typeNumber}`, 1, undefined];
  const sizeBytes = blockBytes && (countElements(innermostFirst) / blockLength) * blockBytes;
  return {
    name,
    dtype,
    // As the libraries that made the tensor write it: rows before columns.
    shape: innermostFirst.toReversed(),
    ...(sizeBytes !== undefined && { sizeBytes }),
    isShared: false,
    offset,
  };
}

function judge({ settings, tensors, endOffset }: Header, sizeBytes: number): Completeness {
  const stated = settings.get("general.alignment");
  const alignment = typeof stated === "number" && stated > 0 ? stated : DEFAULT_ALIGNMENT;
  const begin = Math.ceil(endOffset / alignment) * alignment;
  const odd = tensors.find((tensor) => tensor.sizeBytes === undefined);
  if (odd !== undefined) {
    return unknown(`the size of ${odd.dtype} is not known`);
  }
  const end = tensors.reduce((last, { offset, sizeBytes: bytes = 0 }) => Math.max(last, begin + offset + bytes), begin);
  if (sizeBytes < end && tensors.length > 0) {
    return torn(`${sizeBytes} of ${end} bytes are there`);
  }
  const misplaced = findMisplaced(tensors, alignment);
  if (misplaced !== undefined) {
    return unknown(`${misplaced.slice(0, 60)} is not where the tensor before it ends`);
  }
  // Writers pad the last tensor as well; without the padding its numbers are all there, but the writer was not done.
  return tensors.length > 0 && sizeBytes < Math.ceil(end / alignment) * alignment
    ? unknown("the padding after its last tensor is missing")
    : whole("its last tensor ends inside the file");
}

/** The first tensor that does not begin where the one before it ends, padded, which llama.cpp refuses. */
function findMisplaced(tensors: readonly PlacedTensor[], alignment: number): string | undefined {
  let end = 0;
  for (const { name, offset, sizeBytes = 0 } of tensors) {
    if (offset !== end) {
      return name;
    }
    end = Math.ceil((offset + sizeBytes) / alignment) * alignment;
  }
  return undefined;
}

function describe(settings: ReadonlyMap<string, PlainValue>, tensors: readonly TensorEntry[]): CheckpointContents {
  const shown = [...settings].slice(0, MAX_SHOWN_SETTINGS);
  return {
    ...emptyContents,
    ...(shown.length > 0 && { hyperParameters: Object.fromEntries(shown) }),
    tensorCount: tensors.length,
    parameterCount: tensors.reduce((count, { shape }) => count + countElements(shape), 0),
    dtypes: [...new Set(tensors.map(({ dtype }) => dtype))],
    framework: { name: "GGUF" },
  };
}

function splitOf(settings: ReadonlyMap<string, PlainValue>): Pick<GgufReading, "split" | "tensorsInAllParts"> {
  const [number, count, tensors] = ["split.no", "split.count", "split.tensors.count"].map((key) => settings.get(key));
  return {
    ...(typeof number === "number" && typeof count === "number" && { split: { number, count } }),
    ...(typeof tensors === "number" && { tensorsInAllParts: tensors }),
  };
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
