import { ByteReader, EndOfBytesError, readExactly } from "../../base/byteReader.ts";
import type { ByteSource } from "../../base/byteSource.ts";
import { FormatError } from "../../base/errors.ts";

export const HDF5 = "HDF5";
/** An address that leads nowhere. */
export const UNDEFINED_ADDRESS = Number.POSITIVE_INFINITY;

const PAGE_BYTES = 32 * 1024;
/** What listing a file may read: the description of 100,000 data sets takes about as much. */
const MAX_PAGES = 4_096;
const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
/** All names together; links may share the bytes of their names, so that a small file could name gigabytes. */
const MAX_NAME_BYTES = 32 * 1024 * 1024;

/** Reads blocks of a file by their address; neighbours share a page, so that many small blocks are few reads. */
export class Hdf5Source {
  readonly #source: ByteSource;
  readonly #base: number;
  readonly #pages = new Map<number, Uint8Array>();
  #nameBytes = MAX_NAME_BYTES;

  constructor(source: ByteSource, base: number) {
    this.#source = source;
    this.#base = base;
  }

  /** A block of a known length. Throws EndOfBytesError where the file ends first. */
  async block(address: number, length: number): Promise<ByteReader> {
    const offset = this.#base + address;
    if (length > MAX_BLOCK_BYTES) {
      throw new FormatError(HDF5, offset, `a block would take ${length} bytes`);
    }
    if (!(offset + length <= this.#source.sizeBytes)) {
      throw new EndOfBytesError(HDF5, this.#source.sizeBytes, "it points past its end");
    }
    return new ByteReader(await this.#bytes(offset, length), HDF5, offset);
  }

  /** A block that must begin with its four letters, which are consumed. */
  async signed(address: number, length: number, signature: string): Promise<ByteReader> {
    const reader = await this.block(address, length);
    if (new TextDecoder().decode(reader.bytes(4)) !== signature) {
      throw reader.error(`there is no ${signature} block where one should be`, 0);
    }
    return reader;
  }

  /** The name that bytes spell. Throws FormatError once all names together are longer than those of any model. */
  name(bytes: Uint8Array): string {
    this.#nameBytes -= bytes.length;
    if (this.#nameBytes < 0) {
      throw new FormatError(HDF5, this.#base, `its names are longer than ${MAX_NAME_BYTES} bytes together`);
    }
    return new TextDecoder().decode(bytes);
  }

  async #bytes(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + Math.max(1, length) - 1) / PAGE_BYTES);
    if (first !== last) {
      return readExactly(this.#source, { offset, length }, HDF5);
    }
    const page = this.#pages.get(first) ?? (await this.#readPage(first));
    return page.subarray(offset - first * PAGE_BYTES, offset - first * PAGE_BYTES + length);
  }

  async #readPage(index: number): Promise<Uint8Array> {
    if (this.#pages.size >= MAX_PAGES) {
      throw new FormatError(HDF5, index * PAGE_BYTES, "its description is larger than is read");
    }
    const offset = index * PAGE_BYTES;
    const length = Math.min(PAGE_BYTES, this.#source.sizeBytes - offset);
    const page = await readExactly(this.#source, { offset, length }, HDF5);
    this.#pages.set(index, page);
    return page;
  }
}

/** An address of eight bytes; all ones stand for none. */
export function readAddress(reader: ByteReader): number {
  const bytes = reader.bytes(8);
  if (bytes.every((byte) => byte === 0xff)) {
    return UNDEFINED_ADDRESS;
  }
  return new ByteReader(bytes, HDF5).u64();
}

/** A number of one, two, four or eight bytes. */
export function readSized(reader: ByteReader, length: number): number {
  return reader.bytes(length).reduceRight((value, byte) => value * 256 + byte, 0);
}
