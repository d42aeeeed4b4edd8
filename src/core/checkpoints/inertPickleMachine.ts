import { ByteReader } from "../base/byteReader.ts";
import type { FormatError } from "../base/errors.ts";
import type {
  PickleCall,
  PickleDict,
  PickleGlobal,
  PickleNode,
  PicklePersistent,
  PickleValue,
} from "./inertPickleValue.ts";
import { isNode } from "./inertPickleValue.ts";

/**
 * What a pickle may cost. A model with 100,000 tensors and its Adam state needs about 9 million opcodes and
 * 2 million nodes; the densest harmful file then stays below a second and a few hundred megabytes.
 */
export const pickleLimits = {
  opcodes: 12_000_000,
  nodes: 2_500_000,
  /** Memo numbers normally count up from zero; a jump may only be made this often, since each costs a Map entry. */
  sparseMemo: 100_000,
  marks: 100_000,
  stack: 4_000_000,
  /** CPython itself refuses decimal integers longer than this: converting them takes quadratic time. */
  integerDigits: 4_300,
  /** Of longer ones the bytes are kept. */
  integerBytes: 1_792,
  /** Names and numbers; a text may take the rest of the file. */
  lineBytes: 16_384,
  globals: 10_000,
};

/** How a tensor is pickled without torch.save: as a file of torch in a row of bytes, which is loaded as one. */
const BYTES_LOADER = "torch.storage _load_from_bytes";

/** An empty Map takes as much memory as several other nodes. */
const DICT_COST = 4;

export type PickleLimits = typeof pickleLimits;

/** Of what was packed the opcodes are counted by the bytes of the file: a real pickle shrinks to a tenth at most. */
const OPCODES_PER_PACKED_BYTE = 10;
const MIN_OPCODES = 50_000;

/** What a pickle may cost that was unpacked from so many bytes, which could be a thousand times as many. */
export function limitsFor(packedBytes: number): PickleLimits {
  const opcodes = Math.min(pickleLimits.opcodes, MIN_OPCODES + OPCODES_PER_PACKED_BYTE * packedBytes);
  return { ...pickleLimits, opcodes };
}

/** Who is told while a pickle is walked, and may act on what is walked. */
export type PickleListeners = {
  /** Of each object whose state has been set; joblib writes the bytes of an array behind that. */
  onBuild?: ((built: PickleCall, machine: PickleMachine) => void) | undefined;
  /** Of each reference to something outside, for which it may give what stands there instead. */
  onPersistent?: ((id: PickleValue) => PickleNode | undefined) | undefined;
};

/** The stack, the memo and the budgets of one pickle. The opcodes in inertPickleOpcodes.ts act on it. */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly limits: PickleLimits;
  readonly globals = new Map<string, PickleGlobal>();
  readonly persistents: PicklePersistent[] = [];
  protocol = 0;
  opcodeCount = 0;
  /** Where the last frame says that it ends. */
  frameEnd = 0;
  onBuild: PickleListeners["onBuild"];
  onPersistent: PickleListeners["onPersistent"];
  /** Told of each call that loading would make, by whichever opcode. */
  onCall: ((call: PickleCall) => void) | undefined;
  /** Bytes that were read may be others by now: a bytearray was added to, or an item of it was set. */
  hasChangedBytes = false;
  #loader: PickleGlobal | undefined;
  #loaderPushes = 0;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo: PickleValue[] = [];
  readonly #sparseMemo = new Map<number, PickleValue>();
  #nodeCount = 0;

  constructor(bytes: Uint8Array, limits: PickleLimits) {
    this.reader = new ByteReader(bytes, "pickle");
    this.limits = limits;
  }

  push(value: PickleValue): void {
    if (this.#stack.length >= this.limits.stack) {
      throw this.exceeded("the stack is deeper than any real checkpoint needs");
    }
    if (value === this.#loader) {
      this.#loaderPushes++;
    }
    this.#stack.push(value);
  }

  pushNode(node: PickleNode): void {
    this.#nodeCount += node.kind === "dict" ? DICT_COST : 1;
    if (this.#nodeCount > this.limits.nodes) {
      throw this.exceeded(`it describes more than ${this.limits.nodes} objects`);
    }
    this.push(node);
  }

  pop(): PickleValue {
    this.#requireAboveMark();
    return this.#stack.pop() ?? null;
  }

  /** Pops one value, or the topmost mark where nothing lies above it, as CPython does. */
  popValueOrMark(): void {
    if (this.#stack.length > this.#floor() || this.#marks.length === 0) {
      this.pop();
      return;
    }
    this.#marks.pop();
  }

  top(): PickleValue {
    this.#requireAboveMark();
    return this.#stack.at(-1) ?? null;
  }

  mark(): void {
    if (this.#marks.length >= this.limits.marks) {
      throw this.exceeded("marks are nested deeper than any real checkpoint needs");
    }
    this.#marks.push(this.#stack.length);
  }

  /** Everything above the topmost mark; the mark is gone afterwards. */
  popToMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) {
      throw this.reader.error("an opcode needs a mark, and there is none");
    }
    const items = this.#stack.slice(start);
    this.#stack.length = start;
    return items;
  }

  remember(index: number, value: PickleValue): void {
    if (index < this.#memo.length) {
      this.#memo[index] = value;
      return;
    }
    if (index === this.#memo.length) {
      // What was kept of this number before it was its turn must not come back in its place.
      this.#sparseMemo.delete(index);
      this.#memo.push(value);
      return;
    }
    this.#sparseMemo.set(index, value);
    if (this.#sparseMemo.size > this.limits.sparseMemo) {
      throw this.exceeded("the memo is numbered in a way no real pickle is");
    }
  }

  /** MEMOIZE numbers by how many are remembered so far. */
  memoSize(): number {
    return this.#memo.length + this.#sparseMemo.size;
  }

  recall(index: number): PickleValue {
    const value = this.#memo[index] ?? this.#sparseMemo.get(index);
    if (value === undefined) {
      throw this.reader.error(`memo ${index} is used before it is set`);
    }
    return value;
  }

  pushGlobal(moduleName: string, name: string): void {
    this.push(this.addGlobal(moduleName, name));
  }

  /** Counts a class or function among those that loading would import. */
  addGlobal(moduleName: string, name: string): PickleGlobal {
    const key = `${moduleName} ${name}`;
    const known = this.globals.get(key);
    if (known !== undefined) {
      return known;
    }
    const global: PickleGlobal = { kind: "global", module: moduleName, name, fullName: `${moduleName}.${name}` };
    this.globals.set(key, global);
    if (key === BYTES_LOADER) {
      this.#loader = global;
    }
    if (this.globals.size > this.limits.globals) {
      throw this.exceeded("it names more classes and functions than any real checkpoint");
    }
    return global;
  }

  pushCall(call: PickleCall): void {
    this.onCall?.(call);
    this.pushNode(call);
  }

  isLoader(value: PickleValue): boolean {
    return value === this.#loader;
  }

  /**
   * Leaves the loader of bytes out of what loading would import, where `callsRead` is every use that was made of it: what the
   * bytes import counts in its place. On the stack of a pickle that breaks off it has not been used yet.
   */
  forgetLoaderReadIn(callsRead: number): void {
    const unused = this.#stack.filter((value) => value === this.#loader).length;
    if (this.#loader !== undefined && this.#loaderPushes === callsRead + unused) {
      this.globals.delete(BYTES_LOADER);
    }
  }

  pushPersistent(id: PickleValue): void {
    const known = this.onPersistent?.(id);
    if (known !== undefined) {
      this.pushNode(known);
      return;
    }
    const node: PicklePersistent = { kind: "persistent", id };
    this.persistents.push(node);
    this.pushNode(node);
  }

  /** The error of a limit that Python does not have: it would go on, and nobody has seen what follows. */
  exceeded(reason: string): FormatError {
    const module = `what follows byte ${this.reader.position} of its pickle`;
    this.globals.set("", { kind: "global", module, name: "", fullName: module });
    return this.reader.error(reason);
  }

  popTuple(): readonly PickleValue[] {
    const value = this.pop();
    if (isNode(value) && value.kind === "tuple") {
      return value.items;
    }
    throw this.reader.error("a call needs a tuple of arguments");
  }

  /** The items are its own from then on: an empty array that is pushed to takes room for seventeen. */
  appendTo(target: PickleValue, items: PickleValue[]): void {
    this.hasChangedBytes ||= target instanceof Uint8Array;
    if (!isNode(target) || (target.kind !== "list" && target.kind !== "set" && target.kind !== "call")) {
      // Anything else is asked for its `append` or `extend`, and may have one; what follows is loaded then.
      return;
    }
    if (target.items === undefined || target.items.length === 0) {
      target.items = items;
    } else {
      pushAll(target.items, items);
    }
  }

  setItems(target: PickleValue, pairs: readonly PickleValue[]): void {
    if (pairs.length % 2 !== 0) {
      throw this.reader.error("a key has no value");
    }
    this.hasChangedBytes ||= target instanceof Uint8Array;
    const entries = this.#entriesToSet(target);
    for (let at = 0; at < pairs.length; at += 2) {
      entries?.set(pairs[at] ?? null, pairs[at + 1] ?? null);
    }
  }

  /**
   * What can be said about the outermost dictionary although the pickle ended early. Its entries are set in
   * batches, so the first ones usually still lie on the stack as key, value, key, value.
   */
  partialRoot(): PickleValue | undefined {
    const root = this.#stack[0];
    if (!isNode(root) || (root.kind !== "dict" && root.kind !== "call")) {
      return undefined;
    }
    const known = root.kind === "dict" ? root.entries : (root.entries ?? new Map<PickleValue, PickleValue>());
    const partial: PickleDict = { kind: "dict", entries: new Map(known) };
    const end = this.#marks[1] ?? this.#stack.length;
    for (let at = 1; this.#marks[0] === 1 && at + 1 < end; at += 2) {
      partial.entries.set(this.#stack[at] ?? null, this.#stack[at + 1] ?? null);
    }
    return partial;
  }

  /** Undefined for a list, whose items are set by their number, and for whatever else takes items by a key. */
  #entriesToSet(target: PickleValue): Map<PickleValue, PickleValue> | undefined {
    if (isNode(target) && target.kind === "dict") {
      return target.entries;
    }
    if (isCall(target)) {
      target.entries ??= new Map();
      return target.entries;
    }
    return undefined;
  }

  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #requireAboveMark(): void {
    if (this.#stack.length <= this.#floor()) {
      throw this.reader.error("the stack is empty");
    }
  }
}

function isCall(value: PickleValue): value is PickleCall {
  return isNode(value) && value.kind === "call";
}

/** `push(...items)` would exceed the engine's argument limit on long lists. */
function pushAll(target: PickleValue[], items: readonly PickleValue[]): void {
  for (const item of items) {
    target.push(item);
  }
}
