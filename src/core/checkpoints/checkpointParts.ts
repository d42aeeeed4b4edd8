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
  const isBeside = folderOf(checkpoint) === folderOf(path) && path !== checkpoint;
  return isBelow(checkpoint, path) || (isBeside && isPartOf(nameIn(checkpoint), nameIn(path)));
}

/** The folder that a path lies in, by its text. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"), path.lastIndexOf("\\")));
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
