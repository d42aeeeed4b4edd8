import type { TensorEntry } from "./tensorEntry.ts";

export type TensorColumn = "file" | "name" | "dtype" | "shape" | "size";

/** What a person has chosen to see of the tensors. */
export type TableQuery = {
  /** Words that must all occur in name, dtype or shape, whatever their case. */
  search: string;
  /** `file` keeps the order of the file. */
  column: TensorColumn;
  isDescending: boolean;
  isTree: boolean;
  /** Modules, by their dotted names, whose tensors are hidden; in a search nothing is. */
  collapsed: readonly string[];
};

/** A row for a tensor, by its place in the file, or for a module of the tree. */
export type TableRow =
  | { kind: "tensor"; index: number; level: number }
  | { kind: "module"; name: string; level: number; count: number; sizeBytes: number; isOpen: boolean };

type Numbered = { index: number; tensor: TensorEntry };
type Module = { name: string; children: Map<string, Module>; tensors: Numbered[]; count: number; sizeBytes: number };

/** Deeper parts of a name stay together, so that a hostile name makes no deep tree. */
const MAX_LEVELS = 24;

/** The rows of the table, in one pass over the tensors and one sort. */
export function tableRows(tensors: readonly TensorEntry[], query: TableQuery): TableRow[] {
  const words = query.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = tensors
    .map((tensor, index) => ({ tensor, index }))
    .filter(({ tensor }) => words.length === 0 || matches(tensor, words));
  const sorted = query.column === "file" ? found : found.toSorted(orders[query.column]);
  const ordered = query.isDescending ? sorted.toReversed() : sorted;
  if (!query.isTree) {
    return ordered.map(({ index }) => ({ kind: "tensor", index, level: 1 }));
  }
  return treeRows(ordered, new Set(words.length > 0 ? [] : query.collapsed));
}

/** More than NumPy allows is cut off. */
const MAX_DIMENSIONS = 64;

/** A shape as people write it: `64 × 3 × 7 × 7`, and `scalar` for none. */
export function shapeText(shape: readonly number[]): string {
  const more = shape.length - MAX_DIMENSIONS;
  const lengths = shape.slice(0, MAX_DIMENSIONS).join(" × ");
  return shape.length === 0 ? "scalar" : more > 0 ? `${lengths} × … (${more} more)` : lengths;
}

function matches({ name, dtype, shape }: TensorEntry, words: readonly string[]): boolean {
  const text = `${name} ${dtype} ${shape.slice(0, MAX_DIMENSIONS).join("x")} ${shapeText(shape)}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

// layer.2 comes before layer.10.
const names = new Intl.Collator("en", { numeric: true });

const orders: Readonly<Record<Exclude<TensorColumn, "file">, (a: Numbered, b: Numbered) => number>> = {
  name: (a, b) => names.compare(a.tensor.name, b.tensor.name),
  dtype: (a, b) => Number(a.tensor.dtype > b.tensor.dtype) - Number(a.tensor.dtype < b.tensor.dtype),
  shape: (a, b) => elementsOf(a.tensor) - elementsOf(b.tensor),
  size: (a, b) => (a.tensor.sizeBytes ?? -1) - (b.tensor.sizeBytes ?? -1),
};

function elementsOf({ shape }: TensorEntry): number {
  return shape.reduce((product, length) => product * length, 1);
}

function treeRows(tensors: readonly Numbered[], collapsed: ReadonlySet<string>): TableRow[] {
  const root = newModule("");
  for (const numbered of tensors) {
    const parts = numbered.tensor.name.split(".").slice(0, -1).slice(0, MAX_LEVELS);
    let parent = root;
    for (const part of parts) {
      const child = parent.children.get(part) ?? newModule(parent === root ? part : `${parent.name}.${part}`);
      parent.children.set(part, child);
      child.count++;
      child.sizeBytes += numbered.tensor.sizeBytes ?? 0;
      parent = child;
    }
    parent.tensors.push(numbered);
  }
  const rows: TableRow[] = [];
  pushModule(root, 0, { rows, collapsed });
  return rows;
}

/** Recursive to a depth of MAX_LEVELS at most. */
function pushModule(module: Module, level: number, into: { rows: TableRow[]; collapsed: ReadonlySet<string> }): void {
  const { name, count, sizeBytes } = module;
  const isOpen = !into.collapsed.has(name);
  if (level > 0) {
    into.rows.push({ kind: "module", name, level, count, sizeBytes, isOpen });
  }
  if (isOpen || level === 0) {
    for (const { index } of module.tensors) {
      into.rows.push({ kind: "tensor", index, level: level + 1 });
    }
    for (const child of module.children.values()) {
      pushModule(child, level + 1, into);
    }
  }
}

function newModule(name: string): Module {
  return { name, children: new Map(), tensors: [], count: 0, sizeBytes: 0 };
}
