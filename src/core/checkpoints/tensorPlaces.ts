import { ByteReader } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { dtypeName } from "./dtypeName.ts";
import { isSafetensors, readSafetensors } from "./safetensors.ts";
import { itemBytesOf } from "./torchTensor.ts";
import { readTorchZip } from "./torchZip.ts";
import { entriesByName, isObject, lowerCase, prefixOf } from "./torchZipNames.ts";
import { isZip, locateZipEntry, readZipDirectory } from "./zipArchive.ts";

/** Where the numbers of a tensor lie: row by row, without gaps, little-endian, in one stretch of its file. The type has the name of PyTorch. */
export type TensorPlace = { dtype: string; shape: readonly number[]; offset: number; sizeBytes: number };

/**
 * The places of the tensors of a file by their names: of safetensors and of PyTorch's zip files, as far as both are whole.
 * Tensors whose numbers lie in another order, such as views, are left out. Undefined for files of other formats.
 */
export async function findTensorPlaces(source: ByteSource): Promise<Map<string, TensorPlace> | undefined> {
  const head = await source.read(0, Math.min(16, source.sizeBytes));
  if (isSafetensors(head)) {
    return safetensorsPlaces(source, head);
  }
  try {
    return isZip(head) ? await torchPlaces(source) : undefined;
  } catch (error) {
    // A large archive is whole by its directory; the headers of its storages are looked at only here.
    if (error instanceof FormatError) {
      return undefined;
    }
    throw error;
  }
}

async function safetensorsPlaces(source: ByteSource, head: Uint8Array): Promise<Map<string, TensorPlace> | undefined> {
  const { completeness, tensors } = await readSafetensors(source);
  if (completeness.state !== "whole") {
    return undefined;
  }
  const dataOffset = 8 + new ByteReader(head, "safetensors").u64();
  return new Map(
    tensors.map(({ name, dtype, shape, begin, end }) => [
      name,
      { dtype: dtypeName(dtype), shape, offset: dataOffset + begin, sizeBytes: end - begin },
    ]),
  );
}

async function torchPlaces(source: ByteSource): Promise<Map<string, TensorPlace> | undefined> {
  const { completeness, tensors } = await readTorchZip(source);
  const directory = completeness.state === "whole" ? await readZipDirectory(source) : undefined;
  const object = directory?.entries.find(isObject);
  if (directory === undefined || object === undefined) {
    return undefined;
  }
  const entries = entriesByName(directory);
  if (entries.get(`${prefixOf(object)}byteorder`)?.sizeBytes === "big".length) {
    return undefined;
  }
  const places = new Map<string, TensorPlace>();
  for (const { name, tensor } of tensors) {
    const entry = tensor.storage && entries.get(`${prefixOf(object)}data/${lowerCase(tensor.storage.key)}`);
    const itemBytes = itemBytesOf(tensor.dtype);
    if (entry !== undefined && itemBytes !== undefined && tensor.isRowByRow === true) {
      const offset = (await locateZipEntry(source, entry)) + tensor.offsetBytes;
      const { dtype, shape, elementCount } = tensor;
      places.set(name, { dtype, shape, offset, sizeBytes: elementCount * itemBytes });
    }
  }
  return places;
}
