import type { ByteSource } from "../../base/byteSource.ts";
import type { ReplacedPages } from "./sqliteFile.ts";

/*
 * SQLite's write-ahead log (https://www.sqlite.org/fileformat2.html#walformat), all numbers big endian:
 *
 *   header   u32 magic 0x377f0682, or …83 for big-endian checksums | u32 version | u32 page size | u32 sequence |
 *            u32 salt, twice | u32 checksum, twice
 *   frame    u32 page | u32 pages of the database after a commit, else 0 | salts as in the header | u32 checksum, twice |
 *            the page
 *
 * A frame counts when its salts are those of the header, its checksum goes on from the frame before, and a commit follows.
 */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

const NO_PAGES: ReplacedPages = new Map();

/** Follows a write-ahead log that grows; what was committed is not read again until the log begins anew. */
export class WriteAheadLog {
  #header: Uint8Array = new Uint8Array(0);
  /** Where the last commit ends, and the checksum there. What lies behind it is written over when its transaction is rolled back. */
  #offset = HEADER_BYTES;
  #sums: [number, number] = [0, 0];
  #places = new Map<number, number>();

  /** The committed pages by now. `pageSize` is that of the database. */
  async update(source: ByteSource, pageSize: number): Promise<ReplacedPages> {
    const header = await source.read(0, HEADER_BYTES);
    if (header.length < HEADER_BYTES) {
      return NO_PAGES;
    }
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const magic = view.getUint32(0);
    if ((magic !== MAGIC && magic !== MAGIC + 1) || view.getUint32(8) !== pageSize) {
      return NO_PAGES;
    }
    if (!isSame(header, this.#header)) {
      this.#begin(header, view);
    }
    await this.#readFrames(source, pageSize, magic !== MAGIC);
    return this.#places;
  }

  #begin(header: Uint8Array, view: DataView): void {
    this.#header = header.slice();
    this.#offset = HEADER_BYTES;
    this.#sums = [view.getUint32(24), view.getUint32(28)];
    this.#places = new Map();
  }

  async #readFrames(source: ByteSource, pageSize: number, isBigEndian: boolean): Promise<void> {
    const frameBytes = FRAME_HEADER_BYTES + pageSize;
    const pending = new Map<number, number>();
    let sums = this.#sums;
    for (let at = this.#offset; at + frameBytes <= source.sizeBytes; at += frameBytes) {
      const frame = await source.read(at, frameBytes);
      if (frame.length < frameBytes || !isSame(frame.subarray(8, 16), this.#header.subarray(16, 24))) {
        return;
      }
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      const head = addToSums(sums, view, { from: 0, to: 8, isBigEndian });
      sums = addToSums(head, view, { from: FRAME_HEADER_BYTES, to: frameBytes, isBigEndian });
      if (sums[0] !== view.getUint32(16) || sums[1] !== view.getUint32(20)) {
        return;
      }
      pending.set(view.getUint32(0), at + FRAME_HEADER_BYTES);
      const isCommit = view.getUint32(4) > 0;
      if (isCommit) {
        pending.forEach((place, page) => this.#places.set(page, place));
        pending.clear();
        this.#sums = sums;
        this.#offset = at + frameBytes;
      }
    }
  }
}

type Span = { from: number; to: number; isBigEndian: boolean };

function addToSums(
  [first, second]: [number, number],
  view: DataView,
  { from, to, isBigEndian }: Span,
): [number, number] {
  let [one, two] = [first, second];
  for (let at = from; at < to; at += 8) {
    one = (one + view.getUint32(at, !isBigEndian) + two) >>> 0;
    two = (two + view.getUint32(at + 4, !isBigEndian) + one) >>> 0;
  }
  return [one, two];
}

function isSame(bytes: Uint8Array, known: Uint8Array): boolean {
  return bytes.length === known.length && known.every((byte, index) => bytes[index] === byte);
}
