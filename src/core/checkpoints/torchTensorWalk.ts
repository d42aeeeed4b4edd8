import { type Completeness, torn, unknown } from "./checkpointSummary.ts";
import { entriesOf, isNode, itemsOf, type PickleValue } from "./inertPickleValue.ts";
import { type TorchTensor, torchTensorOf } from "./torchTensor.ts";

export type NamedTensor = { name: string; tensor: TorchTensor };

/** More tensors than any model has; the walk stops there rather than fill the memory. */
const MAX_TENSORS = 1_000_000;
/** Saved whole, a module keeps its tensors below these attributes; the names people know leave them out. */
const moduleAttributes = new Set(["_modules", "_parameters", "_buffers"]);

/** Several times the depth of a module that is saved whole; what is nested deeper was made to be walked for long. */
const MAX_DEPTH = 256;

type Pending = { path: string; value: PickleValue; depth: number };

/**
 * Every tensor below a value under its dotted name, in file order. Iterative, and a container is entered once:
 * forty nested references would otherwise be a walk of 2^40 steps, and a list inside itself one without end.
 */
export function collectTorchTensors(root: PickleValue): NamedTensor[] {
  const tensors: NamedTensor[] = [];
  const entered = new Set<PickleValue>();
  const pending: Pending[] = [{ path: "", value: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined && tensors.length < MAX_TENSORS; next = pending.pop()) {
    const { path, value } = next;
    const tensor = torchTensorOf(value);
    if (tensor !== undefined) {
      tensors.push({ name: path, tensor });
      continue;
    }
    if (next.depth < MAX_DEPTH && !entered.has(value)) {
      entered.add(value);
      pushChildren(next, pending);
    }
  }
  return tensors;
}

function pushChildren({ path, value, depth }: Pending, pending: Pending[]): void {
  const children: Pending[] = [];
  const entries = entriesOf(value);
  if (entries !== undefined) {
    for (const [key, child] of entries) {
      if (isNode(child)) {
        children.push({ path: isNode(key) ? path : joinName(path, String(key)), value: child, depth: depth + 1 });
      }
    }
  } else {
    for (const [index, child] of (itemsOf(value) ?? []).entries()) {
      if (isNode(child)) {
        children.push({ path: joinName(path, String(index)), value: child, depth: depth + 1 });
      }
    }
  }
  // The last pushed is visited first; reversed, tensors come in file order.
  for (let child = children.pop(); child !== undefined; child = children.pop()) {
    pending.push(child);
  }
}

function joinName(path: string, key: string): string {
  if (moduleAttributes.has(key)) {
    return path;
  }
  return path === "" ? key : `${path}.${key}`;
}

/** What is wrong where torch refuses to make one of these: its numbers would lie outside its storage. */
export function findFalseTensor(tensors: readonly NamedTensor[]): Completeness | undefined {
  const impossible = tensors.find(({ tensor }) => tensor.isImpossible === true);
  if (impossible !== undefined) {
    return unknown(`${impossible.name.slice(0, 60)} has an offset, a size or strides that no tensor can have`);
  }
  const outside = tensors.find(
    ({ tensor: { storage, endBytes } }) =>
      storage !== undefined && endBytes !== undefined && endBytes > storage.sizeBytes,
  );
  return outside && torn(`${outside.name.slice(0, 60)} does not fit into its storage`);
}
