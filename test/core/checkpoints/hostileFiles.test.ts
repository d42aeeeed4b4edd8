import assert from "node:assert/strict";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import type { CheckpointSummary } from "../../../src/core/checkpoints/checkpointSummary.ts";
import { describeCheckpointFully } from "../../../src/core/checkpoints/describeCheckpoint.ts";
import { readCheckpointFile } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import {
  buildSafetensors,
  buildTorchZip,
  buildZip,
  bytesOf,
  concatBytes,
  u32,
  u64,
  type ZipMember,
} from "../../support/checkpointBuilders.ts";

/** Ten times what the slowest of these takes on a slow machine; the attacks would take minutes or all memory. */
const MAX_MS = 3_000;
const MAX_MEGABYTES = 400;

async function survive(name: string, bytes: Uint8Array): Promise<CheckpointSummary> {
  const memory = process.memoryUsage().rss;
  const started = performance.now();
  const summary = await readCheckpointFile(byteSourceOf(bytes), name);
  const text = describeCheckpointFully(summary);
  const tookMs = performance.now() - started;
  assert.ok(tookMs < MAX_MS, `took ${tookMs} ms`);
  assert.ok((process.memoryUsage().rss - memory) / 1e6 < MAX_MEGABYTES, "took too much memory");
  assert.ok(text.length < 20_000, `the description has ${text.length} characters`);
  JSON.stringify(summary);
  return summary;
}

function repeat(part: string, count: number): string {
  return part.repeat(count);
}

const pickles: Record<string, Uint8Array> = {
  "a memo number of four billion": bytesOf("}r", u32(0xffff_ffff), "."),
  "scattered memo numbers": bytesOf(
    "N",
    concatBytes(Array.from({ length: 150_000 }, (_, index) => bytesOf("r", u32(index * 7919 + 5)))),
    ".",
  ),
  "a text of four gigabytes": bytesOf("X", u32(0xffff_ffff), "a."),
  "bytes of eight exabytes": bytesOf("\x80\x04\x8e", u64(2n ** 63n - 1n), "a."),
  "a byte array of eight exabytes": bytesOf("\x80\x05\x96", u64(2n ** 63n - 1n), "a."),
  "a text of eight exabytes": bytesOf("\x80\x04\x8d", u64(2n ** 63n - 1n), "a."),
  "a frame of eight exabytes": bytesOf("\x80\x04\x95", u64(2n ** 63n - 1n), "}."),
  "an integer of four gigabytes": bytesOf("\x8b", u32(0xffff_ffff), "."),
  "an integer of negative length": bytesOf("\x8b", u32(0x8000_0000), "."),
  "an integer of a million digits": bytesOf(`L${repeat("9", 1_000_000)}L\n.`),
  "an integer of 60,000 bytes": bytesOf("\x8b", u32(60_000), repeat("\x7f", 60_000), "."),
  "a list in itself": bytesOf("}S'config'\n]q\x00h\x00as."),
  "a dictionary in itself": bytesOf("}q\x00S'config'\nh\x00s."),
  "an object whose state is itself": bytesOf("}S'model'\nca\nB\n)Rq\x00h\x00bs."),
  "forty levels of doubled tuples": bytesOf("}S'config'\n]", repeat("2\x86", 40), "s."),
  "forty levels of doubled lists": bytesOf("}S'model'\n(lq\x00", repeat("0]h\x00ah\x00aq\x00", 40), "s."),
  "200,000 nested lists": bytesOf("}S'config'\n", repeat("]", 200_000), repeat("a", 199_999), "s."),
  "200,000 nested tuples": bytesOf("}S'model'\nN", repeat("\x85", 200_000), "s."),
  "200,000 nested calls": bytesOf("}S'model'\nN", repeat("\x85ca\nb\n2R", 1), repeat("0", 1), "."),
  "wrapped parameters without end": bytesOf(
    "N",
    repeat("\x85q\x00ctorch._utils\n_rebuild_parameter\nh\x00R", 50_000),
    ".",
  ),
  "a million marks": bytesOf(repeat("(", 1_000_000), "."),
  "eight million values": bytesOf(repeat("N", 8_000_000), "."),
  "four million dictionaries": bytesOf(repeat("}", 4_000_000), "."),
  "twenty million opcodes": bytesOf(new Uint8Array(20_000_000).map((_, index) => (index % 2 === 0 ? 0x4e : 0x30))),
  "100,000 globals": bytesOf(concatBytes(Array.from({ length: 100_000 }, (_, index) => `cm\nn${index}\n0`)), "N."),
  "a global of a megabyte": bytesOf(`c${repeat("m", 1_000_000)}\nn\n.`),
  "a global that is no text": bytesOf("\x80\x04K\x01K\x02\x93."),
  "keys that change a prototype": bytesOf(
    "}S'__proto__'\n}S'epoch'\nK\x01ssS'config'\n}S'__proto__'\n}S'polluted'\nK\x01ssS'constructor'\nK\x02ss.",
  ),
  "metrics under the names of methods": bytesOf(
    "}S'metrics'\n}S'__proto__'\nK\x01sS'toString'\nK\x02sS'constructor'\nK\x03ss.",
  ),
  "an epoch that is a thousand lists": bytesOf("}S'epoch'\n", repeat("]", 1000), repeat("a", 999), "s."),
  "an epoch of 4,000 digits": bytesOf(`}S'epoch'\nL${repeat("9", 4000)}L\ns.`),
  "names that break a table": bytesOf("}S'config'\n}S'a|b\\n\\x1b[31m`'\nS'<script>|'\nss."),
  "ten thousand metrics": bytesOf(
    "}S'metrics'\n}",
    concatBytes(Array.from({ length: 10_000 }, (_, index) => `S'loss_${index}'\nK\x01s`)),
    "s.",
  ),
  "a config of a million entries": bytesOf(
    "}S'config'\n}(",
    concatBytes(Array.from({ length: 200_000 }, (_, index) => `I${index}\nN`)),
    "us.",
  ),
  "a config with texts of a megabyte": bytesOf(
    "}X",
    u32(6),
    "config}K\x01X",
    u32(1_000_000),
    repeat("x", 1_000_000),
    "ss.",
  ),
  "an unknown opcode": bytesOf("}\xff."),
  "a protocol of the future": bytesOf("\x80\xf0}."),
  "STOP alone": bytesOf("."),
  "a mark as the result": bytesOf("(."),
  "POP on nothing": bytesOf("0."),
  "BUILD on a function": bytesOf("cos\nsystem\n}b."),
  "TUPLE without a mark": bytesOf("t."),
  "a key without a value": bytesOf("}(K\x01u."),
  "a call without a tuple": bytesOf("cos\nsystem\nNR."),
  "a memo number that was never set": bytesOf("h\x07."),
  "a memo number that is no number": bytesOf("Np-1\n."),
};

for (const [what, pickle] of Object.entries(pickles)) {
  test(`survives a pickle with ${what}`, async () => {
    const summary = await survive("a.pt", buildTorchZip(pickle));
    assert.ok(["whole", "unknown"].includes(summary.completeness.state), summary.completeness.reason);
    assert.equal("polluted" in {}, false);
    const cut = await survive("a.pt", buildTorchZip(pickle).subarray(0, -30));
    assert.equal(cut.completeness.state, "torn");
  });
}

const tensorOf = (storage: string, size: string, offset = "K\x00"): Uint8Array =>
  bytesOf(`}S'model'\n}S'w'\nctorch._utils\n_rebuild_tensor_v2\n(${storage}Q${offset}${size}${size}\x89NtRss.`);
const float4 = "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nK\x04t";

const tensors: Record<string, Uint8Array> = {
  "a size of a million dimensions": tensorOf(float4, `(${repeat("K\x02", 1_000_000)}t`),
  "a negative size": tensorOf(float4, "J\xff\xff\xff\xff\x85"),
  "an offset beyond its storage": tensorOf(float4, "K\x01\x85", "J\xff\xff\xff\x7f"),
  "a storage whose key is a path": tensorOf(
    "(S'storage'\nctorch\nFloatStorage\nS'../../../etc/passwd'\nS'cpu'\nK\x04t",
    "K\x04\x85",
  ),
  "a storage of 2^70 numbers": tensorOf(
    "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nL1180591620717411303424L\nt",
    "K\x04\x85",
  ),
  "a storage of a class that is none": tensorOf("(S'storage'\nS'FloatStorage'\nS'0'\nS'cpu'\nK\x04t", "K\x04\x85"),
  "a storage that is a list in itself": tensorOf("]q\x00h\x00a", "K\x04\x85"),
};

for (const [what, pickle] of Object.entries(tensors)) {
  test(`survives a tensor with ${what}`, async () => {
    const summary = await survive("a.pt", buildTorchZip(pickle, { "0": new Uint8Array(16) }));
    assert.notEqual(summary.completeness.reason, "");
  });
}

const pickleMember: ZipMember = { name: "archive/data.pkl", bytes: bytesOf("}.") };

const archives: Record<string, Uint8Array> = {
  "a pickle that claims two gigabytes": buildZip([{ ...pickleMember, directory: { sizeBytes: 0x7fff_ffff } }]),
  "a pickle that unpacks a thousandfold": buildZip([
    { ...pickleMember, directory: { method: 8, sizeBytes: 0x7fff_ffff, storedBytes: 2 } },
  ]),
  "ten thousand entries over the same bytes": buildZip(
    Array.from({ length: 10_000 }, (_, index) => ({
      name: `archive/data/${index}`,
      bytes: bytesOf("x"),
      directory: { headerOffset: 0 },
    })),
  ),
  "two thousand ends": bytesOf(
    "PK\x03\x04",
    concatBytes(Array.from({ length: 2000 }, () => bytesOf("PK\x05\x06", new Uint8Array(18)))),
  ),
  "a directory larger than the file": bytesOf(
    "PK\x03\x04",
    "PK\x05\x06",
    new Uint8Array(8),
    u32(0xffff_fff0),
    u32(4),
    [0, 0],
  ),
  "a directory of a size it does not have": bytesOf(
    "PK\x03\x04",
    "PK\x05\x06",
    [0, 0, 0, 0, 255, 255, 255, 255],
    u32(4),
    u32(0),
    [0, 0],
  ),
  "a zip64 end that points to itself": bytesOf(
    "PK\x03\x04",
    new Uint8Array(60),
    "PK\x06\x07",
    u32(0),
    u64(64),
    u32(1),
    "PK\x05\x06",
    new Uint8Array(18),
  ),
  "a zip64 end beyond 2^53": bytesOf(
    "PK\x03\x04",
    new Uint8Array(60),
    "PK\x06\x07",
    u32(0),
    u64(2n ** 63n),
    u32(1),
    "PK\x05\x06",
    new Uint8Array(18),
  ),
  "names with line breaks and colours": buildZip([{ ...pickleMember, name: "a\n|\x1b[31m/data.pkl" }]),
  "a name of 60,000 characters": buildZip([{ ...pickleMember, name: `${repeat("a", 60_000)}/data.pkl` }]),
  "an absolute name": buildZip([pickleMember, { name: "/etc/passwd", bytes: new Uint8Array() }]),
  "a name with a backslash": buildZip([pickleMember, { name: "archive\\..\\x", bytes: new Uint8Array() }]),
  "a name with a zero byte": buildZip([pickleMember, { name: "archive/x\0", bytes: new Uint8Array() }]),
};

for (const [what, bytes] of Object.entries(archives)) {
  test(`does not take an archive for whole with ${what}`, async () => {
    const summary = await survive("a.pt", bytes);
    assert.notEqual(summary.completeness.state, "whole");
  });
}

const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const safetensors: Record<string, Uint8Array> = {
  "a header of eight exabytes": bytesOf(u64(2n ** 62n), "{"),
  "a header of 90 megabytes that is not there": bytesOf(u64(90_000_000), "{}"),
  "a header that is a number": buildSafetensors("17", 0),
  "a header nested 100,000 deep": buildSafetensors(repeat('{"a":', 100_000), 0),
  "a header of one open text": buildSafetensors(`{"${repeat("\\", 1_000_000)}`, 0),
  "the same tensor twice": buildSafetensors(
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
    8,
  ),
  "tensors that overlap": buildSafetensors({ a: tensor, b: tensor }, 8),
  "a hole between tensors": buildSafetensors({ a: tensor, b: { ...tensor, data_offsets: [16, 24] } }, 24),
  "offsets in the wrong order": buildSafetensors({ a: { ...tensor, data_offsets: [8, 0] } }, 8),
  "offsets that are no numbers": buildSafetensors({ a: { ...tensor, data_offsets: ["0", "8"] } }, 8),
  "a shape that is larger than its bytes": buildSafetensors({ a: { ...tensor, shape: [1e9, 1e9] } }, 8),
  "a negative shape": buildSafetensors({ a: { ...tensor, shape: [-2] } }, 8),
  "bytes behind its tensors": buildSafetensors({ a: tensor }, 9),
  "a tensor that is null": buildSafetensors({ a: null }, 0),
};

for (const [what, bytes] of Object.entries(safetensors)) {
  test(`does not take safetensors for whole with ${what}`, async () => {
    const summary = await survive("a.safetensors", bytes);
    assert.notEqual(summary.completeness.state, "whole");
  });
}

test("keeps a tensor and metadata that are named like a prototype", async () => {
  const header =
    '{"__metadata__":{"__proto__":"1","val_loss":"0.5"},"__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const summary = await survive("a.safetensors", buildSafetensors(header, 8));
  assert.deepEqual([summary.completeness.state, summary.tensorCount, summary.metrics], ["whole", 1, { val_loss: 0.5 }]);
});

test("names the callable at the end of an import chain", async () => {
  const chains: [string, string][] = [
    ["cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"],
    ["c__builtin__\nexec\n(S'1'\ntR.", "builtins.exec"],
    ["cnt\nsystem\n(S'1'\ntR.", "os.system"],
    ["csubprocess\nPopen\n(S'1'\ntR.", "subprocess.Popen"],
    ["\x80\x04\x8c\x05torch\x8c\x09os.system\x93.", "torch.os.system"],
    ["cnumpy.testing._private.utils\nrunstring\n(S'1'\ntR.", "numpy.testing._private.utils.runstring"],
    ["cbuiltins\ngetattr\n(N.", "builtins.getattr"],
    ["ctorch.hub\nload\n(N.", "torch.hub.load"],
    ["ctorch\nload\n(N.", "torch.load"],
    ["coperator\nattrgetter\n(N.", "operator.attrgetter"],
  ];
  for (const [pickle, expected] of chains) {
    const { imports } = await survive("a.pt", buildTorchZip(bytesOf(pickle)));
    const flagged = imports.filter(({ trust }) => trust !== "known").map(({ name }) => name);
    assert.deepEqual(flagged, [expected]);
  }
});
