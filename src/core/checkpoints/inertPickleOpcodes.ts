import { decodeUtf8 } from "../base/shortText.ts";
import type { PickleMachine } from "./inertPickleMachine.ts";
import {
  parseQuotedText,
  parseRawUnicode,
  parseWrittenInteger,
  readLittleEndianInteger,
} from "./inertPickleNumbers.ts";
import type { PickleSequence, PickleValue } from "./inertPickleValue.ts";
import { isNode } from "./inertPickleValue.ts";

/*
 * Every opcode of pickle protocols 0 to 5, named as in CPython's pickletools. A handler moves values between
 * the pickle's bytes, the stack and the memo; none looks a name up or calls anything.
 */

type Handler = (machine: PickleMachine) => void;

export const STOP = 0x2e;

/** Tuples cannot change, so every empty one may be the same. */
const emptyTuple: PickleSequence = { kind: "tuple", items: [] };

const constants: Record<string, Handler> = {
  N: (m) => m.push(null),
  "\x88": (m) => m.push(true),
  "\x89": (m) => m.push(false),
  I: (m) => m.push(parseLegacyInteger(m)),
  J: (m) => m.push(m.reader.i32()),
  K: (m) => m.push(m.reader.u8()),
  M: (m) => m.push(m.reader.u16()),
  L: (m) => m.push(parseWrittenInteger(line(m).replace(/L$/, ""), m)),
  "\x8a": (m) => m.push(readLittleEndianInteger(m, m.reader.u8())),
  "\x8b": (m) => m.push(readLittleEndianInteger(m, m.reader.u32())),
  F: (m) => m.push(Number(line(m).replace(/^([+-]?)inf$/, "$1Infinity"))),
  G: (m) => m.push(m.reader.f64BigEndian()),
  S: (m) => m.push(parseQuotedText(byteLine(m), m)),
  T: (m) => m.push(m.reader.text(m.reader.u32())),
  U: (m) => m.push(m.reader.text(m.reader.u8())),
  V: (m) => m.push(parseRawUnicode(byteLine(m))),
  X: (m) => m.push(m.reader.text(m.reader.u32())),
  "\x8c": (m) => m.push(m.reader.text(m.reader.u8())),
  "\x8d": (m) => m.push(m.reader.text(m.reader.u64())),
  B: (m) => m.push(m.reader.bytes(m.reader.u32())),
  C: (m) => m.push(m.reader.bytes(m.reader.u8())),
  "\x8e": (m) => m.push(m.reader.bytes(m.reader.u64())),
  "\x96": (m) => m.push(m.reader.bytes(m.reader.u64())),
  "\x97": (m) => m.pushNode({ kind: "buffer" }),
  "\x98": (m) => void m.top(),
};

const collections: Record<string, Handler> = {
  ")": (m) => m.push(emptyTuple),
  "]": (m) => m.pushNode({ kind: "list", items: [] }),
  "}": (m) => m.pushNode({ kind: "dict", entries: new Map() }),
  "\x8f": (m) => m.pushNode({ kind: "set", items: [] }),
  t: (m) => m.pushNode({ kind: "tuple", items: m.popToMark() }),
  l: (m) => m.pushNode({ kind: "list", items: m.popToMark() }),
  d: (m) => {
    const pairs = m.popToMark();
    m.pushNode({ kind: "dict", entries: new Map() });
    m.setItems(m.top(), pairs);
  },
  "\x91": (m) => m.pushNode({ kind: "frozenset", items: m.popToMark() }),
  "\x85": (m) => m.pushNode({ kind: "tuple", items: [m.pop()] }),
  "\x86": (m) => {
    const second = m.pop();
    m.pushNode({ kind: "tuple", items: [m.pop(), second] });
  },
  "\x87": (m) => {
    const third = m.pop();
    const second = m.pop();
    m.pushNode({ kind: "tuple", items: [m.pop(), second, third] });
  },
  a: (m) => {
    const item = m.pop();
    m.appendTo(m.top(), [item]);
  },
  e: (m) => {
    const items = m.popToMark();
    m.appendTo(m.top(), items);
  },
  "\x90": (m) => {
    const items = m.popToMark();
    m.appendTo(m.top(), items);
  },
  s: (m) => {
    const value = m.pop();
    const key = m.pop();
    m.setItems(m.top(), [key, value]);
  },
  u: (m) => {
    const pairs = m.popToMark();
    m.setItems(m.top(), pairs);
  },
};

const stackAndMemo: Record<string, Handler> = {
  "(": (m) => m.mark(),
  "0": (m) => m.popValueOrMark(),
  "1": (m) => void m.popToMark(),
  "2": (m) => m.push(m.top()),
  p: (m) => m.remember(memoNumber(m), m.top()),
  q: (m) => m.remember(m.reader.u8(), m.top()),
  r: (m) => m.remember(m.reader.u32(), m.top()),
  "\x94": (m) => m.remember(m.memoSize(), m.top()),
  g: (m) => m.push(m.recall(memoNumber(m))),
  h: (m) => m.push(m.recall(m.reader.u8())),
  j: (m) => m.push(m.recall(m.reader.u32())),
  P: (m) => m.pushPersistent(line(m)),
  Q: (m) => m.pushPersistent(m.pop()),
  "\x80": (m) => {
    m.protocol = m.reader.u8();
    if (m.protocol > 5) {
      throw m.reader.error(`pickle protocol ${m.protocol} is not known`);
    }
  },
  // Nothing is read by a frame's length, which could be anything; Python refuses one that ends behind the bytes.
  "\x95": (m) => {
    const low = m.reader.u32();
    m.frameEnd = low + m.reader.u32() * 2 ** 32 + m.reader.position;
  },
};

const calls: Record<string, Handler> = {
  c: (m) => {
    const moduleName = line(m);
    m.pushGlobal(moduleName, line(m));
  },
  "\x93": (m) => {
    const name = m.pop();
    const moduleName = m.pop();
    if (typeof name !== "string" || typeof moduleName !== "string") {
      throw m.reader.error("a class or function is named by something that is no text");
    }
    m.pushGlobal(moduleName, name);
  },
  "\x82": (m) => m.pushGlobal("copyreg extension", String(m.reader.u8())),
  "\x83": (m) => m.pushGlobal("copyreg extension", String(m.reader.u16())),
  "\x84": (m) => m.pushGlobal("copyreg extension", String(m.reader.i32())),
  R: pushCall,
  "\x81": pushCall,
  "\x92": (m) => {
    const keywords = m.pop();
    const args = m.popTuple();
    m.pushCall({ kind: "call", callable: m.pop(), args, keywords });
  },
  o: (m) => {
    const [callable, ...args] = m.popToMark();
    if (callable === undefined) {
      throw m.reader.error("an object is made from nothing");
    }
    m.pushCall({ kind: "call", callable, args });
  },
  i: (m) => {
    const moduleName = line(m);
    m.pushGlobal(moduleName, line(m));
    const callable = m.pop();
    m.pushCall({ kind: "call", callable, args: m.popToMark() });
  },
  b: (m) => {
    const state = m.pop();
    const target = m.top();
    // Python would set attributes of a class or function here; there is nothing to describe then.
    if (isNode(target) && target.kind === "call") {
      target.state = state;
      m.onBuild?.(target, m);
    }
  },
};

export const opcodeHandlers: readonly (Handler | undefined)[] = tabulate(constants, collections, stackAndMemo, calls);

function tabulate(...groups: readonly Record<string, Handler>[]): (Handler | undefined)[] {
  const table = Array.from<Handler | undefined>({ length: 256 });
  for (const [opcode, handler] of groups.flatMap((group) => Object.entries(group))) {
    table[opcode.charCodeAt(0)] = handler;
  }
  return table;
}

function pushCall(machine: PickleMachine): void {
  const args = machine.popTuple();
  machine.pushCall({ kind: "call", callable: machine.pop(), args });
}

function line(machine: PickleMachine): string {
  return decodeUtf8(machine.reader.line(machine.limits.lineBytes));
}

/** A line with one character per byte. TextDecoder's "latin1" is windows-1252 and would change 0x80 to 0x9f. */
function byteLine(machine: PickleMachine): string {
  return Array.from(machine.reader.line(machine.reader.remaining), (byte) => String.fromCharCode(byte)).join("");
}

function memoNumber(machine: PickleMachine): number {
  const index = machine.reader.digitsLine() ?? parseWrittenInteger(line(machine), machine);
  if (typeof index !== "number" || index < 0) {
    throw machine.reader.error("a memo number is not a number");
  }
  return index;
}

/** Protocol 0 and 1 write True and False as the integers 01 and 00. */
function parseLegacyInteger(machine: PickleMachine): PickleValue {
  const { reader } = machine;
  const start = reader.position;
  const value = reader.digitsLine();
  if (value === undefined) {
    return parseWrittenInteger(line(machine), machine);
  }
  const isTruth = value <= 1 && reader.position - start === "01\n".length;
  return isTruth ? value === 1 : value;
}
