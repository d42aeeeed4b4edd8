import { ByteReader } from "../../base/byteReader.ts";
import { crc32c } from "../../base/crc32.ts";
import { FormatError } from "../../base/errors.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import { type Completeness, emptyContents, torn, unknown, whole } from "../checkpointSummary.ts";
import { countTensors, type FormatReading } from "../formatReading.ts";
import { plainJson } from "../plainJson.ts";
import type { TensorEntry } from "../tensorEntry.ts";
import { type JsonValue, parseTolerantJson } from "../tolerantJson.ts";
import { isUncommittedOrbax } from "./folderLayout.ts";
import { judgeUnreadable, readSmallFile } from "./folderParts.ts";

/*
 * Orbax writes a step under a temporary name and renames it once it is complete; on stores without renaming, a file
 * commit_success.txt says so instead.
 *
 *   <step>/  _CHECKPOINT_METADATA    JSON: item_handlers, metrics, custom_metadata, when it was begun and committed
 *            <item>/  _METADATA      JSON: the names of the arrays, and since 0.11 their shapes as written
 *                     manifest.ocdbt  d/  ocdbt.process_<N>/       the arrays, in a database of their own
 *
 * What the database holds is not read, so that the arrays' bytes are not checked.
 * https://orbax.readthedocs.io/en/latest/guides/checkpoint/checkpoint_format.html
 */

const FORMAT = "orbax-folder";
const CHECKPOINT_METADATA = "_CHECKPOINT_METADATA";
const ITEM_METADATA = "_METADATA";
const MAX_JSON_BYTES = 32 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const MAX_ITEMS = 200;
const MANIFEST_MAGIC = 0x0cdb_3a2a;
/** A node of the tree of arrays, and one of the tree of versions. */
const NODE_MAGICS: ReadonlySet<number> = new Set([0x0cdb_20de, 0x0cdb_1234]);
const MAX_NODES = 512;

type Item = { name: string; tensors: TensorEntry[]; problem: Completeness | undefined };

/** Reads structure, array names and commit state. Throws only what the folder throws. */
export async function readOrbaxFolder(folder: CheckpointFolder): Promise<FormatReading> {
  const { value: metadata, problem } = await readJson(folder, CHECKPOINT_METADATA);
  const items = await readItems(folder);
  const tensors = items.flatMap(({ name, tensors: own }) =>
    items.filter((item) => item.tensors.length > 0).length > 1
      ? own.map((tensor) => ({ ...tensor, name: `${name}.${tensor.name}` }))
      : own,
  );
  const step = /(?:^|_)(\d{1,12})$/.exec(folder.name.split(".orbax-checkpoint-tmp")[0] ?? "")?.[1];
  const settings = plainJson(metadata?.get("custom_metadata"));
  const metrics = [...entriesIn(metadata?.get("metrics"))].filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return {
    format: FORMAT,
    completeness: problem ?? judge(folder, metadata, items),
    contents: {
      ...emptyContents,
      ...countTensors(tensors),
      ...(step !== undefined && { step: Number(step) }),
      ...(settings !== undefined && { hyperParameters: settings }),
      metrics: Object.fromEntries(metrics.slice(0, 40)),
      hasOptimizerState: tensors.some(({ name }) => /(^|\.)opt(im|_state)/i.test(name)),
      framework: { name: "Orbax" },
    },
    tensors,
  };
}

function judge(
  folder: CheckpointFolder,
  metadata: ReadonlyMap<string, JsonValue> | undefined,
  items: readonly Item[],
): Completeness {
  if (isUncommittedOrbax(folder.name)) {
    return torn("it still has its temporary name, so its writer did not commit it");
  }
  const names = new Set(items.map(({ name }) => name));
  const missing = [...entriesIn(metadata?.get("item_handlers"))].find(([name]) => !names.has(name));
  if (missing !== undefined) {
    return torn(`the item ${missing[0].slice(0, 80)} is missing`);
  }
  const problem = items.find((item) => item.problem !== undefined)?.problem;
  if (problem !== undefined) {
    return problem;
  }
  const isCommitted = typeof metadata?.get("commit_timestamp_nsecs") === "number" || metadata === undefined;
  if (!isCommitted && !folder.files.some(({ name }) => name === "commit_success.txt")) {
    return torn("its metadata does not say that it was committed");
  }
  return items.length === 0
    ? unknown("it holds no items")
    : whole("its writer committed it; the bytes of its arrays are not checked");
}

/** The items of a step; a folder that is one item itself counts as its only one. */
async function readItems(folder: CheckpointFolder): Promise<Item[]> {
  if (folder.files.some(({ name }) => name === ITEM_METADATA)) {
    return [await readItem(folder, folder.name)];
  }
  const items: Item[] = [];
  for (const name of folder.folders.slice(0, MAX_ITEMS)) {
    const inner = await folder.enter(name);
    if (inner !== undefined) {
      items.push(await readItem(inner, name));
    }
  }
  return items;
}

async function readItem(folder: CheckpointFolder, name: string): Promise<Item> {
  if (isUncommittedOrbax(name)) {
    return { name, tensors: [], problem: torn(`the item ${name.slice(0, 80)} was not committed`) };
  }
  const { value: metadata, problem } = await readJson(folder, ITEM_METADATA);
  const tensors = Array.from(entriesIn(metadata?.get("tree_metadata")), ([, entry]) => tensorOf(entry));
  const isDatabase = metadata?.get("use_ocdbt") === true;
  const damage =
    isDatabase && tensors.length > 0 ? ((await judgeManifest(folder, name)) ?? (await judgeNodes(folder))) : undefined;
  return { name, tensors: tensors.filter((tensor) => tensor !== undefined), problem: problem ?? damage };
}

function tensorOf(entry: JsonValue): TensorEntry | undefined {
  const keys = entry instanceof Map ? entry.get("key_metadata") : undefined;
  const value = entry instanceof Map ? entry.get("value_metadata") : undefined;
  const path = Array.isArray(keys) ? keys.map((key) => (key instanceof Map ? key.get("key") : undefined)) : [];
  const shape = value instanceof Map ? value.get("write_shape") : undefined;
  const type = value instanceof Map ? value.get("value_type") : undefined;
  if (typeof type !== "string" || !/array|scalar/i.test(type) || path.length === 0) {
    return undefined;
  }
  const lengths = Array.isArray(shape) ? shape.filter((length) => typeof length === "number") : [];
  return { name: path.map(String).join("."), dtype: "not stated", shape: lengths, isShared: false };
}

/** The manifest of the database: magic, its own length, and a CRC-32C as its last four bytes. */
async function judgeManifest(folder: CheckpointFolder, item: string): Promise<Completeness | undefined> {
  const bytes = await readSmallFile(folder, "manifest.ocdbt", MAX_MANIFEST_BYTES).catch(rethrowUnlessFormat);
  if (bytes === undefined) {
    return torn(`${item.slice(0, 80)} lacks manifest.ocdbt, the list of its arrays`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16 || view.getUint32(0, false) !== MANIFEST_MAGIC) {
    return torn(`manifest.ocdbt of ${item.slice(0, 80)} ends early or is damaged`);
  }
  const reader = new ByteReader(bytes, "OCDBT");
  reader.skip(4);
  const isWhole =
    reader.u64() === bytes.length && view.getUint32(bytes.length - 4, true) === crc32c(bytes.subarray(0, -4));
  return isWhole ? undefined : torn(`manifest.ocdbt of ${item.slice(0, 80)} ends early or is damaged`);
}

/** Files of the database that begin with a node say how long that is; values without one cannot be judged. */
async function judgeNodes(folder: CheckpointFolder): Promise<Completeness | undefined> {
  const data = await folder.enter("d");
  for (const { name, sizeBytes } of (data?.files ?? []).slice(0, MAX_NODES)) {
    const isCut = await data?.open(name, async (source) => {
      const head = await source.read(0, Math.min(12, source.sizeBytes));
      const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
      if (head.length < 12) {
        return true;
      }
      return NODE_MAGICS.has(view.getUint32(0, false)) && view.getBigUint64(4, true) > BigInt(sizeBytes);
    });
    if (isCut === true) {
      return torn(`d/${name.slice(0, 40)} ends early`);
    }
  }
  return undefined;
}

async function readJson(
  folder: CheckpointFolder,
  name: string,
): Promise<{ value?: ReadonlyMap<string, JsonValue>; problem?: Completeness }> {
  try {
    const bytes = await readSmallFile(folder, name, MAX_JSON_BYTES);
    if (bytes === undefined) {
      return {};
    }
    const value = parseTolerantJson(new TextDecoder().decode(bytes), name);
    return value instanceof Map ? { value } : { problem: unknown(`${name} holds no JSON object`) };
  } catch (error) {
    if (error instanceof FormatError) {
      return { problem: judgeUnreadable(name, error) };
    }
    throw error;
  }
}

function entriesIn(value: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  return value instanceof Map ? value : new Map<string, JsonValue>();
}

function rethrowUnlessFormat(error: unknown): undefined {
  if (error instanceof FormatError) {
    return undefined;
  }
  throw error;
}
