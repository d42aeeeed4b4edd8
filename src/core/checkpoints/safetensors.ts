import { ByteReader, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { bytesFollow } from "./bytesFollow.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { isMetricName } from "./metricNames.ts";
import { type JsonValue, parseStrictJson } from "./tolerantJson.ts";

/*
 *   0      8 bytes   N, little-endian: length of the header
 *   8      N bytes   JSON, may be padded with spaces: {"name": {"dtype", "shape", "data_offsets": [begin, end]},
 *                    "__metadata__": {text: text}}
 *   8 + N  …         the tensors' bytes; offsets count from here, without holes or overlaps, up to the end of the file
 *
 * https://github.com/huggingface/safetensors#format
 */

export type SafetensorsTensor = { name: string; dtype: string; shape: readonly number[]; begin: number; end: number };

export type SafetensorsReading = {
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly SafetensorsTensor[];
};

const FORMAT = "safetensors";
/** The reference allows 100 MB; an index of 200,000 tensors fits into this, and parsing it stays below a second. */
const MAX_HEADER_BYTES = 25 * 1024 * 1024;

const MAX_COUNT = 2 ** 64;

const bitsPerElement = new Map<string, number>([
  ...["F64", "I64", "U64", "C64"].map((dtype) => [dtype, 64] as const),
  ...["F32", "I32", "U32"].map((dtype) => [dtype, 32] as const),
  ...["F16", "BF16", "I16", "U16"].map((dtype) => [dtype, 16] as const),
  ...["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"].map((dtype) => [dtype, 8] as const),
  ...["F8_E4M3FNUZ", "F8_E5M2FNUZ"].map((dtype) => [dtype, 8] as const),
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["F4", 4],
]);

/** Whether bytes look like the beginning of a safetensors file; only a plausible header length is. */
export function isSafetensors(head: Uint8Array): boolean {
  return head.length >= 9 && head[8] === 0x7b && head[6] === 0 && head[7] === 0 && head[5] === 0;
}

/** Reads the header and compares it with the length of the file. Throws only what the source throws. */
export async function readSafetensors(source: ByteSource): Promise<SafetensorsReading> {
  if (source.sizeBytes < 8) {
    return unread(torn("it ends before its header"));
  }
  try {
    const length = new ByteReader(await readExactly(source, { offset: 0, length: 8 }, FORMAT), FORMAT).u64();
    if (length > MAX_HEADER_BYTES) {
      return unread(unknown(`its header would be ${length} bytes long, more than is read`));
    }
    if (8 + length > source.sizeBytes) {
      return unread(torn("it ends inside its header"));
    }
    const bytes = await readExactly(source, { offset: 8, length }, FORMAT);
    const { tensors, metadata } = parseHeader(bytes);
    const completeness = judge(tensors, source.sizeBytes - 8 - length);
    return { completeness, contents: describe(tensors, metadata), tensors };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return unread(unknown(`its header cannot be read: ${error.message}`));
  }
}

function parseHeader(bytes: Uint8Array): { tensors: SafetensorsTensor[]; metadata: ReadonlyMap<string, JsonValue> } {
  const header = parseStrictJson(decodeHeader(bytes), FORMAT);
  if (!(header instanceof Map)) {
    throw new FormatError(FORMAT, 8, "the header is no JSON object");
  }
  const metadata = header.get("__metadata__") ?? new Map<string, JsonValue>();
  if (!(metadata instanceof Map) || [...metadata.values()].some((value) => typeof value !== "string")) {
    throw new FormatError(FORMAT, 8, "its metadata is not text to text");
  }
  header.delete("__metadata__");
  const tensors = Array.from(header, ([name, entry]) => parseTensor(name, entry));
  return { tensors, metadata };
}

function decodeHeader(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (bytes[0] !== BRACE || (text.includes(REPLACEMENT) && !isUtf8(bytes, text))) {
    throw new FormatError(FORMAT, 8, "the header is no JSON object in UTF-8");
  }
  return text;
}

/** The character that stands for what is no UTF-8, which a name may hold as well. */
const REPLACEMENT = "\ufffd";
const BRACE = 0x7b;

function isUtf8(bytes: Uint8Array, text: string): boolean {
  const encoded = new TextEncoder().encode(text);
  return encoded.length === bytes.length && encoded.every((byte, at) => byte === bytes[at]);
}

function parseTensor(name: string, entry: JsonValue): SafetensorsTensor {
  const dtype = entry instanceof Map ? entry.get("dtype") : undefined;
  const shape = entry instanceof Map ? countsOf(entry.get("shape")) : undefined;
  const offsets = entry instanceof Map ? countsOf(entry.get("data_offsets")) : undefined;
  const [begin, end, ...rest] = offsets ?? [];
  if (typeof dtype !== "string" || shape === undefined || begin === undefined || end === undefined || rest.length > 0) {
    throw new FormatError(FORMAT, 8, `the tensor "${name.slice(0, 60)}" is not described as the format demands`);
  }
  const bits = bitsPerElement.get(dtype);
  const expected = bits === undefined ? end - begin : (countElements(shape) * bits) / 8;
  if (overflows(shape, bits ?? 1)) {
    throw new FormatError(FORMAT, 8, `the tensor "${name.slice(0, 60)}" has more elements than can be counted`);
  }
  if (end - begin !== expected) {
    throw new FormatError(FORMAT, 8, `the tensor "${name.slice(0, 60)}" takes other bytes than its shape needs`);
  }
  return { name, dtype, shape, begin, end };
}

function judge(tensors: readonly SafetensorsTensor[], dataBytes: number): Completeness {
  let end = 0;
  for (const tensor of tensors.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (tensor.begin !== end) {
      return unknown(
        `its tensors ${tensor.begin > end ? "leave a hole" : "overlap"} at byte ${Math.min(tensor.begin, end)}`,
      );
    }
    end = tensor.end;
  }
  const odd = tensors.find(({ dtype }) => !bitsPerElement.has(dtype));
  if (odd !== undefined) {
    return unknown(`${odd.name.slice(0, 60)} has the dtype ${odd.dtype.slice(0, 20)}, which is not known`);
  }
  if (end > dataBytes) {
    return torn(`${dataBytes} of ${end} bytes of tensors are there`);
  }
  return end < dataBytes
    ? unknown(bytesFollow(dataBytes - end, "its last tensor"))
    : whole("its length is what its header says");
}

function describe(tensors: readonly SafetensorsTensor[], metadata: ReadonlyMap<string, JsonValue>): CheckpointContents {
  const epoch = numberIn(metadata, ["epoch", "epochs", "ss_epoch"]);
  const step = numberIn(metadata, ["global_step", "step", "iteration", "steps", "ss_steps"]);
  const metrics = Array.from(metadata.keys())
    .filter((name) => isMetricName(name))
    .map((name) => [name, numberIn(metadata, [name])] as const)
    .filter((metric): metric is readonly [string, number] => metric[1] !== undefined);
  const framework = metadata.get("format");
  return {
    ...emptyContents,
    ...(epoch !== undefined && { epoch }),
    ...(step !== undefined && { step }),
    metrics: Object.fromEntries(metrics.slice(0, 40)),
    tensorCount: tensors.length,
    parameterCount: tensors.reduce((count, { shape }) => count + countElements(shape), 0),
    dtypes: [...new Set(tensors.map(({ dtype }) => dtype))],
    ...(framework === "pt" && { framework: { name: "PyTorch" } }),
  };
}

/** Metadata holds texts only; a number in one is meant as a number. */
function numberIn(metadata: ReadonlyMap<string, JsonValue>, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = metadata.get(name);
    if (typeof value === "string" && /^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(value)) {
      return Number(value);
    }
  }
  return undefined;
}

function countsOf(value: JsonValue | undefined): readonly number[] | undefined {
  const isCounts = Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && Number(item) >= 0);
  return isCounts ? value.map(Number) : undefined;
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Whether the product goes beyond 64 bits on its way, which readers refuse even where a zero follows. */
function overflows(shape: readonly number[], bits: number): boolean {
  let product = 1;
  return [...shape, bits].some((length) => {
    product *= length;
    return product >= MAX_COUNT;
  });
}

function unread(completeness: Completeness): SafetensorsReading {
  return { completeness, contents: emptyContents, tensors: [] };
}
