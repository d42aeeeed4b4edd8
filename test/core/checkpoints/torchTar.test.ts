import assert from "node:assert/strict";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { readCheckpointDetails } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { bytesOf, concatBytes, u32, u64 } from "../../support/checkpointBuilders.ts";

const BLOCK = 512;
const RECORD = 20 * BLOCK;

/** Writes the checksum of a header, adding its bytes as they are or as signed ones. */
function signed(block: Uint8Array, Bytes: typeof Uint8Array | typeof Int8Array): Uint8Array {
  block.set(bytesOf("        "), 148);
  const sum = [...new Bytes(block)].reduce((total, byte) => total + byte, 0);
  block.set(bytesOf(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return block;
}

function header(name: string, sizeBytes: number, kind: string, prefix = ""): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(bytesOf(text), at);
  put(0, name);
  put(100, "0000644\0");
  put(124, `${sizeBytes.toString(8).padStart(11, "0")}\0`);
  put(156, kind);
  put(257, "ustar\x0000");
  put(345, prefix);
  return signed(block, Uint8Array);
}

type Member = readonly [name: string, bytes: Uint8Array, kind?: string, prefix?: string];

function buildTar(members: readonly Member[]): Uint8Array {
  const parts = members.flatMap(([name, bytes, kind = "0", prefix]) => [
    header(name, bytes.length, kind, prefix),
    bytes,
    new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK),
  ]);
  const length = parts.reduce((sum, part) => sum + part.length, 0) + 2 * BLOCK;
  return concatBytes([...parts, new Uint8Array(Math.ceil(length / RECORD) * RECORD - length + 2 * BLOCK)]);
}

const text = (value: string) => bytesOf("X", u32(value.length), value);
const number = (value: number) => bytesOf("J", u32(value));
const pickled = (...parts: Uint8Array[]) => bytesOf("\x80\x02", concatBytes(parts), ".");
const triple = (a: Uint8Array, b: Uint8Array, c: Uint8Array) => pickled(a, b, c, bytesOf("\x87"));
const global = (name: string) => bytesOf(`ctorch\n${name}\n`);

/** Two storages, of which the second is a double; a matrix, a view of its last row, and a single double. */
const storages = concatBytes([
  pickled(number(2)),
  triple(number(11), text("cpu"), global("FloatStorage")),
  u64(6),
  new Uint8Array(24),
  triple(number(12), text("cpu"), global("DoubleStorage")),
  u64(1),
  new Uint8Array(8),
  pickled(bytesOf("]("), bytesOf("(", number(13), number(11), number(3), number(3), "t"), bytesOf("e")),
]);

function tensor(id: number, storage: number, type: string, sizes: readonly number[]): Uint8Array {
  const numbers = [...sizes, ...sizes.map(() => 1), 0].flatMap((value) => u64(value));
  return bytesOf(triple(number(id), number(storage), global(type)), u32(sizes.length), u32(0), numbers);
}

const tensors = concatBytes([
  pickled(number(3)),
  tensor(21, 11, "FloatTensor", [2, 3]),
  tensor(22, 13, "FloatTensor", [3]),
  tensor(23, 12, "DoubleTensor", [1]),
]);

const persistent = (id: string) => bytesOf(text(id), "Q");
const entry = (key: string, value: Uint8Array) => bytesOf(text(key), value);
const state = bytesOf(
  "}(",
  entry("weight", persistent("21")),
  entry("row", persistent("22")),
  entry("scale", persistent("23")),
  "u",
);
const object = pickled(bytesOf("}("), entry("epoch", number(4)), entry("state_dict", state), bytesOf("u"));

const note = bytesOf("22 mtime=1479700000.5\n");
const whole: readonly Member[] = [
  ["././@PaxHeader", note, "x"],
  ["sys_info", pickled(bytesOf("}"))],
  ["pickle", object],
  ["tensors", tensors],
  ["storages", storages],
];

const read = (bytes: Uint8Array) => readCheckpointDetails(byteSourceOf(bytes), "old.pth");

function replacedMembers(name: string, bytes: Uint8Array): Member[] {
  return whole.map((member) => (member[0] === name ? [name, bytes] : member));
}

function replaced(name: string, bytes: Uint8Array): Uint8Array {
  return buildTar(replacedMembers(name, bytes));
}

test("reads what torch.save wrote before 0.1.10: a tar of pickles and storages", async () => {
  const { summary, tensors: listed } = await read(buildTar(whole));
  assert.deepEqual(
    [summary.format, summary.completeness.state, summary.epoch, summary.tensorCount, summary.parameterCount],
    ["torch-tar", "whole", 4, 3, 7],
  );
  assert.deepEqual(
    listed.map(({ name, dtype, shape, sizeBytes, isShared }) => [name, dtype, shape, sizeBytes, isShared]),
    [
      ["state_dict.weight", "float32", [2, 3], 24, true],
      ["state_dict.row", "float32", [3], 12, true],
      ["state_dict.scale", "float64", [1], 8, false],
    ],
  );
  assert.deepEqual(
    summary.imports.filter(({ trust }) => trust !== "known"),
    [],
  );
});

test("a tar of torch is never whole when it is cut, and says what is still there", async () => {
  const padded = buildTar(whole);
  const bytes = padded.subarray(0, padded.findLastIndex((byte) => byte !== 0) + 1);
  const cuts = new Set([
    ...Array.from({ length: 200 }, (_, index) => Math.floor((bytes.length * index) / 200)),
    ...Array.from({ length: Math.ceil(bytes.length / BLOCK) + 1 }, (_, index) => index * BLOCK),
    ...Array.from({ length: 64 }, (_, index) => bytes.length - 1 - index),
  ]);
  for (const length of cuts) {
    const { summary } = await read(padded.subarray(0, length));
    assert.equal(summary.completeness.state === "whole", false, `${length} of ${bytes.length}`);
  }
  const storagesAt = padded.length - RECORD + whole.slice(0, 4).length * 2 * BLOCK + BLOCK + 40;
  const { summary } = await read(bytes.subarray(0, storagesAt));
  assert.deepEqual([summary.completeness.state, summary.epoch, summary.tensorCount], ["torn", 4, 3]);
});

test("a tar of torch with one byte changed gives a summary", async () => {
  const bytes = buildTar(whole);
  for (let at = 0; at < bytes.length; at += 7) {
    const flipped = Uint8Array.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8)) ^ 0x80;
    const { summary } = await read(flipped);
    assert.ok(["whole", "torn", "unknown"].includes(summary.completeness.state));
  }
});

test("a tar that lies about its parts is refused in no time", async () => {
  const hostile: readonly [bytes: Uint8Array, reason: RegExp][] = [
    [replaced("tensors", pickled(number(100_000_000))), /counts its parts/],
    [replaced("storages", pickled(number(-1))), /counts its parts/],
    [
      replaced(
        "tensors",
        bytesOf(pickled(number(1)), triple(number(1), number(11), global("FloatTensor")), u32(0xffff_ffff)),
      ),
      /dimensions/,
    ],
    [
      replaced(
        "storages",
        bytesOf(pickled(number(1)), triple(number(11), text("cpu"), global("FloatStorage")), u64(2 ** 50)),
      ),
      /end early/,
    ],
    [replaced("storages", bytesOf(pickled(number(0)), pickled(bytesOf("]")))), /storage that is not there/],
    [
      buildTar(Array.from({ length: 80 }, (_, at) => [at === 0 ? "pickle" : `part${at}`, new Uint8Array()] as const)),
      /more than 64 members/,
    ],
    [buildTar(whole.slice(0, 3)), /what torch\.save puts in one/],
    [bytesOf(buildTar(whole), buildTar(whole)), /follows the end/],
  ];
  for (const [bytes, reason] of hostile) {
    const before = process.cpuUsage();
    const { summary } = await read(bytes);
    assert.notEqual(summary.completeness.state, "whole");
    assert.match(summary.completeness.reason, reason);
    assert.ok(process.cpuUsage(before).user < 200_000);
  }
});

function past(id: number, storage: number, offset: number, stride: number): Uint8Array {
  const numbers = [3, stride, offset].flatMap((value) => u64(value));
  return bytesOf(triple(number(id), number(storage), global("FloatTensor")), u32(1), u32(0), numbers);
}

/** The three tensors with another one in the middle. */
function tensorsWith(row: Uint8Array): Uint8Array {
  const [first, last] = [tensor(21, 11, "FloatTensor", [2, 3]), tensor(23, 12, "DoubleTensor", [1])];
  return replaced("tensors", concatBytes([pickled(number(3)), first, row, last]));
}

/** The storages with another view of the first. */
function storagesWithView(first: number, length: number): Uint8Array {
  const view = bytesOf("(", number(13), number(11), number(first), number(length), "t");
  return replaced(
    "storages",
    concatBytes([storages.subarray(0, storages.lastIndexOf(0x5d) - 2), pickled(bytesOf("](", view, "e"))]),
  );
}

test("a tensor or a view that goes past its storage is torn", async () => {
  const cases: readonly [bytes: Uint8Array, expected: string][] = [
    [tensorsWith(past(22, 11, 3, 1)), "whole: all 3 storages are complete"],
    [tensorsWith(past(22, 11, 4, 1)), "torn: tensor 22 goes past the end of its storage"],
    [tensorsWith(past(22, 11, 0, 3)), "torn: tensor 22 goes past the end of its storage"],
    [tensorsWith(past(22, 13, 1, 1)), "torn: tensor 22 goes past the end of its storage"],
    [storagesWithView(3, 3), "whole: all 3 storages are complete"],
    [storagesWithView(3, 4), "torn: a view goes past the end of its storage"],
  ];
  for (const [bytes, expected] of cases) {
    const { completeness, tensorCount } = (await read(bytes)).summary;
    assert.deepEqual([`${completeness.state}: ${completeness.reason}`, tensorCount], [expected, 3]);
  }
});

test("code in any pickle of a tar is told", async () => {
  const code = pickled(bytesOf("cos\nsystem\n("), text("true"), bytesOf("tR"));
  for (const part of ["pickle", "tensors", "storages"]) {
    const { summary } = await read(replaced(part, code));
    assert.ok(
      summary.imports.some(({ name, trust }) => name === "os.system" && trust === "dangerous"),
      part,
    );
  }
});

const code = pickled(bytesOf("cposix\nsystem\n("), text("true"), bytesOf("tR"));
const paxNote = (record: string) => {
  const length = record.length + 4;
  return bytesOf(`${length} ${record}\n`);
};

test("a tar in which readers may find different members is unknown, and the code of all of them is told", async () => {
  const cases: readonly [extra: readonly Member[], reason: RegExp][] = [
    [[["pickle", code]], /more than one member is called pickle/],
    [[["pickle", code, "5"]], /more than one member is called pickle/],
    [
      [
        ["././@PaxHeader", paxNote("path=pickle"), "x"],
        ["zz", code],
      ],
      /another name or size/,
    ],
    [
      [
        ["././@PaxHeader", paxNote("GNU.sparse.name=pickle"), "x"],
        ["zz", code],
      ],
      /another name or size/,
    ],
    [
      [
        ["././@PaxHeader", bytesOf("13 path=pickle\n"), "g"],
        ["zz", code],
      ],
      /another name or size/,
    ],
    [
      [
        ["././@PaxHeader", bytesOf("99 mtime=1\n15 path=pickle\n"), "x"],
        ["zz", code],
      ],
      /another name or size/,
    ],
    [
      [
        ["././@LongLink", bytesOf("pickle\0"), "L"],
        ["zz", code],
      ],
      /another name or size/,
    ],
    [[["zz", code, "7"]], /zz is no plain file/],
    [[["zz", code, "0", "below"]], /zz is no plain file/],
  ];
  for (const [extra, reason] of cases) {
    const { summary } = await read(buildTar([...whole, ...extra]));
    assert.deepEqual([summary.format, summary.completeness.state], ["torch-tar", "unknown"]);
    assert.match(summary.completeness.reason, reason);
    assert.ok(
      summary.imports.some(({ name, trust }) => name === "os.system" && trust === "dangerous"),
      String(reason),
    );
  }
});

test("a header counts as Python's tarfile counts: signed sums, sizes in base 256, and what only Python takes for a number", async () => {
  const members = buildTar([["zz", new Uint8Array(3)], ...replacedMembers("pickle", code)]);
  for (const [field, expected] of [
    ["\x80\0\0\0\0\0\0\0\0\0\0\x03", "whole"],
    ["0o_0_3", "whole"],
    [" +3\x1f", "whole"],
    ["-3", "unknown"],
    ["\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfd", "unknown"],
  ] as const) {
    for (const Bytes of [Uint8Array, Int8Array]) {
      const first = Uint8Array.from(members.subarray(0, BLOCK));
      first.fill(0, 124, 136).set(bytesOf(field), 124);
      // The owner's name is the same in both sums only where it is plain text.
      first[265] = 0xe9;
      // What is less than nothing has no bytes that follow.
      const rest = expected === "whole" ? members.subarray(BLOCK) : members.subarray(2 * BLOCK);
      const { summary } = await read(concatBytes([signed(first, Bytes), rest]));
      assert.deepEqual([summary.format, summary.completeness.state], ["torch-tar", expected], field);
      assert.ok(
        summary.imports.some(({ name, trust }) => name === "os.system" && trust === "dangerous"),
        field,
      );
    }
  }
});

test("a tar of torch under another first name is one by its object", async () => {
  const { summary } = await read(buildTar([["first", new Uint8Array(3)], ...replacedMembers("pickle", code)]));
  assert.deepEqual([summary.format, summary.imports.some(({ trust }) => trust === "dangerous")], ["torch-tar", true]);
});

test("the code of the object is told whatever becomes of the other parts", async () => {
  const isTrue = bytesOf("\x80\x02\x88.");
  const classless = bytesOf(pickled(number(1)), triple(number(11), text("cpu"), global("FooStorage")));
  const long = pickled(text("x".repeat(2_000)), bytesOf("0"), code.subarray(2, -1));
  for (const [name, bytes] of [
    ["storages", isTrue],
    ["storages", classless],
    ["storages", new Uint8Array()],
    ["tensors", isTrue],
    ["tensors", classless],
  ] as const) {
    const members = replacedMembers("pickle", code).map(
      (member): Member => (member[0] === name ? [name, bytes] : member),
    );
    const { summary } = await read(buildTar(members));
    assert.notEqual(summary.completeness.state, "whole");
    assert.ok(
      summary.imports.some(({ trust }) => trust === "dangerous"),
      name,
    );
  }
  const { summary } = await read(replaced("storages", long));
  assert.ok(summary.imports.some(({ trust }) => trust === "dangerous"));
});

test("a complete archive may end with two blocks of zeros alone", async () => {
  const bytes = buildTar(whole);
  const end = Math.ceil((bytes.findLastIndex((byte) => byte !== 0) + 1) / BLOCK) * BLOCK;
  assert.equal((await read(bytes.subarray(0, end + 2 * BLOCK))).summary.completeness.state, "whole");
  assert.equal((await read(bytes.subarray(0, end + BLOCK))).summary.completeness.state, "torn");
});

test("a tar of samples is none of torch, whole or cut, with notes or without", async () => {
  const samples = Array.from({ length: 20 }, (_, at): Member[] => [
    ["././@PaxHeader", note, "x"],
    [`${at}.jpg`, new Uint8Array(700)],
  ]).flat();
  const bytes = buildTar(samples);
  for (const shard of [bytes, bytes.subarray(0, 5_000), buildTar(samples.filter(([, , kind]) => kind !== "x"))]) {
    const { summary } = await read(shard);
    assert.deepEqual([summary.format, summary.completeness.state], ["unknown", "unknown"]);
  }
});
