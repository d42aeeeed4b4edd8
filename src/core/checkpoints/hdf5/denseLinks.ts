import type { ByteReader } from "../../base/byteReader.ts";
import { FormatError } from "../../base/errors.ts";
import { HDF5, type Hdf5Source, readAddress, readSized } from "./hdf5Source.ts";

/*
 * Groups of many links keep them in a heap of blocks that grow, and find them by an index:
 *
 *   "BTHD"   the index: a tree of records, each a hash of four bytes and a place in the heap
 *   "FRHP"   the heap: rows of `width` blocks, the first two rows of the starting size, each further row twice as large;
 *            one block alone, or an "FHIB" block with the addresses of all
 *
 * A place is a byte of flags, an offset in the heap and a length, in as many bytes as the heap's size asks for.
 */

const MAX_RECORDS = 200_000;
/** HDF5 itself takes 512. */
const MAX_NODE_BYTES = 64 * 1024;
const LINK_HASH_BYTES = 4;

type Heap = {
  offsetBytes: number;
  lengthBytes: number;
  width: number;
  startBytes: number;
  maxDirectBytes: number;
  rootAddress: number;
  rows: number;
};

/** The link messages that a heap holds, found through its index by name. */
export async function readDenseLinks(
  source: Hdf5Source,
  heapAddress: number,
  indexAddress: number,
): Promise<Uint8Array[]> {
  const heap = await readHeap(source, heapAddress);
  const records = await readIndex(source, indexAddress);
  const links: Uint8Array[] = [];
  for (const record of records) {
    record.skip(LINK_HASH_BYTES);
    if ((record.u8() & 0x30) !== 0) {
      throw record.error("a link lies outside its heap, which is not read");
    }
    const offset = readSized(record, heap.offsetBytes);
    const length = readSized(record, heap.lengthBytes);
    const { address, begin } = await locate(source, heap, offset);
    links.push((await source.block(address + offset - begin, length)).bytes(length));
  }
  return links;
}

async function readHeap(source: Hdf5Source, address: number): Promise<Heap> {
  const reader = await source.signed(address, 142, "FRHP");
  reader.skip(1 + 2);
  const filterBytes = reader.u16();
  reader.skip(1);
  const maxObjectBytes = reader.u32();
  reader.skip(8 * 12);
  const width = reader.u16();
  const startBytes = reader.u64();
  const maxDirectBytes = reader.u64();
  const heapBits = reader.u16();
  reader.skip(2);
  const rootAddress = readAddress(reader);
  const rows = reader.u16();
  if (filterBytes > 0 || width === 0 || startBytes === 0) {
    throw reader.error("a heap is compressed or has no blocks, which is not read");
  }
  return {
    offsetBytes: Math.ceil(heapBits / 8),
    lengthBytes: bytesFor(Math.min(maxDirectBytes, maxObjectBytes)),
    width,
    startBytes,
    maxDirectBytes,
    rootAddress,
    rows,
  };
}

/** The block that holds an offset of the heap, and where in the heap it begins. */
async function locate(source: Hdf5Source, heap: Heap, offset: number): Promise<{ address: number; begin: number }> {
  if (heap.rows === 0) {
    return { address: heap.rootAddress, begin: 0 };
  }
  let begin = 0;
  for (let row = 0; row < heap.rows; row++) {
    const blockBytes = heap.startBytes * 2 ** Math.max(0, row - 1);
    if (blockBytes > heap.maxDirectBytes) {
      break;
    }
    if (offset < begin + blockBytes * heap.width) {
      const column = Math.floor((offset - begin) / blockBytes);
      const at = 4 + 1 + 8 + heap.offsetBytes + 8 * (row * heap.width + column);
      await source.signed(heap.rootAddress, 4, "FHIB");
      return { address: readAddress(await source.block(heap.rootAddress + at, 8)), begin: begin + column * blockBytes };
    }
    begin += blockBytes * heap.width;
  }
  throw new FormatError(HDF5, heap.rootAddress, "a heap is larger than is read");
}

async function readIndex(source: Hdf5Source, address: number): Promise<ByteReader[]> {
  const head = await source.signed(address, 34, "BTHD");
  head.skip(2);
  const nodeBytes = head.u32();
  const recordBytes = head.u16();
  const depth = head.u16();
  head.skip(2);
  if (nodeBytes > MAX_NODE_BYTES || recordBytes === 0) {
    throw head.error(`an index of nodes of ${nodeBytes} bytes is not read`);
  }
  const root = { address: readAddress(head), count: head.u16(), depth };
  if (root.count === 0) {
    return [];
  }
  const sizes = pointerSizes(nodeBytes, recordBytes, depth);
  const records: ByteReader[] = [];
  const pending = [root];
  const entered = new Set<number>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (entered.has(node.address)) {
      throw new FormatError(HDF5, node.address, "an index leads back to itself");
    }
    entered.add(node.address);
    const reader = await source.signed(node.address, nodeBytes, node.depth === 0 ? "BTLF" : "BTIN");
    const start = node.address + 6;
    for (let index = 0; index < node.count; index++) {
      records.push(await source.block(start + index * recordBytes, recordBytes));
    }
    if (records.length > MAX_RECORDS) {
      throw reader.error("an index lists more than any real group");
    }
    reader.skip(2 + node.count * recordBytes);
    for (let child = 0; node.depth > 0 && child <= node.count; child++) {
      const childAddress = readAddress(reader);
      const count = readSized(reader, sizes.countBytes);
      reader.skip(node.depth > 1 ? (sizes.totalBytes[node.depth - 1] ?? 0) : 0);
      pending.push({ address: childAddress, count, depth: node.depth - 1 });
    }
  }
  return records;
}

/** How many bytes the numbers in a pointer to a child take: as many as the most records below it need. */
function pointerSizes(
  nodeBytes: number,
  recordBytes: number,
  depth: number,
): { countBytes: number; totalBytes: number[] } {
  const overhead = 10;
  const leafRecords = Math.floor((nodeBytes - overhead) / Math.max(1, recordBytes));
  const countBytes = bytesFor(leafRecords);
  const totals = [leafRecords];
  const totalBytes = [countBytes];
  for (let level = 1; level <= Math.min(depth, 16); level++) {
    const pointerBytes = 8 + countBytes + (level > 1 ? (totalBytes[level - 1] ?? 0) : 0);
    const own = Math.floor((nodeBytes - overhead - pointerBytes) / (recordBytes + pointerBytes));
    const total = (own + 1) * (totals[level - 1] ?? 0) + own;
    totals.push(total);
    totalBytes.push(bytesFor(total));
  }
  return { countBytes, totalBytes };
}

function bytesFor(limit: number): number {
  return Math.max(1, Math.ceil(Math.log2(limit + 1) / 8));
}
