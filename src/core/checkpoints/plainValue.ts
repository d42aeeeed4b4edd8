import { keepNonFinite } from "../base/nonFinite.ts";
import { withNoun } from "../base/withNoun.ts";
import { calledName, entriesOf, globalName, isNode, itemsOf, type PickleValue } from "./inertPickleValue.ts";
import { numpyScalar } from "./numpyScalar.ts";
import { type TorchTensor, torchTensorOf } from "./torchTensor.ts";

/** Data alone, as JSON knows it. */
export type PlainValue = null | boolean | number | string | PlainValue[] | { [key: string]: PlainValue };

const MAX_DEPTH = 6;
const MAX_NODES = 500;
const MAX_TEXT = 300;

/**
 * A described value as plain data for people and models: configurations, not weights. Bounded in depth, number
 * and text length, whatever the pickle says; what is left out is marked with "…".
 */
export function plainValueOf(value: PickleValue): PlainValue {
  const budget = { nodes: MAX_NODES };
  return convert(value, MAX_DEPTH, budget);
}

/** A configuration's entries under their text keys, or undefined where there is none. */
export function plainEntriesOf(value: PickleValue): Readonly<Record<string, PlainValue>> | undefined {
  const plain = entriesOf(value) === undefined ? undefined : plainValueOf(value);
  const isEntries = typeof plain === "object" && plain !== null && !Array.isArray(plain);
  return isEntries && Object.keys(plain).length > 0 ? plain : undefined;
}

/** As JSON, in which NaN and infinities are texts: there is no other word for them, and `null` would be another value. */
export function plainValueText(value: PlainValue): string {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : JSON.stringify(value, keepNonFinite);
}

function convert(value: PickleValue, depth: number, budget: { nodes: number }): PlainValue {
  budget.nodes--;
  if (depth === 0 || budget.nodes <= 0) {
    return "…";
  }
  if (typeof value === "string") {
    return cut(value);
  }
  if (typeof value === "bigint") {
    return cut(value.toString());
  }
  if (value instanceof Uint8Array) {
    return withNoun(value.length, "byte");
  }
  return isNode(value) ? convertNode(value, depth, budget) : value;
}

function convertNode(value: PickleValue, depth: number, budget: { nodes: number }): PlainValue {
  const named = globalName(value);
  if (named !== undefined) {
    return cut(named);
  }
  const scalar = numpyScalar(value) ?? singleTextOf(value);
  if (scalar !== undefined) {
    return typeof scalar === "string" ? cut(scalar) : scalar;
  }
  const tensor = torchTensorOf(value);
  if (tensor !== undefined) {
    return describeTensor(tensor);
  }
  const content = unwrapOmegaConf(value);
  const entries = entriesOf(content);
  if (entries !== undefined) {
    return convertEntries(entries, depth, budget);
  }
  const items = itemsOf(content);
  if (items !== undefined) {
    return takeWithin(items, budget).map((item) => convert(item, depth - 1, budget));
  }
  return isNode(content) ? cut(calledName(value) ?? "…") : convert(content, depth, budget);
}

function convertEntries(
  entries: ReadonlyMap<PickleValue, PickleValue>,
  depth: number,
  budget: { nodes: number },
): PlainValue {
  const converted: [string, PlainValue][] = [];
  for (const [key, item] of takeWithin(entries, budget)) {
    if (!isNode(key) && budget.nodes > 0) {
      converted.push([cut(String(key)), convert(item, depth - 1, budget)]);
    }
  }
  // fromEntries defines own properties, so that a key such as __proto__ stays data.
  return Object.fromEntries(converted);
}

/** As many items as the budget could pay for; a list of a million is not walked to learn that it is too long. */
function takeWithin<Item>(items: Iterable<Item>, budget: { nodes: number }): Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    if (taken.length > budget.nodes) {
      break;
    }
    taken.push(item);
  }
  return taken;
}

/** pathlib paths and the like: one text, or several parts of a path. */
function singleTextOf(value: PickleValue): string | undefined {
  if (!isNode(value) || value.kind !== "call" || !calledName(value)?.endsWith("Path")) {
    return undefined;
  }
  const parts = value.args.filter((part) => typeof part === "string");
  return parts.join("/").replace(/^\/\//, "/");
}

/** OmegaConf keeps a container under `_content` and each value under `_val`. */
function unwrapOmegaConf(value: PickleValue): PickleValue {
  if (!calledName(value)?.startsWith("omegaconf.")) {
    return value;
  }
  const state = entriesOf(value);
  return state?.get("_content") ?? state?.get("_val") ?? value;
}

function describeTensor(tensor: TorchTensor): string {
  return `tensor ${tensor.dtype} [${tensor.shape.slice(0, 8).join(", ")}]`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
