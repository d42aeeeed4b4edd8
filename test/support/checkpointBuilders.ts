import { crc32 } from "node:zlib";

type Part = string | readonly number[] | Uint8Array;

/** Bytes from texts (one byte per character), numbers and bytes; enough to write any pickle by its opcodes. */
export function bytesOf(...parts: readonly Part[]): Uint8Array {
  return concatBytes(parts);
}

/** The same for more parts than a call may have arguments. */
export function concatBytes(parts: readonly Part[]): Uint8Array {
  const chunks = parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Uint8Array.from(part)));
  return new Uint8Array(Buffer.concat(chunks));
}

export function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

export function u16(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

export function u64(value: number | bigint): number[] {
  return [...u32(Number(BigInt(value) & 0xffff_ffffn)), ...u32(Number(BigInt(value) >> 32n))];
}

export type ZipMember = {
  name: string;
  bytes: Uint8Array;
  /** What the directory says instead of the truth, for archives that lie. */
  directory?: {
    headerOffset?: number;
    sizeBytes?: number;
    storedBytes?: number;
    method?: number;
    flags?: number;
    attributes?: number;
  };
  /** The name in the entry's own header, where it differs. */
  localName?: string;
};

/** A zip of stored entries as PyTorch writes it: sizes in the directory alone. */
export function buildZip(
  members: readonly ZipMember[],
  options: { comment?: string; prefix?: Uint8Array } = {},
): Uint8Array {
  const chunks: Uint8Array[] = [options.prefix ?? new Uint8Array()];
  const records: Uint8Array[] = [];
  let offset = options.prefix?.length ?? 0;
  for (const { name, bytes, directory = {}, localName = name } of members) {
    const header = bytesOf(
      "PK\x03\x04",
      u16(0),
      u16(0x0808),
      u16(0),
      u32(0),
      u32(0),
      u32(0),
      u32(0),
      u16(localName.length),
      u16(0),
      localName,
    );
    const { headerOffset = offset, sizeBytes = bytes.length, method = 0, flags = 0x0808, attributes = 0 } = directory;
    const storedBytes = directory.storedBytes ?? sizeBytes;
    records.push(
      bytesOf(
        "PK\x01\x02",
        u16(0),
        u16(0),
        u16(flags),
        u16(method),
        u32(0),
        u32(crc32(bytes)),
        u32(storedBytes),
        u32(sizeBytes),
      ),
      bytesOf(u16(name.length), u16(0), u16(0), u16(0), u16(0), u32(attributes), u32(headerOffset), name),
    );
    chunks.push(header, bytes);
    offset += header.length + bytes.length;
  }
  const central = Buffer.concat(records);
  const comment = options.comment ?? "";
  const end = bytesOf(
    "PK\x05\x06",
    u16(0),
    u16(0),
    u16(members.length),
    u16(members.length),
    u32(central.length),
    u32(offset),
    u16(comment.length),
    comment,
  );
  return new Uint8Array(Buffer.concat([...chunks, central, end]));
}

/** A PyTorch zip around a pickle, with storages by key. */
export function buildTorchZip(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  return buildZip([
    { name: "archive/data.pkl", bytes: pickle },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `archive/data/${key}`, bytes })),
    { name: "archive/version", bytes: bytesOf("3\n") },
  ]);
}

/** A pickle of {"epoch": …} with one tensor of float32 in storage 0. */
export function pickleOfEpoch(epoch: number, elements = 4): Uint8Array {
  const text = (value: string): Uint8Array => bytesOf("X", u32(value.length), value);
  return bytesOf(
    [0x80, 2],
    "}(",
    text("epoch"),
    ["K".charCodeAt(0), epoch],
    text("weight"),
    "ctorch._utils\n_rebuild_tensor_v2\n((",
    text("storage"),
    "ctorch\nFloatStorage\n",
    text("0"),
    text("cpu"),
    "J",
    u32(elements),
    "tQK\x00J",
    u32(elements),
    "\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRu.",
  );
}

/** A whole checkpoint of one epoch, of about `elements` times four bytes. */
export function buildCheckpoint(epoch: number, elements = 4): Uint8Array {
  return buildTorchZip(pickleOfEpoch(epoch, elements), { "0": new Uint8Array(elements * 4) });
}

export function buildSafetensors(header: object | string, dataBytes: number): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  return bytesOf(u64(text.length), text, new Uint8Array(dataBytes));
}
