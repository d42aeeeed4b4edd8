import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readInertPickle } from "../../../src/core/checkpoints/inertPickle.ts";
import { opcodeHandlers, STOP } from "../../../src/core/checkpoints/inertPickleOpcodes.ts";
import { entriesOf, isNode, type PickleValue } from "../../../src/core/checkpoints/inertPickleValue.ts";
import { collectTorchMetrics } from "../../../src/core/checkpoints/torchMetrics.ts";
import { bytesOf, u32, u64 } from "../../support/checkpointBuilders.ts";

/** Every opcode that CPython 3.14's pickletools knows. */
const allOpcodes =
  "I J K M L \x8a \x8b S T U B C \x8e \x96 \x97 \x98 N \x88 \x89 V \x8c X \x8d F G ] a e l ) t \x85 \x86 \x87 } d s u \x8f " +
  "\x90 \x91 0 2 ( 1 g h j p q r \x94 \x82 \x83 \x84 c \x93 R b i o \x81 \x92 \x80 \x95 P Q";

/** A described value with its nodes as plain arrays and objects, for comparison. */
function plain(value: PickleValue | undefined): unknown {
  if (!isNode(value)) {
    return value instanceof Uint8Array ? [...value] : value;
  }
  switch (value.kind) {
    case "dict":
      return new Map([...value.entries].map(([key, item]) => [plain(key), plain(item)]));
    case "list":
    case "tuple":
    case "set":
    case "frozenset":
      return { [value.kind]: value.items.map(plain) };
    case "global":
      return `${value.module}.${value.name}`;
    case "persistent":
      return { persistent: plain(value.id) };
    case "buffer":
      return "buffer";
    case "call":
    default:
      return Object.fromEntries(
        Object.entries({
          call: plain(value.callable),
          args: value.args.map(plain),
          keywords: value.keywords && plain(value.keywords),
          state: value.state && plain(value.state),
          items: value.items?.map(plain),
          entries: value.entries && new Map([...value.entries].map(([key, item]) => [plain(key), plain(item)])),
        }).filter(([, item]) => item !== undefined),
      );
  }
}

function check(pickle: Uint8Array, expected: unknown): void {
  const reading = readInertPickle(pickle);
  assert.deepEqual(reading.outcome, { kind: "complete" });
  assert.deepEqual(plain(reading.root), expected);
}

test("knows every opcode of protocols 0 to 5 and no other", () => {
  const expected = new Set(allOpcodes.split(" ").map((opcode) => opcode.charCodeAt(0)));
  assert.equal(expected.size, 67);
  const known = opcodeHandlers.flatMap((handler, opcode) => (handler === undefined ? [] : [opcode]));
  assert.deepEqual(new Set(known), expected);
  assert.equal(opcodeHandlers[STOP], undefined, "STOP ends the loop itself");
});

test("reads what CPython writes in each protocol", () => {
  const streams: unknown = JSON.parse(readFileSync("test/fixtures/checkpoints/pickleProtocols.json", "utf8"));
  assert.ok(Array.isArray(streams));
  assert.equal(streams.length, 6);
  for (const [protocol, hex] of streams.entries()) {
    const reading = readInertPickle(new Uint8Array(Buffer.from(String(hex), "hex")));
    assert.deepEqual(reading.outcome, { kind: "complete" }, `protocol ${protocol}`);
    const root = plain(reading.root);
    assert.ok(root instanceof Map);
    const bytes = root.get("bytes");
    root.delete("bytes");
    assert.deepEqual(root, cpythonValue, `protocol ${protocol}`);
    // Below protocol 3 there is no opcode for bytes.
    assert.deepEqual(bytes, protocol < 3 ? { call: "_codecs.encode", args: ["\0ÿ", "latin1"] } : [0, 255]);
    assert.equal(reading.protocol, protocol < 2 ? 0 : protocol);
  }
});

const cpythonValue = new Map<unknown, unknown>([
  ["none", null],
  ["flags", { list: [true, false] }],
  ["small", 7],
  ["word", 70000],
  ["negative", -1],
  ["long", 2n ** 70n],
  ["big", -(2n ** 200n)],
  ["float", 0.1],
  ["text", "Grüße 😀"],
  ["tuple", { tuple: [1, { tuple: [2, 3, 4, 5] }] }],
  ["empty", { list: [{ tuple: [] }, { list: [] }, new Map()] }],
  ["nested", new Map([["a", new Map([["b", { list: [1, 2, new Map([["c", 3]])] }]])]])],
  ["__proto__", 1],
  ["2", "two"],
  [2, "int two"],
]);

test("describes calls instead of making them", () => {
  check(bytesOf("cos\nsystem\n(S'echo'\ntR."), { call: "os.system", args: ["echo"] });
  check(bytesOf("(S'echo'\nios\nsystem\n."), { call: "os.system", args: ["echo"] });
  check(bytesOf("(cos\nsystem\nS'echo'\no."), { call: "os.system", args: ["echo"] });
  check(bytesOf("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04echo\x85\x81."), { call: "os.system", args: ["echo"] });
  check(bytesOf("\x80\x04ca\nB\n)}S'k'\nK\x01s\x92."), { call: "a.B", args: [], keywords: new Map([["k", 1]]) });
  check(bytesOf("\x82\x07."), "copyreg extension.7");
});

test("keeps what a pickle does to the result of a call", () => {
  check(bytesOf("ca\nB\n)RK\x01b."), { call: "a.B", args: [], state: 1 });
  check(bytesOf("ca\nB\n)RK\x01a."), { call: "a.B", args: [], items: [1] });
  // Pickle appends a thousand items at a time.
  check(bytesOf("ca\nB\n)R(K\x01e(K\x02K\x03e."), { call: "a.B", args: [], items: [1, 2, 3] });
  check(bytesOf("ca\nB\n)R(K\x01K\x02u."), { call: "a.B", args: [], entries: new Map([[1, 2]]) });
});

test("keeps keys that would change a JavaScript object", () => {
  check(bytesOf("}S'__proto__'\n}S'polluted'\nK\x01ss."), new Map([["__proto__", new Map([["polluted", 1]])]]));
  assert.equal("polluted" in {}, false);
});

test("reads sets, byte arrays and out-of-band buffers", () => {
  check(bytesOf("\x80\x04\x8f(K\x01K\x02\x90."), { set: [1, 2] });
  check(bytesOf("\x80\x04(K\x01\x91."), { frozenset: [1] });
  check(bytesOf("\x80\x05\x96", u64(2), "ab."), [97, 98]);
  check(bytesOf("\x80\x05\x97\x98."), "buffer");
});

test("reads the numbers and texts of protocol 0 as Python writes them", () => {
  check(bytesOf("I01\n."), true);
  check(bytesOf("I00\n."), false);
  check(bytesOf("I1\n."), 1);
  check(bytesOf("I001\n."), 1);
  check(bytesOf("I999999999999999\n."), 999_999_999_999_999);
  check(bytesOf("I12345678901234567890\n."), 12345678901234567890n);
  check(bytesOf("I-12\n."), -12);
  check(bytesOf("L123456789012345678901L\n."), 123456789012345678901n);
  check(bytesOf("F-inf\n."), Number.NEGATIVE_INFINITY);
  check(bytesOf("F1e-3\n."), 0.001);
  check(bytesOf("S'a\\n\\x41\\'\\\\'\n."), "a\nA'\\");
  check(bytesOf("V\\u00fc\\U0001f600\n."), "ü😀");
});

test("takes memo numbers in any order", () => {
  check(bytesOf("K\x07r", u32(0xffff_ffff), "0j", u32(0xffff_ffff), "."), 7);
  check(bytesOf("\x80\x04K\x07\x94K\x08\x94h\x00."), 7);
  // Number 1 is set before its turn, then 0, then 1 again: the later value counts, as in CPython.
  check(bytesOf("\x80\x04K\x07q\x01K\x09q\x00K\x08q\x01h\x01."), 8);
  check(bytesOf("\x80\x04K\x07q\x01K\x09q\x00K\x08q\x01K\x06\x94h\x02."), 6);
});

test("gives the outermost entries of a pickle that is cut off", () => {
  const cut = bytesOf("\x80\x02}(X", u32(5), "epochK\x07X", u32(5), "model}(X", u32(9), "unfin");
  const reading = readInertPickle(cut);
  assert.deepEqual(reading.outcome, { kind: "truncated" });
  assert.deepEqual(
    plain(reading.root),
    new Map<unknown, unknown>([
      ["epoch", 7],
      ["model", new Map()],
    ]),
  );
});

test("lists what a broken pickle would have imported before it breaks", () => {
  const reading = readInertPickle(bytesOf("cos\nsystem\n(S'echo'\ntR\xff"));
  assert.equal(reading.outcome.kind, "malformed");
  assert.deepEqual(
    reading.globals.map((global) => global.name),
    ["system"],
  );
});

test("says where the next pickle of a file begins", () => {
  assert.equal(readInertPickle(bytesOf("K\x01.K\x02.")).endOffset, 3);
});

function outcomeOfFrame(length: number): string {
  return readInertPickle(bytesOf("\x80\x04\x95", u64(length), "N.")).outcome.kind;
}

test("a frame that ends behind the bytes is missing some, as Python says", () => {
  assert.deepEqual([2, 3, 500, 2 ** 50].map(outcomeOfFrame), ["complete", "truncated", "truncated", "truncated"]);
});

test("finds the measures of a checkpoint, also in a group that is divided by the data", () => {
  const val = "(dS'acc'\nF0.9\nsS'epoch'\nI3\ns";
  const { root } = readInertPickle(bytesOf(`(dS'val_loss'\nF0.5\nsS'metrics'\n(dS'val'\n${val}sS'f1'\nF0.8\nss.`));
  assert.deepEqual(collectTorchMetrics(entriesOf(root) ?? new Map()), [
    ["val_loss", 0.5],
    ["val/acc", 0.9],
    ["f1", 0.8],
  ]);
});
