import { EndOfBytesError } from "../base/byteReader.ts";
import { FormatError } from "../base/errors.ts";
import { type PickleLimits, type PickleListeners, PickleMachine, pickleLimits } from "./inertPickleMachine.ts";
import { opcodeHandlers, STOP } from "./inertPickleOpcodes.ts";
import {
  calledName,
  isNode,
  type PickleCall,
  type PickleGlobal,
  type PicklePersistent,
  type PickleValue,
} from "./inertPickleValue.ts";

/*
 * A pickle is a program for a small stack machine:
 *
 *   80 02            PROTO 2           which opcodes may follow
 *   7d               EMPTY_DICT        push {}
 *   71 00            BINPUT 0          remember the top of the stack as number 0
 *   58 05 00 00 00 … BINUNICODE        push a text of five bytes
 *   4b 07            BININT1 7         push 7
 *   73               SETITEM           take both, set them in the dictionary below
 *   63 …\n …\n       GLOBAL            push what `import module; module.name` gives: here, only its name
 *   52               REDUCE            call it: here, only a note that it would be called
 *   2e               STOP              the top of the stack is the result
 *
 * Loading a pickle runs whatever it names. Here nothing is imported, called or executed: the machine only
 * moves values, so that epoch, metrics and tensor shapes can be read from a file nobody trusts.
 */

export type PickleReading = {
  /** `truncated`: the bytes ended before STOP, as in a file still being written. */
  outcome: { kind: "complete" } | { kind: "truncated" } | { kind: "malformed"; reason: string };
  /** The result; for an incomplete pickle what is known of its outermost dictionary. */
  root: PickleValue | undefined;
  /**
   * Everything that loading it would import, in order of appearance, also where the pickle breaks off. One without a name
   * stands for what was not read, since the pickle is larger than the limits.
   */
  globals: readonly PickleGlobal[];
  persistents: readonly PicklePersistent[];
  protocol: number;
  /** How many bytes were read; for a complete pickle, where the next one may begin. */
  endOffset: number;
  opcodeCount: number;
};

/** Describes one pickle. Never throws for its content: what breaks it is part of the reading. */
export function readInertPickle(
  bytes: Uint8Array,
  limits: PickleLimits = pickleLimits,
  listeners: PickleListeners = {},
): PickleReading {
  return readNested(bytes, limits, listeners, 0);
}

function readNested(
  bytes: Uint8Array,
  limits: PickleLimits,
  { onBuild, onPersistent }: PickleListeners,
  depth: number,
): PickleReading {
  const machine = new PickleMachine(bytes, limits);
  machine.onBuild = onBuild;
  machine.onPersistent = onPersistent;
  machine.onCall = (call) => addNested(machine, call, depth);
  let outcome: PickleReading["outcome"];
  let root: PickleValue | undefined;
  try {
    root = run(machine);
    outcome = { kind: "complete" };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    outcome = error instanceof EndOfBytesError ? { kind: "truncated" } : { kind: "malformed", reason: error.message };
    root = machine.partialRoot();
  }
  return {
    outcome,
    root,
    globals: [...machine.globals.values()],
    persistents: machine.persistents,
    protocol: machine.protocol,
    endOffset: machine.reader.position,
    opcodeCount: machine.opcodeCount,
  };
}

function run(machine: PickleMachine): PickleValue {
  const { reader, limits } = machine;
  for (; machine.opcodeCount < limits.opcodes; machine.opcodeCount++) {
    const opcode = reader.u8();
    if (opcode === STOP) {
      return machine.pop();
    }
    const handler = opcodeHandlers[opcode];
    if (handler === undefined) {
      throw reader.error(`0x${opcode.toString(16)} is no pickle opcode`, reader.position - 1);
    }
    handler(machine);
  }
  throw machine.exceeded(`it has more than ${limits.opcodes} opcodes`);
}

/** How a tensor is pickled without torch.save: as a file of torch in a row of bytes, which is loaded as one. */
const LOADER = "torch.storage._load_from_bytes";
const MAX_NESTING = 3;
/** A file of torch's older kind, as it is then, has five pickles. */
const MAX_NESTED_PICKLES = 5;

/** What the bytes inside would import counts as what the pickle around them imports. */
function addNested(machine: PickleMachine, call: PickleCall, depth: number): void {
  const bytes = calledName(call) === LOADER ? bytesIn(call.args[0]) : undefined;
  if (bytes === undefined) {
    return;
  }
  if (depth >= MAX_NESTING) {
    throw machine.exceeded("pickles are nested deeper than any real one");
  }
  for (let offset = 0, count = 0; offset < bytes.length && count < MAX_NESTED_PICKLES; count++) {
    const nested = readNested(bytes.subarray(offset), machine.limits, {}, depth + 1);
    nested.globals.forEach(({ module, name }) => machine.addGlobal(module, name));
    offset = nested.outcome.kind === "complete" ? offset + nested.endOffset : bytes.length;
  }
}

/** Below protocol 3 bytes are written as a text of one character each. */
function bytesIn(value: PickleValue | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) {
    return value;
  }
  const [text] = isNode(value) && value.kind === "call" && calledName(value) === "_codecs.encode" ? value.args : [];
  return typeof text === "string" ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : undefined;
}
