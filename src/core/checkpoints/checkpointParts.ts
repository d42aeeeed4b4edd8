const shardPattern = /^(.*)-\d{5}-of-(\d{5})((?:\.[a-z0-9]+)+)$/i;
/** The parts of Llama and Mistral, one for each GPU they were written for: `consolidated.00.pth`. */
const consolidatedPattern = /^(consolidated)\.(\d{2,3})(\.(?:pth|pt|safetensors))$/;
const indexSuffix = ".safetensors.index.json";

/**
 * Every file that belongs to the checkpoint of this name, itself first: the shards of an index, the other shards of a
 * shard, the data of a TensorFlow index. `siblings` are the names in its folder, `named` those that its index names.
 */
export function partsOf(name: string, siblings: readonly string[], named: readonly string[] = []): string[] {
  const parts = new Set(named);
  if (parts.size === 0 && !mayHaveParts(name)) {
    return [name];
  }
  const others = siblings.filter((sibling) => sibling !== name && (parts.has(sibling) || isPartOf(name, sibling)));
  return [name, ...others.toSorted()];
}

/** Whether its name says that other files belong to it; most have none, in folders of thousands. */
export function mayHaveParts(name: string): boolean {
  return name.endsWith(indexSuffix) || name.endsWith(".index") || partOf(name) !== undefined;
}

function isPartOf(name: string, sibling: string): boolean {
  if (name.endsWith(indexSuffix)) {
    const part = shardPattern.exec(sibling);
    return part?.[1] === name.slice(0, -indexSuffix.length) && part[3] === ".safetensors";
  }
  const set = partOf(name)?.set;
  if (set !== undefined) {
    return partOf(sibling)?.set === set;
  }
  if (name.endsWith(".index")) {
    const base = name.slice(0, -".index".length);
    return (
      sibling === `${base}.meta` || (sibling.startsWith(`${base}.data-`) && /\.data-\d{5}-of-\d{5}$/.test(sibling))
    );
  }
  return false;
}

/** Files that are one model together: all that are there, the one that stands for them first. */
export type ShardSet = {
  names: readonly string[];
  /** How many there should be; undefined where the names do not say: an index does, and of Llama the tensors may. */
  count: number | undefined;
};

/** A name as one of several parts: those of a set share `set`, and `nameOf` gives each of them by its number. */
type Part = {
  set: string;
  number: number;
  nameOf: (number: number) => string;
  first: number;
  count: number | undefined;
};

function partOf(name: string): Part | undefined {
  const [, prefix, of, suffix] = shardPattern.exec(name) ?? [];
  if (prefix !== undefined && of !== undefined) {
    const nameOf = (number: number) => `${prefix}-${String(number).padStart(5, "0")}-of-${of}${suffix}`;
    const number = Number(name.slice(prefix.length + 1, prefix.length + 6));
    return { set: `${prefix} ${of} ${suffix}`, number, nameOf, first: 1, count: Number(of) };
  }
  const [, base, digits, ending] = consolidatedPattern.exec(name) ?? [];
  if (base === undefined || digits === undefined) {
    return undefined;
  }
  const nameOf = (number: number) => `${base}.${String(number).padStart(digits.length, "0")}${ending}`;
  return { set: `${base} ${digits.length} ${ending}`, number: Number(digits), nameOf, first: 0, count: undefined };
}

/** Whether a file is one of the parts of Llama or Mistral. */
export function isConsolidatedPart(name: string): boolean {
  return consolidatedPattern.test(name);
}

/** The shards of a folder by the first of each model; those of an index belong to that and are left out. */
export function shardSetsOf(names: readonly string[]): Map<string, ShardSet> {
  const sets = new Map<string, { names: string[]; count: number | undefined }>();
  const parts = names.filter((name) => partOf(name) !== undefined);
  for (const name of parts.toSorted()) {
    const part = partOf(name);
    if (part === undefined || indexOf(name, names) !== undefined) {
      continue;
    }
    const known = sets.get(part.set) ?? { names: [], count: part.count };
    known.names.push(name);
    sets.set(part.set, known);
  }
  const several = [...sets.values()].filter(({ count }) => count !== 1);
  return new Map(several.flatMap((set) => set.names.slice(0, 1).map((first) => [first, set])));
}

/** The files of each of these that stand for others, by the first of each model; in one pass over the names of the folder. */
export function groupsOf(heads: readonly string[], names: readonly string[]): Map<string, ShardSet> {
  const related = new Map<string, string[]>();
  for (const name of heads.length === 0 ? [] : names) {
    const stem = stemOf(name);
    const known = related.get(stem);
    if (known === undefined) {
      related.set(stem, [name]);
    } else {
      known.push(name);
    }
  }
  const groups = new Map<string, ShardSet>();
  const grouped = new Set<string>();
  for (const head of heads.toSorted()) {
    if (!grouped.has(head)) {
      const parts = partsOf(head, related.get(stemOf(head)) ?? []);
      parts.forEach((part) => grouped.add(part));
      groups.set(head, { names: parts, count: undefined });
    }
  }
  return groups;
}

/** What the names of one model begin with. */
function stemOf(name: string): string {
  return name.replace(
    /(?:-\d{5}-of-\d{5}(?:\.[a-z0-9]+)+|\.safetensors\.index\.json|\.(?:index|meta|data-\d{5}-of-\d{5}))$/i,
    "",
  );
}

/** The parts of a set that are not there, by name, up to the last that must be; no more than `most` of them. */
export function missingParts({ names, count }: ShardSet, most: number): string[] {
  const parts = names.flatMap((name) => partOf(name) ?? []);
  const there = new Set(names);
  const missing: string[] = [];
  const [part] = parts;
  if (part === undefined) {
    return missing;
  }
  const end = part.first + (count ?? 0);
  const last = parts.reduce((highest, { number }) => Math.max(highest, number + 1), end);
  for (let number = part.first; number < last && missing.length < most; number++) {
    const name = part.nameOf(number);
    if (!there.has(name)) {
      missing.push(name);
    }
  }
  return missing;
}

/**
 * In how many parts a model of Llama was written, by the tensors of one: the norm has the width of the model in each of
 * them, and the queries of a layer, as many as the width in all of them, are shared out. Undefined for other models.
 */
export function partsByTensors(tensors: readonly { name: string; shape: readonly number[] }[]): number | undefined {
  const shapeOf = (name: string) => tensors.find((tensor) => tensor.name === name)?.shape ?? [];
  const [width = 0] = shapeOf("norm.weight");
  const [queries = 0, inputs] = shapeOf("layers.0.attention.wq.weight");
  const [outputs, shared] = shapeOf("layers.0.attention.wo.weight");
  const isLlama = queries > 0 && inputs === width && outputs === width && shared === queries;
  return isLlama && width % queries === 0 ? width / queries : undefined;
}

/** The index that a shard belongs to, where it lies beside it. */
function indexOf(shard: string, siblings: readonly string[]): string | undefined {
  const [, prefix, , suffix] = shardPattern.exec(shard) ?? [];
  const index = `${prefix}${indexSuffix}`;
  return suffix === ".safetensors" && siblings.includes(index) ? index : undefined;
}

/**
 * Whether a path is a checkpoint, one of its files, or lies in its folder; by the text of both. `named` are the files that
 * its index names.
 */
export function holdsPath(checkpoint: string, path: string, named: readonly string[] = []): boolean {
  if (isBelow(checkpoint, path)) {
    return true;
  }
  const isBeside = folderOf(checkpoint) === folderOf(path);
  return isBeside && (isPartOf(nameIn(checkpoint), nameIn(path)) || named.includes(nameIn(path)));
}

/** The folder that a path lies in, by its text. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"), path.lastIndexOf("\\")));
}

/** Itself and every folder that it lies in. */
export function pathsUpFrom(path: string): string[] {
  const paths: string[] = [];
  for (let at = path; at !== ""; at = folderOf(at)) {
    paths.push(at);
  }
  return paths;
}

/** The last part of a path, by its text. */
export function nameIn(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Whether a path is a folder or lies in it, by the text of both. */
export function isBelow(folder: string, path: string): boolean {
  const prefix = folder.replace(/[\\/]$/, "");
  return path === folder || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}\\`);
}

/** What a path means that is written from a folder, without looking at the disk. */
export function resolveFrom(folder: string, target: string): string {
  const slashed = target.replaceAll("\\", "/");
  const separator = folder.includes("\\") ? "\\" : "/";
  const isAbsolute = /^(?:\/|[a-z]:)/i.test(slashed);
  if (isAbsolute && !/\/\.{0,2}(?:\/|$)/.test(slashed.slice(1))) {
    return target;
  }
  const parts = isAbsolute ? [] : folder.split(separator);
  for (const [index, part] of slashed.split("/").entries()) {
    if (part === "..") {
      parts.pop();
    } else if ((part !== "." && part !== "") || (isAbsolute && index === 0)) {
      parts.push(part);
    }
  }
  return parts.join(separator);
}
