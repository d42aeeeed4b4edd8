import type { ByteSource } from "../../base/byteSource.ts";
import type { ReplacedPages } from "./sqliteFile.ts";

/*
 * SQLite's rollback journal (https://www.sqlite.org/fileformat2.html#the_rollback_journal), all numbers big endian:
 *
 *   header   8 bytes of magic | u32 number of records, 0xffffffff for all that follow | u32 nonce | u32 pages of the database
 *            before | u32 sector size | u32 page size | zeros until the end of the sector
 *   record   u32 page | the page as it was before | u32 checksum: the nonce and every 200th byte of the page, from its end
 *
 * Behind the records that one header counts, the next header begins with a sector. A header counts its records before the
 * database itself is written to, so a page that is not counted is in the database as it was.
 */
const MAGIC = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7] as const;
const HEADER_BYTES = 28;
const SECTOR_SIZES = { least: 32, greatest: 65_536 };
const CHECKSUM_STRIDE = 200;

type JournalHeader = { records: number; nonce: number; sectorBytes: number };

/**
 * The pages that a transaction has changed, as they were before it, while it is not committed or after its process died in the
 * middle of it: SQLite would put them back before it reads. None once the journal is deleted, emptied or its header zeroed,
 * which is what a commit does. What was read of a journal that grows is not read again.
 */
export class RollbackJournal {
  /** Another one tells another transaction. */
  #nonce: number | undefined;
  /** Where the header is whose records are read, and how many of them were. */
  #headerAt = 0;
  #taken = 0;
  #places = new Map<number, number>();

  async update(source: ByteSource, pageSize: number): Promise<ReplacedPages> {
    const first = await readHeader(source, 0, pageSize);
    if (first?.nonce !== this.#nonce) {
      this.#nonce = first?.nonce;
      this.#headerAt = 0;
      this.#taken = 0;
      this.#places = new Map();
    }
    let header = first && (await readHeader(source, this.#headerAt, pageSize));
    while (header !== undefined && (await this.#readRecords(source, header, pageSize))) {
      const end = this.#headerAt + header.sectorBytes + this.#taken * recordBytesOf(pageSize);
      this.#headerAt = Math.ceil(end / header.sectorBytes) * header.sectorBytes;
      this.#taken = 0;
      header = await readHeader(source, this.#headerAt, pageSize);
    }
    return this.#places;
  }

  /** Whether another header may follow. */
  async #readRecords(
    source: ByteSource,
    { records, nonce, sectorBytes }: JournalHeader,
    pageSize: number,
  ): Promise<boolean> {
    const recordBytes = recordBytesOf(pageSize);
    for (; this.#taken < records; this.#taken++) {
      const at = this.#headerAt + sectorBytes + this.#taken * recordBytes;
      const record = await source.read(at, recordBytes);
      if (record.length < recordBytes) {
        return false;
      }
      const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
      if (view.getUint32(4 + pageSize) !== checksumOf(record.subarray(4, 4 + pageSize), nonce)) {
        return false;
      }
      this.#places.set(view.getUint32(0), at + 4);
    }
    return records > 0;
  }
}

function recordBytesOf(pageSize: number): number {
  return 4 + pageSize + 4;
}

/** Undefined where no header is, or one of another database. */
async function readHeader(source: ByteSource, at: number, pageSize: number): Promise<JournalHeader | undefined> {
  const bytes = await source.read(at, HEADER_BYTES);
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sectorBytes = view.getUint32(20);
  const isSector = sectorBytes >= SECTOR_SIZES.least && sectorBytes <= SECTOR_SIZES.greatest;
  if (!isSector || view.getUint32(24) !== pageSize) {
    return undefined;
  }
  return { records: view.getUint32(8), nonce: view.getUint32(12), sectorBytes };
}

function checksumOf(page: Uint8Array, nonce: number): number {
  let sum = nonce;
  for (let at = page.length - CHECKSUM_STRIDE; at > 0; at -= CHECKSUM_STRIDE) {
    sum = (sum + (page[at] ?? 0)) >>> 0;
  }
  return sum;
}
