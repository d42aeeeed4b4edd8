import { ByteReader } from "../../base/byteReader.ts";
import { FormatError } from "../../base/errors.ts";
import { HDF5, type Hdf5Source, readSized } from "./hdf5Source.ts";

/*
 * An object, that is a group or a data set, is a list of messages:
 *
 *   version 1   u8 1, u8, u16 number of messages, u32 references, u32 bytes of messages, padding up to 16
 *               message: u16 kind, u16 length, u8 flags, three bytes, then its content
 *   version 2   "OHDR" u8 2, u8 flags, [four u32 times], [u16 u16], length of the messages in 1, 2, 4 or 8 bytes
 *               message: u8 kind, u16 length, u8 flags, [u16 order], then its content; a checksum at the end
 *
 * A message of kind 16 says where further messages lie; in version 2 those begin with "OCHK".
 * https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html
 */

export type HeaderMessage = { kind: number; content: ByteReader };

const CONTINUATION = 0x10;
const MAX_MESSAGES = 20_000;
const MAX_BLOCKS = 1_000;

type Version = { isSecond: boolean; hasOrder: boolean };

/** Every message of the object at an address, wherever it lies. */
export async function readObjectHeader(source: Hdf5Source, address: number): Promise<HeaderMessage[]> {
  const { version, block } = await readPrefix(source, address);
  const messages: HeaderMessage[] = [];
  const pending = [block];
  for (let blocks = 0; ; blocks++) {
    const next = pending.pop();
    if (next === undefined) {
      return messages;
    }
    if (blocks > MAX_BLOCKS || messages.length > MAX_MESSAGES) {
      throw new FormatError(HDF5, address, "an object is described by more messages than any real one");
    }
    for (const message of readMessages(next, version)) {
      if (message.kind === CONTINUATION) {
        pending.push(await readContinuation(source, message.content, version));
      } else {
        messages.push(message);
      }
    }
  }
}

async function readPrefix(source: Hdf5Source, address: number): Promise<{ version: Version; block: ByteReader }> {
  const start = await source.block(address, 12);
  const first = start.u8();
  if (first === 1) {
    start.skip(7);
    return { version: { isSecond: false, hasOrder: false }, block: await source.block(address + 16, start.u32()) };
  }
  const header = await source.signed(address, 6, "OHDR");
  if (header.u8() !== 2) {
    throw header.error("an object is of a version that is not known", 4);
  }
  const flags = header.u8();
  const sizeBytes = 1 << (flags & 3);
  const lead = 6 + ((flags & 0x20) === 0 ? 0 : 16) + ((flags & 0x10) === 0 ? 0 : 4);
  const length = readSized(await source.block(address + lead, sizeBytes), sizeBytes);
  return {
    version: { isSecond: true, hasOrder: (flags & 4) !== 0 },
    block: await source.block(address + lead + sizeBytes, length),
  };
}

async function readContinuation(source: Hdf5Source, content: ByteReader, { isSecond }: Version): Promise<ByteReader> {
  const address = content.u64();
  const length = content.u64();
  if (!isSecond) {
    return source.block(address, length);
  }
  const block = await source.signed(address, length, "OCHK");
  // Its last four bytes are a checksum.
  return new ByteReader(block.bytes(Math.max(0, block.remaining - 4)), HDF5, address + 4);
}

function readMessages(block: ByteReader, { isSecond, hasOrder }: Version): HeaderMessage[] {
  const messages: HeaderMessage[] = [];
  const prefixBytes = isSecond ? (hasOrder ? 6 : 4) : 8;
  while (block.remaining >= prefixBytes && messages.length <= MAX_MESSAGES) {
    const kind = isSecond ? block.u8() : block.u16();
    const length = block.u16();
    block.skip(prefixBytes - (isSecond ? 3 : 4));
    messages.push({ kind, content: new ByteReader(block.bytes(length), HDF5) });
  }
  return messages;
}
