/**
 * What a pickle describes, without a single object of it being made. Globals are names, calls are nodes that
 * say what would be called. Dictionaries are Maps: a key such as `__proto__` is a key like any other, and
 * keys that look like integers keep their place.
 */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | PickleNode;

export type PickleNode = PickleSequence | PickleDict | PickleGlobal | PickleCall | PicklePersistent | PickleBuffer;

export type PickleSequence = { kind: "list" | "tuple" | "set" | "frozenset"; items: PickleValue[] };

export type PickleDict = { kind: "dict"; entries: Map<PickleValue, PickleValue> };

/** `fullName` is `module.name`, which is asked for so often that it is made once. */
export type PickleGlobal = { kind: "global"; module: string; name: string; fullName: string };

/** A call that loading the pickle would make, with whatever the pickle then does to its result. */
export type PickleCall = {
  kind: "call";
  callable: PickleValue;
  args: readonly PickleValue[];
  keywords?: PickleValue;
  /** What BUILD hands to `__setstate__` or merges into `__dict__`. */
  state?: PickleValue;
  items?: PickleValue[];
  entries?: Map<PickleValue, PickleValue>;
};

/** A reference to something kept outside the pickle: in PyTorch, the storage of a tensor. */
export type PicklePersistent = { kind: "persistent"; id: PickleValue };

/** Protocol 5's out-of-band buffer: its bytes are not in the file. */
export type PickleBuffer = { kind: "buffer" };

export function isNode(value: PickleValue | undefined): value is PickleNode {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/** `module.name` of a global, or undefined for anything else. */
export function globalName(value: PickleValue | undefined): string | undefined {
  return isNode(value) && value.kind === "global" ? value.fullName : undefined;
}

/** `module.name` of what a call node would call. */
export function calledName(value: PickleValue | undefined): string | undefined {
  return isNode(value) && value.kind === "call" ? globalName(value.callable) : undefined;
}

/** Protocols 0 and 1 make an object by a call of `copyreg._reconstructor`, whose first argument is the class. */
export function classOf(value: PickleValue | undefined): string | undefined {
  const name = calledName(value);
  const isReconstructed = name === "copy_reg._reconstructor" || name === "copyreg._reconstructor";
  return isReconstructed && isNode(value) && value.kind === "call" ? globalName(value.args[0]) : name;
}

/** The items of a list, tuple or set. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  return isNode(value) && "items" in value ? value.items : undefined;
}

/**
 * The entries of whatever behaves like a dictionary or an object with attributes: a dict, an OrderedDict, an
 * argparse.Namespace, an AttributeDict. Item entries win over attributes, as an OrderedDict may carry both.
 */
export function entriesOf(value: PickleValue | undefined): ReadonlyMap<PickleValue, PickleValue> | undefined {
  if (!isNode(value)) {
    return undefined;
  }
  if (value.kind === "dict") {
    return value.entries;
  }
  if (value.kind !== "call") {
    return undefined;
  }
  if (value.entries !== undefined) {
    return value.entries;
  }
  const state = value.state;
  if (isNode(state) && state.kind === "dict") {
    return state.entries;
  }
  // Classes with __slots__ pickle their state as (dict or None, dict of slots).
  const slots = isNode(state) && state.kind === "tuple" ? state.items.findLast((item) => isDict(item)) : undefined;
  return isDict(slots) ? slots.entries : undefined;
}

function isDict(value: PickleValue | undefined): value is PickleDict {
  return isNode(value) && value.kind === "dict";
}
