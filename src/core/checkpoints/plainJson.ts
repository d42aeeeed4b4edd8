import type { PlainValue } from "./plainValue.ts";
import type { JsonValue } from "./tolerantJson.ts";

const MAX_DEPTH = 6;
const MAX_NODES = 500;
const MAX_TEXT = 300;

/** The entries of a JSON object as settings to show, cut to a bounded size; undefined where there are none. */
export function plainJson(value: JsonValue | undefined): Readonly<Record<string, PlainValue>> | undefined {
  const plain = value instanceof Map ? convert(value, MAX_DEPTH, { nodes: MAX_NODES }) : undefined;
  const isEntries = typeof plain === "object" && plain !== null && !Array.isArray(plain);
  return isEntries && Object.keys(plain).length > 0 ? plain : undefined;
}

function convert(value: JsonValue, depth: number, budget: { nodes: number }): PlainValue {
  budget.nodes--;
  if (depth === 0 || budget.nodes <= 0) {
    return "…";
  }
  if (typeof value === "string") {
    return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  }
  if (Array.isArray(value)) {
    return value.slice(0, budget.nodes).map((item) => convert(item, depth - 1, budget));
  }
  if (value instanceof Map) {
    const entries = [...value].slice(0, budget.nodes);
    return Object.fromEntries(entries.map(([key, item]) => [key.slice(0, MAX_TEXT), convert(item, depth - 1, budget)]));
  }
  return value;
}
