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
import { isTarHeader } from "./tarMembers.ts";
import { isZip } from "./zipArchive.ts";

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
   * stands for what was not read, since the pickle is larger than the limits. What loads bytes inside the pickle is among
   * them unless all those bytes were read: then what they import is.
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
  const nested = new NestedBytes(machine, depth);
  machine.onCall = (call) => nested.add(call);
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
  machine.forgetLoaderReadIn(nested.callsRead);
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
      if (machine.frameEnd > reader.position + reader.remaining) {
        throw new EndOfBytesError("pickle", reader.position, "its last frame is longer than the bytes");
      }
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

const MAX_NESTING = 3;
/** A file of torch's older kind, as torch writes into bytes, has five pickles. */
const MAX_NESTED_PICKLES = 5;
const TAR_BLOCK_BYTES = 512;

/** What bytes that are loaded would import counts as what the pickle around them imports. */
class NestedBytes {
  callsRead = 0;
  readonly #machine: PickleMachine;
  readonly #depth: number;
  /** A memo can hand the same bytes to a million calls. */
  readonly #known = new Map<Uint8Array | string, boolean>();

  constructor(machine: PickleMachine, depth: number) {
    this.#machine = machine;
    this.#depth = depth;
  }

  add(call: PickleCall): void {
    const hasOneArgument = call.args.length === 1 && call.keywords === undefined;
    if (!hasOneArgument || !this.#machine.isLoader(call.callable) || this.#machine.hasChangedBytes) {
      return;
    }
    const literal = literalOf(call.args[0]);
    if (literal === undefined) {
      return;
    }
    const isRead = this.#known.get(literal) ?? this.#read(bytesOf(literal));
    this.#known.set(literal, isRead);
    this.callsRead += isRead ? 1 : 0;
  }

  /** Whether all that is loaded was read. A zip or a tar is not: torch writes neither here, and loads both. */
  #read(bytes: Uint8Array): boolean {
    if (this.#depth >= MAX_NESTING) {
      throw this.#machine.exceeded("pickles are nested deeper than any real one");
    }
    let isRead = !isZip(bytes) && !isTarHeader(bytes.subarray(0, TAR_BLOCK_BYTES));
    for (let offset = 0, count = 0; offset < bytes.length && count < MAX_NESTED_PICKLES; count++) {
      const nested = readNested(bytes.subarray(offset), this.#machine.limits, {}, this.#depth + 1);
      const names = nested.globals.map(({ module, name }) => this.#machine.addGlobal(module, name));
      const isComplete = nested.outcome.kind === "complete";
      isRead &&= isComplete && !names.some((name) => this.#machine.isLoader(name));
      offset = isComplete ? offset + nested.endOffset : bytes.length;
    }
    return isRead;
  }
}

/** Bytes as they are written in the pickle. Below protocol 3 they are a text of one character each. */
function literalOf(value: PickleValue | undefined): Uint8Array | string | undefined {
  if (value instanceof Uint8Array) {
    return value;
  }
  const isEncoded = isNode(value) && value.kind === "call" && calledName(value) === "_codecs.encode";
  const [text, encoding] = isEncoded ? value.args : [];
  return typeof text === "string" && encoding === "latin1" ? text : undefined;
}

function bytesOf(literal: Uint8Array | string): Uint8Array {
  return typeof literal === "string" ? Uint8Array.from(literal, (character) => character.charCodeAt(0)) : literal;
}
