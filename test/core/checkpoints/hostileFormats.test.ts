import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { maskedCrc32c } from "../../../src/core/base/crc32.ts";
import { readFileGroup } from "../../../src/core/checkpoints/fileGroup.ts";
import { type CheckpointDetails, readCheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { buildTorchZip, buildZip, bytesOf, concatBytes, u16, u32, u64 } from "../../support/checkpointBuilders.ts";
import { contentsOfFolder, folderOf } from "../../support/checkpointFolders.ts";
import { leastCpuMs } from "../../support/cpuTime.ts";

const MAX_CPU_MS = 1_000;

async function stateOf(read: () => Promise<CheckpointDetails>, maxCpuMs = MAX_CPU_MS): Promise<string> {
  const { result, cpuMs } = await leastCpuMs(read, maxCpuMs);
  assert.ok(cpuMs < maxCpuMs, `took ${cpuMs} ms of the processor`);
  const { summary } = result;
  return `${summary.completeness.state}: ${summary.completeness.reason}`;
}

const file = (name: string, bytes: Uint8Array, maxCpuMs?: number) =>
  stateOf(() => readCheckpointDetails(byteSourceOf(bytes), name), maxCpuMs);

function npy(header: string): Uint8Array {
  return bytesOf("\x93NUMPY\x01\x00", u16(header.length), header);
}

test("a header of NumPy that lies about shape, dtype or depth costs nothing", async () => {
  const headers: [header: string, expected: RegExp][] = [
    [
      "{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991)}",
      /^torn: \d+ of .* bytes are there$/,
    ],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", /^unknown: its header does not say dtype and shape$/],
    ["{'descr': 'x9', 'fortran_order': False, 'shape': (1,)}", /^unknown: "x9" is no dtype that is known$/],
    [`{'descr': ${"[".repeat(5000)}`, /^unknown: it is nested deeper than any dtype$/],
    ["{'descr': '<f8', 'descr': '<f4', 'shape': ()}", /^unknown: a key is no text, or is there twice$/],
    ["__import__('os').system('true')", /^unknown: a value is missing$/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': [0]}", /^unknown: its header does not say dtype and shape$/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (0)}", /^unknown: its header does not say dtype and shape$/],
    ["{'descr': ('<f8'), 'fortran_order': False, 'shape': (0,)}", /^whole: /],
    [
      `{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}${" ".repeat(10_000)}`,
      /^unknown: its header is longer than 10000 bytes, which numpy.load refuses$/,
    ],
  ];
  for (const [header, expected] of headers) {
    assert.match(await file("a.npy", npy(header)), expected, header.slice(0, 60));
  }
});

test("a compressed array that unpacks to a thousand times its size is not unpacked", async () => {
  const bomb = deflateSync(Buffer.alloc(60_000_000));
  assert.match(await file("bomb.joblib", new Uint8Array(bomb)), /^unknown: /);
  const member = {
    name: "w.npy",
    bytes: new Uint8Array(bomb.subarray(2, -4)),
    directory: { method: 8, sizeBytes: 60_000_000 },
  };
  const zip = buildZip([{ ...member, directory: { ...member.directory, storedBytes: member.bytes.length } }]);
  assert.match(await file("bomb.npz", zip), /^unknown: w: it does not begin as an array does$/);
});

const harmless = bytesOf("\x80\x04}0");
const system = bytesOf("cposix\nsystem\n(S'true'\ntR.");
const arrayState = (bytes: number) =>
  `}(S'shape'\nK${String.fromCharCode(bytes)}\x85S'dtype'\ncnumpy\ndtype\n(S'u1'\nI00\nI01\ntR(K\x03S'|'\nNNNI-1\nI-1\nK\0tbub`;
const wrapper = "cjoblib.numpy_pickle\nNumpyArrayWrapper\n";

test("names what a pickle runs that joblib, or pickle alone, reads on where the other does not", async () => {
  const files: [name: string, bytes: Uint8Array][] = [
    ["two gzip streams.joblib", bytesOf(gzipSync(harmless), gzipSync(system))],
    ["two zlib streams.joblib", bytesOf(deflateSync(harmless), deflateSync(system))],
    ["the bytes of an array.pkl", bytesOf("\x80\x04", wrapper, ")\x81", arrayState(system.length), system, ".")],
    [
      "behind the bytes of an array.joblib",
      bytesOf(
        `ccopyreg\n_reconstructor\n(${wrapper}cbuiltins\nobject\nNtR`,
        arrayState(5),
        "B",
        u32(system.length),
        system,
        ".",
      ),
    ],
  ];
  for (const [name, bytes] of files) {
    const { imports } = (await readCheckpointDetails(byteSourceOf(bytes), name)).summary;
    assert.deepEqual(
      imports.filter(({ trust }) => trust !== "known"),
      [{ name: "os.system", trust: "dangerous" }],
      name,
    );
  }
});

test("names what torch.load would run in a file that nothing says is a pickle", async () => {
  const inside = bytesOf("\x80\x04ctorch.storage\n_load_from_bytes\nB", u32(system.length), system, "\x85R.");
  const objectArray = bytesOf(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"), system);
  const files: [name: string, bytes: Uint8Array][] = [
    ["protocol 0.pt", system],
    ["protocol 1.ckpt", bytesOf("\x80\x01", system)],
    ["behind a long text.bin", bytesOf(`V${"a".repeat(9_000)}\n0`, system)],
    ["like GGUF.bin", bytesOf("GGUF\x03\0\0\0\x00", system)],
    ["like safetensors.pt", bytesOf("X\x04\0\0\0\0\0\0{0", system)],
    ["in bytes that are loaded.pkl", inside],
    ["in an array without its ending.npz", buildZip([{ name: "weights", bytes: objectArray }])],
  ];
  for (const [name, bytes] of files) {
    const { imports, completeness } = (await readCheckpointDetails(byteSourceOf(bytes), name)).summary;
    assert.deepEqual(
      imports.filter(({ trust }) => trust === "dangerous"),
      [{ name: "os.system", trust: "dangerous" }],
      name,
    );
    assert.ok(completeness.state !== "whole" || !/\.(pt|ckpt|bin)$/.test(name), name);
  }
});

test("names what the objects inside a checkpoint of torch.distributed would import", async () => {
  const contents = contentsOfFolder("test/fixtures/checkpoints/formats/distributed");
  const pieces = Buffer.from(contents["__0_0.distcp"] ?? []);
  const hostile = buildTorchZip(system);
  for (let begin = pieces.indexOf("PK\x03\x04"); begin >= 0; ) {
    const end = pieces.indexOf("PK\x05\x06", begin) + 22;
    hostile.subarray(0, -22).forEach((byte, at) => pieces.writeUInt8(byte, begin + at));
    const comment = end - begin - hostile.length;
    const lastRecord = Buffer.from(hostile.subarray(-22));
    lastRecord.writeUInt16LE(comment, 20);
    pieces.fill(0, begin + hostile.length - 22, end);
    lastRecord.copy(pieces, begin + hostile.length - 22);
    begin = pieces.indexOf("PK\x03\x04", end);
  }
  const folder = folderOf("distributed", { ...contents, "__0_0.distcp": new Uint8Array(pieces) });
  const { imports } = (await readFileGroup(folder, ".metadata")).summary;
  assert.ok(
    imports.some(({ name, trust }) => name === "os.system" && trust === "dangerous"),
    JSON.stringify(imports),
  );
});

test("a compressed pickle whose checksum is wrong is not whole", async () => {
  for (const name of ["gzip.joblib", "zlib.joblib"]) {
    const bytes = new Uint8Array(readFileSync(`test/fixtures/checkpoints/formats/${name}`));
    assert.match(await file(name, bytes), /^whole: /);
    const trailer = name === "gzip.joblib" ? 8 : 4;
    const damaged = bytes.map((byte, at) => (at === bytes.length - trailer ? byte ^ 1 : byte));
    assert.equal(await file(name, damaged), "unknown: its compressed bytes do not match their checksum");
    assert.equal(await file(name, bytesOf(bytes, "more")), "unknown: something follows its compressed bytes");
  }
});

test("the tree of a group that names one leaf ten thousand times ends", async () => {
  const bytes = new Uint8Array(readFileSync("test/fixtures/checkpoints/formats/earliest.h5"));
  const tree = Buffer.from(bytes).indexOf("TREE");
  const changed = Uint8Array.from(bytes);
  changed.set(u16(0xffff), tree + 6);
  assert.match(await file("a.h5", changed), /^unknown: its groups cannot be followed: /);
  const loop = Uint8Array.from(bytes);
  loop.set([1], tree + 5);
  loop.set(u64(tree), tree + 32);
  assert.match(await file("a.h5", loop), /^unknown: its groups cannot be followed: /);
});

test("links that share a leaf or the bytes of their names cost no more than the file is long", async () => {
  const once = await file("a.h5", hdf5OfLinks({ leaves: 1, links: 100, nameBytes: 8_000 }));
  assert.match(once, /^whole: /);
  const before = process.memoryUsage().rss;
  const again = await file("a.h5", hdf5OfLinks({ leaves: 500, links: 100, nameBytes: 8_000 }));
  assert.match(again, /^unknown: its groups cannot be followed: a group lists itself or more than any real one$/);
  const long = await file("a.h5", hdf5OfLinks({ leaves: 1, links: 1_000, nameBytes: 60_000 }));
  assert.match(long, /^unknown: its groups cannot be followed: its names are longer than \d+ bytes together$/);
  assert.ok(process.memoryUsage().rss - before < 100e6, "took too much memory");
});

/** A file of one group, whose tree names the same leaf again and again, and the leaf the same long name. */
function hdf5OfLinks({ leaves, links, nameBytes }: { leaves: number; links: number; nameBytes: number }): Uint8Array {
  const HEADER = 96;
  const TREE = HEADER + 40;
  const LEAF = TREE + 24 + 16 * leaves;
  const HEAP = LEAF + 8 + 40 * links;
  const end = HEAP + 32 + nameBytes;
  const none = u64(2n ** 64n - 1n);
  const link = bytesOf(u64(0), u64(HEADER), new Uint8Array(24));
  const superblock = bytesOf([0x89], "HDF\r\n\x1a\n", [0, 0, 0, 0, 0, 8, 8, 0], u16(4), u16(16), u32(0));
  const addresses = bytesOf(u64(0), none, u64(end), none, link);
  const message = bytesOf(u16(0x11), u16(16), u32(0), u64(TREE), u64(HEAP));
  const header = bytesOf([1, 0], u16(1), u32(1), u32(message.length), u32(0), message);
  const children = Array.from({ length: leaves }, () => bytesOf(u64(0), u64(LEAF)));
  const tree = bytesOf("TREE", [0, 0], u16(leaves), none, none, concatBytes(children));
  const leaf = bytesOf("SNOD", [1, 0], u16(links), concatBytes(Array.from({ length: links }, () => link)));
  const heap = bytesOf("HEAP", u32(0), u64(nameBytes), u64(0), u64(HEAP + 32), "a".repeat(nameBytes));
  return bytesOf(superblock, addresses, header, tree, leaf, heap);
}

test("two kilobytes that unpack to a pickle of a million objects cost no more than others", async () => {
  const dense = ["}", "]", "N", "N\x85", "}}Ns", "]Na", "ca\nb\n0", "]."];
  for (const opcodes of dense) {
    const packed = new Uint8Array(deflateSync(bytesOf("]", opcodes.repeat(1_000_000 / opcodes.length), ".")));
    assert.ok(packed.length < 4_096, `${opcodes}: ${packed.length} bytes`);
    const memory = process.memoryUsage().rss;
    assert.match(await file("dense.joblib", packed, 200), /^unknown: /, opcodes);
    assert.ok(process.memoryUsage().rss - memory < 64e6, `${opcodes} took too much memory`);
  }
});

/** A block of a sorted table, not compressed. */
function withTrailer(block: Uint8Array): Uint8Array {
  return bytesOf(block, [0], u32(maskedCrc32c(bytesOf(block, [0]))));
}

function entry(key: string, value: readonly number[]): Uint8Array {
  return bytesOf([0, key.length, value.length], key, value);
}

test("an index of TensorFlow whose blocks lie in one another is refused", async () => {
  const data = bytesOf(entry("", [8, 1]), new Uint8Array(99), u32(0), u32(1));
  const first = withTrailer(data);
  const index = withTrailer(
    bytesOf(...Array.from({ length: 50 }, (_, at) => entry(`k${at}`, [0, data.length])), u32(0), u32(1)),
  );
  const indexBytes = index.length - 5;
  const varint = [(indexBytes & 0x7f) | 0x80, indexBytes >> 7];
  const handles = [0, 0, first.length & 0x7f, ...varint];
  const footer = bytesOf(
    handles,
    new Uint8Array(40 - handles.length),
    [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb],
  );
  const folder = folderOf("bundle", { "ckpt.index": bytesOf(first, index, footer) });
  assert.match(await stateOf(() => readFileGroup(folder, "ckpt.index")), /^unknown: its blocks overlap$/);
});
