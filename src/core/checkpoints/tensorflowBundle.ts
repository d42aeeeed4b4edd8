import { EndOfBytesError } from "../base/byteReader.ts";
import { maskedCrc32c } from "../base/crc32.ts";
import { FormatError } from "../base/errors.ts";
import { ProtoReader, viewOf, WIRE } from "../base/protobuf.ts";
import type { CheckpointFolder } from "./checkpointFolder.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { countElements, countTensors, type FormatReading, reasonOf, unread } from "./formatReading.ts";
import { readSortedTable, type TableEntry } from "./sortedTable.ts";
import type { TensorEntry } from "./tensorEntry.ts";
import { decodeScalar } from "./torchScalar.ts";

/*
 * A checkpoint of TensorFlow 2 is a table of names and files of bytes:
 *
 *   ckpt-3.index                   a sorted table (sortedTable.ts)
 *     ""     BundleHeaderProto     1 number of data files, 2 byte order (1: big)
 *     name   BundleEntryProto      1 dtype, 2 shape {2 dimension {1 length}}, 3 data file, 4 offset, 5 size, 6 masked
 *                                  CRC-32C, 7 slices of a variable that is spread over entries of their own
 *   ckpt-3.data-00000-of-00001     the bytes
 *
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto
 */

type BundleReading = FormatReading & { sizeBytes: number };
type Entry = TensorEntry & { shard: number; offset: number; storedBytes: number; crc: number; isSliced: boolean };
type Bundle = { shardCount: number; isBigEndian: boolean; entries: Entry[]; pieces: Entry[] };

const FORMAT = "TensorFlow";
const SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE";
const MAX_SHARDS = 99_999;
/** Small variables are compared with their checksums; reading gigabytes for it would take as long as loading them. */
const MAX_CHECKED_BYTES = 1024 * 1024;
const MAX_CHECKED_ENTRIES = 256;
const optimizerPattern = /(^|\/)(\.OPTIMIZER_SLOT|_?optimizer|optimizer_weights)(\/|$)/i;
const epochPattern = /(^|\/)(epoch|_?current_epoch|ckpt_saved_epoch)$/i;
const stepPattern = /(^|\/)(global_step|step|iterations?|_iterations|train_step)$/i;

/** Numbered as in TensorFlow's DataType. */
const dtypes: ReadonlyMap<number, string> = new Map(
  (
    "1 float32,2 float64,3 int32,4 uint8,5 int16,6 int8,7 string,8 complex64,9 int64,10 bool,11 qint8,12 quint8," +
    "13 qint32,14 bfloat16,15 qint16,16 quint16,17 uint16,18 complex128,19 float16,20 resource,21 variant,22 uint32," +
    "23 uint64,24 float8_e5m2,25 float8_e4m3fn,29 int4,30 uint4"
  )
    .split(",")
    .map((pair) => pair.split(" "))
    .map(([number, name = ""]) => [Number(number), name] as const),
);

/** Reads the index and compares it with the data files beside it. Throws only what the folder throws. */
export async function readTensorflowBundle(folder: CheckpointFolder, name: string): Promise<BundleReading> {
  const prefix = name.slice(0, -".index".length);
  const own = folder.files.filter((file) => file.name === name || file.name.startsWith(`${prefix}.data-`));
  const sizeBytes = own.reduce((sum, file) => sum + file.sizeBytes, 0);
  try {
    const table = await folder.open(name, (source) => readSortedTable(source));
    const bundle = parseBundle(table ?? []);
    const completeness = judge(bundle, folder, prefix) ?? (await checkSmall(bundle, folder, prefix));
    const isReadable = completeness.state === "whole" && !bundle.isBigEndian;
    const numbers = isReadable ? await readNumbers(bundle, folder, prefix) : new Map<string, number>();
    const tensors = bundle.entries.map(({ name: key, dtype, shape, sizeBytes: bytes, isShared }) => ({
      name: key,
      dtype,
      shape,
      ...(bytes !== undefined && { sizeBytes: bytes }),
      isShared,
    }));
    return { format: "tensorflow", completeness, contents: contentsOf(tensors, numbers), tensors, sizeBytes };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const completeness = error instanceof EndOfBytesError ? torn(reasonOf(error)) : unknown(reasonOf(error));
    return { ...unread("tensorflow", completeness), sizeBytes };
  }
}

function parseBundle(table: readonly TableEntry[]): Bundle {
  const bundle: Bundle = { shardCount: 1, isBigEndian: false, entries: [], pieces: [] };
  const [header] = table;
  if (header === undefined || header.key.length > 0) {
    throw new FormatError(FORMAT, 0, "the table has no header");
  }
  for (const field of fieldsOf(header.value)) {
    if (field.number === 1) {
      bundle.shardCount = field.value;
    } else if (field.number === 2) {
      bundle.isBigEndian = field.value === 1;
    }
  }
  if (bundle.shardCount < 1 || bundle.shardCount > MAX_SHARDS) {
    throw new FormatError(FORMAT, 0, `it would be spread over ${bundle.shardCount} files`);
  }
  const text = new TextDecoder();
  for (const { key, value } of table.slice(1)) {
    // The slices of a variable lie under keys that begin with a zero, after the variable itself.
    const entry = parseEntry(text.decode(key), value);
    (key[0] === 0 ? bundle.pieces : bundle.entries).push(entry);
  }
  return bundle;
}

function parseEntry(name: string, bytes: Uint8Array): Entry {
  const numbers = new Map<number, number>();
  let shape: number[] = [];
  let isSliced = false;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 2) {
      shape = parseShape(field.bytes);
    } else if (field.number === 7) {
      isSliced = true;
    } else {
      numbers.set(field.number, field.value);
    }
  }
  const storedBytes = numbers.get(5) ?? 0;
  return {
    name,
    dtype: dtypes.get(numbers.get(1) ?? 0) ?? `type ${numbers.get(1) ?? 0}`,
    shape,
    ...(!isSliced && { sizeBytes: storedBytes }),
    isShared: false,
    shard: numbers.get(3) ?? 0,
    offset: numbers.get(4) ?? 0,
    storedBytes,
    crc: numbers.get(6) ?? 0,
    isSliced,
  };
}

function parseShape(bytes: Uint8Array): number[] {
  return fieldsOf(bytes)
    .filter(({ number }) => number === 2)
    .map((dimension) => fieldsOf(dimension.bytes).find(({ number }) => number === 1)?.value ?? 0);
}

type Field = { number: number; value: number; bytes: Uint8Array };

/** The fields of a small message: numbers, and the bytes of messages. Throws FormatError for numbers that no file needs. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = new ProtoReader().start(bytes);
  const fields: Field[] = [];
  while (reader.next()) {
    const content = bytes.subarray(reader.from, reader.to);
    const isShort = reader.wire === WIRE.fixed32;
    const value = reader.wire === WIRE.varint ? reader.signed : isShort ? viewOf(content).getUint32(0, true) : 0;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new FormatError(FORMAT, 0, "a number is larger than any file");
    }
    fields.push({ number: reader.field, value, bytes: content });
  }
  return fields;
}

/** What is missing of the data files; undefined where all that the index names is there. */
function judge(
  { shardCount, entries, pieces }: Bundle,
  folder: CheckpointFolder,
  prefix: string,
): Completeness | undefined {
  const ends = new Map<number, number>();
  for (const { shard, offset, storedBytes } of [...entries, ...pieces]) {
    ends.set(shard, Math.max(ends.get(shard) ?? 0, offset + storedBytes));
  }
  const sizes = new Map(folder.files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  for (let shard = 0; shard < shardCount; shard++) {
    const name = shardName(prefix, shard, shardCount);
    const sizeBytes = sizes.get(name);
    const end = ends.get(shard) ?? 0;
    if (sizeBytes === undefined) {
      return torn(`${name} is missing`);
    }
    if (sizeBytes < end) {
      return torn(`${name} has ${sizeBytes} of ${end} bytes`);
    }
  }
  const strange = [...ends.keys()].find((shard) => shard >= shardCount);
  return strange === undefined ? undefined : unknown(`it places a variable in data file ${strange} of ${shardCount}`);
}

/** Compares the smallest variables with their checksums. */
async function checkSmall(bundle: Bundle, folder: CheckpointFolder, prefix: string): Promise<Completeness> {
  let left = MAX_CHECKED_BYTES;
  const candidates = bundle.entries.filter(
    ({ dtype, isSliced }) => dtype !== "string" && dtype !== "variant" && !isSliced,
  );
  for (const entry of candidates.toSorted((a, b) => a.storedBytes - b.storedBytes).slice(0, MAX_CHECKED_ENTRIES)) {
    left -= entry.storedBytes;
    if (left < 0) {
      break;
    }
    const bytes = await readEntry(entry, folder, shardName(prefix, entry.shard, bundle.shardCount));
    if (bytes === undefined || maskedCrc32c(bytes) !== entry.crc) {
      return torn(`the bytes of ${entry.name.slice(0, 100)} do not match their checksum`);
    }
  }
  return whole(
    bundle.shardCount === 1
      ? "its data file holds all that its index names"
      : `its ${bundle.shardCount} data files hold all that its index names`,
  );
}

async function readEntry(entry: Entry, folder: CheckpointFolder, shard: string): Promise<Uint8Array | undefined> {
  return folder.open(shard, (source) => source.read(entry.offset, entry.storedBytes));
}

/** Epoch, step and the save counter, each one number in a data file. */
async function readNumbers(bundle: Bundle, folder: CheckpointFolder, prefix: string): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  const wanted = bundle.entries.filter(({ name, shape, storedBytes }) => {
    const short = shortName(name);
    return countElements(shape) === 1 && storedBytes <= 8 && (epochPattern.test(short) || stepPattern.test(short));
  });
  for (const entry of wanted.slice(0, 16)) {
    const bytes = await readEntry(entry, folder, shardName(prefix, entry.shard, bundle.shardCount));
    const number = bytes && decodeScalar(entry.dtype, bytes);
    if (number !== undefined) {
      numbers.set(shortName(entry.name), number);
    }
  }
  return numbers;
}

function contentsOf(tensors: readonly TensorEntry[], numbers: ReadonlyMap<string, number>): CheckpointContents {
  const model = tensors.filter(({ name, dtype }) => !isOptimizerState(name) && dtype !== "string" && !isCounter(name));
  // A variable of the checkpoint itself comes before one deep inside an optimizer.
  const byDepth = [...numbers].toSorted(([a], [b]) => a.split("/").length - b.split("/").length);
  const find = (pattern: RegExp) => byDepth.find(([name]) => pattern.test(name))?.[1];
  const epoch = find(epochPattern);
  const step = find(stepPattern);
  return {
    ...emptyContents,
    ...countTensors(model),
    ...(epoch !== undefined && { epoch }),
    ...(step !== undefined && { step }),
    hasOptimizerState: tensors.some(({ name }) => isOptimizerState(name)),
    framework: { name: "TensorFlow" },
  };
}

/** Keras 3 lists the model's own variables below its optimizer, and a variable has one name in the file. */
function isOptimizerState(name: string): boolean {
  return optimizerPattern.test(name) && !name.includes("/_trainable_variables/");
}

function isCounter(name: string): boolean {
  const short = shortName(name);
  return short === "save_counter" || epochPattern.test(short) || stepPattern.test(short);
}

function shortName(name: string): string {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
}

function shardName(prefix: string, shard: number, count: number): string {
  const [number, total] = [shard, count].map((each) => String(each).padStart(5, "0"));
  return `${prefix}.data-${number}-of-${total}`;
}
