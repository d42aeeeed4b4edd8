import { ByteReader } from "../../base/byteReader.ts";
import { FormatError } from "../../base/errors.ts";
import { readDenseLinks } from "./denseLinks.ts";
import { HDF5, type Hdf5Source, readAddress, readSized, UNDEFINED_ADDRESS } from "./hdf5Source.ts";
import type { HeaderMessage } from "./objectHeader.ts";

/*
 * What a group holds is written in one of three ways:
 *
 *   symbol table   message 17: address of a tree ("TREE") whose leaves ("SNOD") list names, which lie in a heap ("HEAP")
 *   link messages  message 6, one for each
 *   dense          message 2: address of a heap ("FRHP") of link messages and of an index into it; denseLinks.ts
 */

export type GroupLink = { name: string; address: number };

const LINK_INFO = 0x02;
const LINK = 0x06;
const SYMBOL_TABLE = 0x11;
/** Those of a group with MAX_LINKS links whose leaves are half full, with four each. */
const MAX_NODES = 50_000;
/** A group of more than this is no model. */
const MAX_LINKS = 200_000;
const HARD_LINK = 0;

/** The objects directly in a group. Undefined for an object that is no group; links to elsewhere are left out. */
export async function readGroupLinks(
  source: Hdf5Source,
  messages: readonly HeaderMessage[],
): Promise<GroupLink[] | undefined> {
  const table = messages.find(({ kind }) => kind === SYMBOL_TABLE);
  if (table !== undefined) {
    return readSymbolTable(source, table.content);
  }
  const info = messages.find(({ kind }) => kind === LINK_INFO);
  const links = messages.filter(({ kind }) => kind === LINK).flatMap(({ content }) => readLink(source, content) ?? []);
  if (info === undefined) {
    return links.length > 0 ? links : undefined;
  }
  info.content.skip(1);
  const flags = info.content.u8();
  info.content.skip((flags & 1) === 0 ? 0 : 8);
  const heap = readAddress(info.content);
  if (heap === UNDEFINED_ADDRESS) {
    return links;
  }
  const found = await readDenseLinks(source, heap, readAddress(info.content));
  return found.flatMap((bytes) => readLink(source, new ByteReader(bytes, HDF5)) ?? []);
}

/** A link message; undefined for a link that leads by a name or into another file. */
function readLink(source: Hdf5Source, reader: ByteReader): GroupLink | undefined {
  reader.skip(1);
  const flags = reader.u8();
  const kind = (flags & 8) === 0 ? HARD_LINK : reader.u8();
  reader.skip((flags & 4) === 0 ? 0 : 8);
  reader.skip((flags & 0x10) === 0 ? 0 : 1);
  const name = source.name(reader.bytes(readSized(reader, 1 << (flags & 3))));
  return kind === HARD_LINK ? { name, address: reader.u64() } : undefined;
}

async function readSymbolTable(source: Hdf5Source, content: ByteReader): Promise<GroupLink[]> {
  const pending = [content.u64()];
  const names = await readLocalHeap(source, content.u64());
  const links: GroupLink[] = [];
  const entered = new Set<number>();
  for (let address = pending.shift(); address !== undefined; address = pending.shift()) {
    enter(entered, address);
    const node = await readTreeNode(source, address);
    if (node.level > 0) {
      pending.push(...node.children);
      continue;
    }
    for (const leaf of node.children) {
      enter(entered, leaf);
      for (const link of await readLeaf(source, leaf, names)) {
        links.push(link);
      }
      if (links.length > MAX_LINKS) {
        throw new FormatError(HDF5, leaf, "a group lists more than any real one");
      }
    }
  }
  return links;
}

/** Each node and each leaf of a tree has one place in it. */
function enter(entered: Set<number>, address: number): void {
  if (entered.has(address) || entered.size > MAX_NODES) {
    throw new FormatError(HDF5, address, "a group lists itself or more than any real one");
  }
  entered.add(address);
}

async function readTreeNode(source: Hdf5Source, address: number): Promise<{ level: number; children: number[] }> {
  const head = await source.signed(address, 24, "TREE");
  head.skip(1);
  const level = head.u8();
  const count = head.u16();
  const body = await source.block(address + 24, count * 16);
  const children = Array.from({ length: count }, () => {
    body.skip(8);
    return body.u64();
  });
  return { level, children };
}

async function readLeaf(source: Hdf5Source, address: number, names: Uint8Array): Promise<GroupLink[]> {
  const head = await source.signed(address, 8, "SNOD");
  head.skip(2);
  const count = head.u16();
  const body = await source.block(address + 8, count * 40);
  return Array.from({ length: count }, () => {
    const at = body.u64();
    const target = body.u64();
    body.skip(24);
    const end = names.indexOf(0, at);
    return { name: source.name(names.subarray(at, end < 0 ? names.length : end)), address: target };
  });
}

async function readLocalHeap(source: Hdf5Source, address: number): Promise<Uint8Array> {
  const head = await source.signed(address, 32, "HEAP");
  head.skip(4);
  const length = head.u64();
  head.skip(8);
  const data = await source.block(head.u64(), length);
  return data.bytes(length);
}
