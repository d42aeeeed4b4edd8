import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import type { CheckpointSummary } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { readCheckpointFile } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { readTorchZip } from "../../../src/core/checkpoints/torchZip.ts";
import {
  buildCheckpoint,
  buildTorchZip,
  buildZip,
  bytesOf,
  pickleOfEpoch,
  u64,
} from "../../support/checkpointBuilders.ts";
import { sparseCheckpoint } from "../../support/sparseCheckpoint.ts";

const fixtures = "test/fixtures/checkpoints";

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${fixtures}/${name}`));
}

async function summarise(name: string, bytes = fixture(name)): Promise<CheckpointSummary> {
  return readCheckpointFile(byteSourceOf(bytes), name);
}

async function check(name: string, expected: Partial<CheckpointSummary>): Promise<void> {
  const summary = await summarise(name);
  const shown = Object.fromEntries(Object.entries(summary).filter(([key]) => key in expected));
  assert.deepEqual(shown, expected);
}

test("reads everything of a training checkpoint", async () => {
  const facts = {
    epoch: 3,
    step: 135,
    metrics: { best_metric: 0.953, val_acc: 0.953, val_loss: 0.25, train_loss: 0.125 },
    hyperParameters: { lr: 3e-4, batch_size: 32, layers: [4, 3, 2], out: "runs/a", amp: false },
    hasOptimizerState: true,
    hasSchedulerState: true,
    tensorCount: 4,
    parameterCount: 23,
    dtypes: ["float32"],
  };
  await check("checkpoint_epoch_3.pt", {
    ...facts,
    format: "torch-zip",
    completeness: { state: "whole", reason: "all 17 storages are complete" },
  });
  await check("protocol_4.pt", { ...facts, format: "torch-zip" });
  await check("legacy.pt", {
    ...facts,
    metrics: { best_metric: 0.953, val_acc: 0.953, val_loss: 0.25 },
    format: "torch-legacy",
    completeness: { state: "whole", reason: "its storages end with the file" },
  });
});

test("knows the format before torch 1.6 in whichever protocol, and is exact about its storages", async () => {
  const bytes = fixture("legacy_protocol_4.pt");
  await check("legacy_protocol_4.pt", {
    epoch: 3,
    tensorCount: 2,
    format: "torch-legacy",
    completeness: { state: "whole", reason: "its storages end with the file" },
  });
  for (const [changed, reason] of [
    [bytes.length - 6 * 4 - 8, /^storage \d+ says that it has 7 numbers, its object says otherwise$/],
    [Buffer.from(bytes).indexOf("M\xe9\x03", 0, "latin1") + 1, /^its protocol is not 1001, the only one there is$/],
  ] as const) {
    const damaged = bytes.map((byte, at) => (at === changed ? byte ^ 1 : byte));
    const { completeness } = await summarise("a.pt", damaged);
    assert.equal(completeness.state, "unknown");
    assert.match(completeness.reason, reason);
  }
  for (let length = 1; length < bytes.length; length++) {
    const { completeness } = await summarise("a.pt", bytes.subarray(0, length));
    assert.notEqual(completeness.state, "whole", `${length} bytes`);
  }
});

test("reads a quantised tensor with two numbers in a byte, and a sparse one with two tensors of indices", async () => {
  await check("sparse_csr.pt", { tensorCount: 1, parameterCount: 9, dtypes: ["float32"] });
  const { imports } = await summarise("quint4.pt");
  assert.ok(imports.every(({ trust }) => trust === "known"));
  await check("quint4.pt", {
    tensorCount: 1,
    dtypes: ["quint4x2"],
    completeness: { state: "whole", reason: "its one storage is complete" },
  });
});

test("knows the state of an optimizer by its shape, whatever it is called", async () => {
  await check("short_names.pt", { epoch: 2, tensorCount: 2, parameterCount: 18, hasOptimizerState: true, metrics: {} });
  assert.equal((await summarise("short_names.pt")).hyperParameters, undefined);
});

test("reads weights alone, tied weights, odd dtypes, namespaces and whole modules", async () => {
  await check("weights_only.pth", { tensorCount: 4, parameterCount: 23, hasOptimizerState: false, metrics: {} });
  await check("tied_views.pt", { tensorCount: 3, parameterCount: 9 });
  await check("namespace.pt", { epoch: 8, hyperParameters: { lr: 0.1, epochs: 9, name: "digits" } });
  await check("whole_module.pt", { tensorCount: 4, parameterCount: 23 });
  await check("dtypes.pt", {
    tensorCount: 8,
    dtypes: ["bfloat16", "float16", "float8_e4m3fn", "uint16", "float32", "bool"],
    completeness: { state: "whole", reason: "all 8 storages are complete" },
  });
});

test("reads what Lightning's ModelCheckpoint watched, out of tensors of one number", async () => {
  await check("epoch=4-step=500.ckpt", {
    epoch: 4,
    step: 500,
    metrics: { val_loss: 0.21, best_val_loss: 0.21 },
    hyperParameters: { hidden: 3, lr: 0.001 },
    framework: { name: "Lightning", version: "2.5.0" },
    hasOptimizerState: true,
    hasSchedulerState: true,
  });
});

test("names tensors, dtypes and shapes as torch itself does", async () => {
  const reported: unknown = JSON.parse(readFileSync(`${fixtures}/tensors.json`, "utf8"));
  assert.ok(typeof reported === "object" && reported !== null);
  for (const [name, expected] of Object.entries(reported)) {
    const { tensors } = await readTorchZip(byteSourceOf(fixture(name)));
    const found = tensors.map(({ name: tensorName, tensor }) => [tensorName, tensor.dtype, tensor.shape]);
    assert.deepEqual(found, expected, name);
  }
});

test("flags what would run when a file is loaded, and runs none of it", async () => {
  const { imports, completeness } = await summarise("malicious.pt");
  assert.deepEqual(
    imports.filter(({ trust }) => trust !== "known"),
    [{ name: "os.system", trust: "dangerous" }],
  );
  assert.equal(completeness.state, "whole");
});

test("still tells the epoch of a file whose end is missing", async () => {
  const bytes = fixture("checkpoint_epoch_3.pt");
  const { epoch, step, completeness } = await summarise("a.pt", bytes.subarray(0, 5000));
  assert.deepEqual(
    { epoch, step, completeness },
    {
      epoch: 3,
      step: 135,
      completeness: { state: "torn", reason: "the directory at its end is missing" },
    },
  );
  const early = await summarise("a.pt", bytes.subarray(0, 200));
  assert.deepEqual([early.epoch, early.completeness.state], [3, "torn"], "even when its pickle is cut off");
});

test("calls a zip torn whose storages do not have the bytes its tensors need", async () => {
  const short = buildTorchZip(pickleOfEpoch(7, 4), { "0": new Uint8Array(12) });
  assert.deepEqual((await summarise("a.pt", short)).completeness, {
    state: "torn",
    reason: "storage 0 has 12 of 16 bytes",
  });
  const without = buildTorchZip(pickleOfEpoch(7, 4));
  assert.deepEqual((await summarise("a.pt", without)).completeness, { state: "torn", reason: "storage 0 is missing" });
});

const data = { name: "archive/data/0", bytes: new Uint8Array(16) };
const pickle = { name: "archive/data.pkl", bytes: pickleOfEpoch(7) };
const version = { name: "archive/version", bytes: bytesOf("3\n") };

const sevens = new Uint8Array(16).fill(0x77);

/** With another value in the first byte of `sevens`, which the directory has a checksum of. */
function flipped(bytes: Uint8Array): Uint8Array {
  const offset = Buffer.from(bytes).indexOf(sevens);
  return bytes.map((byte, at) => (at === offset ? byte ^ 1 : byte));
}

function renamed(from: string, to: string): Uint8Array {
  return bytesOf(Buffer.from(pickle.bytes).toString("latin1").replace(from, to));
}

test("does not call a zip whole that contradicts itself", async () => {
  const cases: [string, Uint8Array][] = [
    ["bytes behind the end", bytesOf(buildCheckpoint(1), "trailing")],
    ["bytes before the first entry", buildZip([pickle, data, version], { prefix: bytesOf("PK\x03\x04junk") })],
    ["entries that share bytes", buildZip([pickle, { ...data, directory: { headerOffset: 0 } }, version])],
    ["an entry beyond the directory", buildZip([pickle, version, { ...data, directory: { headerOffset: 100_000 } }])],
    ["two objects", buildZip([pickle, { ...pickle, name: "other/data.pkl" }, data, version])],
    ["the same name twice", buildZip([pickle, pickle, data, version])],
    [
      "a name that leads outside",
      buildZip([pickle, data, version, { name: "archive/../../x", bytes: new Uint8Array() }]),
    ],
    ["another name in the entry's header", buildZip([{ ...pickle, localName: "archive/data.pkX" }, data, version])],
    ["a compressed object", buildZip([{ ...pickle, directory: { method: 8 } }, data, version])],
    ["an encrypted object", buildZip([{ ...pickle, directory: { flags: 1 } }, data, version])],
    [
      "a storage that torch takes for a folder",
      buildZip([pickle, { ...data, directory: { attributes: 0x10 } }, version]),
    ],
    ["an entry packed in an unknown way", buildZip([pickle, data, { ...version, directory: { method: 97 } }])],
    ["an entry that is a patch", buildZip([pickle, data, { ...version, directory: { flags: 0x0828 } }])],
    ["no version record", buildZip([pickle, data])],
    ["an object in another folder than the first entry", buildZip([{ ...version, name: "x/version" }, pickle, data])],
    ["a storage that does not match its checksum", flipped(buildZip([pickle, { ...data, bytes: sevens }, version]))],
    ["a storage of an unknown class", buildTorchZip(renamed("FloatStorage", "FloatStorags"), { "0": data.bytes })],
    ["a reference that is no storage", buildTorchZip(renamed("storage", "module_"), { "0": data.bytes })],
    [
      "a tensor larger than its storage",
      buildTorchZip(renamed("J\x04\0\0\0\x85", "J\x05\0\0\0\x85"), { "0": data.bytes }),
    ],
    ["no object", buildZip([data, version])],
  ];
  for (const [what, bytes] of cases) {
    const { completeness } = await summarise("a.pt", bytes);
    assert.notEqual(completeness.state, "whole", what);
    assert.notEqual(completeness.reason, "", what);
  }
});

test("takes the last end for the end of an archive, as torch and Python do", async () => {
  const comment = `PK\x05\x06${"\0".repeat(18)}`;
  const { completeness } = await summarise("a.pt", buildZip([pickle, data, version], { comment }));
  assert.equal(completeness.state, "unknown", completeness.reason);
});

test("does not call an archive torn whose end is there", async () => {
  const damagedEnd = Buffer.from(buildCheckpoint(1));
  damagedEnd.writeUInt16LE(9, damagedEnd.length - 2);
  const cases: [reason: string, Uint8Array][] = [
    ["8 bytes follow the end of the archive", bytesOf(buildCheckpoint(1), "trailing")],
    ["the comment is cut off", damagedEnd],
    ["storage 0 has 20 of 16 bytes", buildTorchZip(pickleOfEpoch(7, 4), { "0": new Uint8Array(20) })],
  ];
  for (const [reason, bytes] of cases) {
    const summary = await summarise("a.pt", bytes);
    assert.deepEqual(summary.completeness, { state: "unknown", reason });
    assert.equal(typeof summary.epoch, "number", "what can be read of it is shown");
  }
});

test("looks names up as torch does, without regard to case", async () => {
  const members = [pickle, { ...data, name: "archive/DATA/0" }, version];
  assert.equal((await summarise("a.pt", buildZip(members))).completeness.state, "whole");
});

test("reads a few kilobytes of a file of eight gigabytes", async () => {
  const sparse = sparseCheckpoint(pickleOfEpoch(9, 2_000_000_000), 8_000_000_000);
  const summary = await readCheckpointFile(sparse.source, "big.pt");
  assert.deepEqual([summary.epoch, summary.completeness.state, summary.parameterCount], [9, "whole", 2_000_000_000]);
  assert.ok(sparse.bytesRead() < 256 * 1024, `${sparse.bytesRead()} bytes were read`);
});

/** A zip of torch around one tensor of two by three, with some of its records replaced. */
/** The pickle of one tensor of six numbers at most; `view` is what only the format before torch 1.6 says of a storage. */
function pickleOfTensor(sizes: string, view = ""): string {
  const persistent = `((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nK\x06${view}tQ`;
  return `\x80\x02}S'w'\nctorch._utils\n_rebuild_tensor_v2\n${persistent}${sizes}\x89ccollections\nOrderedDict\n)RtRs.`;
}

function zipOfTensor(sizes: string, records: Readonly<Record<string, string>> = {}): Uint8Array {
  const object = pickleOfTensor(sizes);
  const members = { byteorder: "little", "data/0": "\0".repeat(24), version: "3\n", ...records };
  return buildZip([
    { name: "archive/data.pkl", bytes: bytesOf(object) },
    ...Object.entries(members).map(([name, text]) => ({ name: `archive/${name}`, bytes: bytesOf(text) })),
  ]);
}

const twoByThree = "K\0K\x02K\x03\x86K\x03K\x01\x86";

test("does not take for whole what torch refuses for its version, its byte order or how a tensor lies", async () => {
  const half = "G?\xe0\0\0\0\0\0\0";
  const cases: [bytes: Uint8Array, expected: RegExp][] = [
    [zipOfTensor(twoByThree), /^whole: /],
    [zipOfTensor(twoByThree, { version: "10\n", byteorder: "big" }), /^whole: /],
    [zipOfTensor(twoByThree, { version: "99\n" }), /^unknown: its version is "99", which torch does not read$/],
    [zipOfTensor(twoByThree, { version: "x" }), /^unknown: its version is "x", which torch does not read$/],
    [zipOfTensor(twoByThree, { version: "" }), /^unknown: its version is "", which torch does not read$/],
    [zipOfTensor(twoByThree, { ".data/version": "0" }), /^unknown: its version is "0", which torch does not read$/],
    [zipOfTensor(twoByThree, { byteorder: "middle" }), /^unknown: its byte order is "middle", neither little nor big$/],
    ...[
      "J\xff\xff\xff\xffK\x02K\x03\x86K\x03K\x01\x86",
      `${half}K\x02K\x03\x86K\x03K\x01\x86`,
      `K\0${half}K\x03\x86K\x03K\x01\x86`,
      "K\0K\x02K\x03\x86J\xff\xff\xff\xffK\x01\x86",
      "K\0K\x02K\x03\x86K\x03\x85",
      "K\0K\x02K\x03\x86N",
    ].map((sizes): [Uint8Array, RegExp] => [
      zipOfTensor(sizes),
      /^unknown: w has an offset, a size or strides that no tensor can have$/,
    ]),
    [zipOfTensor("K\x01K\x02K\x03\x86K\x03K\x01\x86"), /^torn: w does not fit into its storage$/],
  ];
  for (const [index, [bytes, expected]] of cases.entries()) {
    const { completeness } = await summarise("a.pt", bytes);
    assert.match(`${completeness.state}: ${completeness.reason}`, expected, `case ${index}`);
  }
});

test("takes no tensor for whole that lies outside its storage in the format before torch 1.6", async () => {
  const system = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.";
  const cases: [object: string, expected: string][] = [
    [pickleOfTensor(twoByThree), "whole: its storages end with the file"],
    [pickleOfTensor(twoByThree, "(S'1'\nK\0K\x06t"), "whole: its storages end with the file"],
    [pickleOfTensor("K\x01K\x02K\x03\x86K\x03K\x01\x86"), "torn: w does not fit into its storage"],
    [pickleOfTensor("K\0K\x02K\x03\x86K\x04K\x01\x86"), "torn: w does not fit into its storage"],
    [pickleOfTensor(twoByThree, "(S'1'\nK\x01K\x06t"), "torn: a view goes past the end of storage 0"],
  ];
  for (const [object, expected] of cases) {
    const bytes = bytesOf(system, object, "\x80\x02]S'0'\na.", u64(6), new Uint8Array(24));
    const { format, completeness } = await summarise("a.pt", bytes);
    assert.deepEqual([format, `${completeness.state}: ${completeness.reason}`], ["torch-legacy", expected]);
  }
});
