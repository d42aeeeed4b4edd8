import { entriesOf, isNode, itemsOf, type PickleValue } from "./inertPickleValue.ts";
import { numpyArrayOf } from "./numpyPickle.ts";
import type { TensorEntry } from "./tensorEntry.ts";

/** More arrays than any fitted model has: a forest of a thousand trees has some thousands. */
const MAX_ARRAYS = 200_000;

type Pending = { path: string; value: PickleValue };

/**
 * Every numpy array below a value under the names of the attributes that lead to it. Iterative, and each object is
 * entered once, so that neither depth nor cycles nor shared parts cost more than the pickle is long.
 */
export function collectArrays(root: PickleValue): TensorEntry[] {
  const arrays: TensorEntry[] = [];
  const entered = new Set<PickleValue>();
  const pending: Pending[] = [{ path: "", value: root }];
  for (let next = pending.pop(); next !== undefined && arrays.length < MAX_ARRAYS; next = pending.pop()) {
    const { path, value } = next;
    if (!isNode(value) || entered.has(value)) {
      continue;
    }
    entered.add(value);
    const array = numpyArrayOf(value);
    if (array !== undefined) {
      const { dtype, shape, sizeBytes } = array;
      arrays.push({ name: path, dtype: dtype.text, shape, ...(!dtype.hasObjects && { sizeBytes }), isShared: false });
    } else {
      pushChildren(next, pending);
    }
  }
  return arrays;
}

function pushChildren({ path, value }: Pending, pending: Pending[]): void {
  const children: Pending[] = [];
  const add = (key: string, child: PickleValue) => {
    children.push({ path: key === "" || path === "" ? path + key : `${path}.${key}`, value: child });
  };
  const entries = entriesOf(value);
  for (const [key, child] of entries ?? []) {
    if (isNode(child)) {
      add(isNode(key) ? "" : String(key), child);
    }
  }
  for (const [index, child] of entries === undefined ? childrenOf(value).entries() : []) {
    if (isNode(child)) {
      add(String(index), child);
    }
  }
  // The last pushed is visited first; reversed, arrays come in file order.
  for (let child = children.pop(); child !== undefined; child = children.pop()) {
    pending.push(child);
  }
}

/** The items of a sequence; of an object without attributes, what it is made from and its state. */
function childrenOf(value: PickleValue): readonly PickleValue[] {
  if (isNode(value) && value.kind === "call") {
    return [...value.args, ...(value.items ?? []), ...(value.state === undefined ? [] : [value.state])];
  }
  return itemsOf(value) ?? [];
}
