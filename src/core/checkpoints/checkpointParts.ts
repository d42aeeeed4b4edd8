const shardPattern = /^(.*)-\d{5}-of-(\d{5})((?:\.[a-z0-9]+)+)$/i;
const indexSuffix = ".safetensors.index.json";

/**
 * Every file that belongs to the checkpoint of this name, itself first: the shards of an index, the other shards of a
 * shard, the data of a TensorFlow index. `siblings` are the names in its folder.
 */
export function partsOf(name: string, siblings: readonly string[]): string[] {
  const others = siblings.filter((sibling) => sibling !== name && isPartOf(name, sibling));
  return [name, ...others.toSorted()];
}

function isPartOf(name: string, sibling: string): boolean {
  if (name.endsWith(indexSuffix)) {
    const part = shardPattern.exec(sibling);
    return part?.[1] === name.slice(0, -indexSuffix.length) && part[3] === ".safetensors";
  }
  const [, prefix, count, suffix] = shardPattern.exec(name) ?? [];
  if (prefix !== undefined) {
    const part = shardPattern.exec(sibling);
    return part?.[1] === prefix && part[2] === count && part[3] === suffix;
  }
  if (name.endsWith(".index")) {
    const base = name.slice(0, -".index".length);
    return (
      sibling === `${base}.meta` || (sibling.startsWith(`${base}.data-`) && /\.data-\d{5}-of-\d{5}$/.test(sibling))
    );
  }
  return false;
}

/** Files without an index that are one model together: all that are there, in order, and how many there should be. */
export type ShardSet = { names: readonly string[]; count: number };

/** The shards of a folder by the first of each model; those of an index belong to that and are left out. */
export function shardSetsOf(names: readonly string[]): Map<string, ShardSet> {
  const sets = new Map<string, { names: string[]; count: number }>();
  for (const name of names.toSorted()) {
    const [, prefix, count, suffix] = shardPattern.exec(name) ?? [];
    if (prefix === undefined || indexOf(name, names) !== undefined) {
      continue;
    }
    const key = `${prefix} ${count} ${suffix}`;
    const known = sets.get(key) ?? { names: [], count: Number(count) };
    known.names.push(name);
    sets.set(key, known);
  }
  return new Map([...sets.values()].flatMap((set) => set.names.slice(0, 1).map((first) => [first, set])));
}

/** The index that a shard belongs to, where it lies beside it. */
function indexOf(shard: string, siblings: readonly string[]): string | undefined {
  const [, prefix, , suffix] = shardPattern.exec(shard) ?? [];
  const index = `${prefix}${indexSuffix}`;
  return suffix === ".safetensors" && siblings.includes(index) ? index : undefined;
}

/** Whether a path is a checkpoint, one of its files, or lies in its folder; by the text of both. */
export function holdsPath(checkpoint: string, path: string): boolean {
  const [folder, name] = splitPath(checkpoint);
  const [otherFolder, other] = splitPath(path);
  return isBelow(checkpoint, path) || (folder === otherFolder && isPartOf(name, other));
}

function splitPath(path: string): [folder: string, name: string] {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return [path.slice(0, Math.max(0, end)), path.slice(end + 1)];
}

/** Whether a path is a folder or lies in it, by the text of both. */
export function isBelow(folder: string, path: string): boolean {
  const prefix = folder.replace(/[\\/]$/, "");
  return path === folder || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}\\`);
}
