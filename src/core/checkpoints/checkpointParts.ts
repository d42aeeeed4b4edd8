const shardPattern = /^(.*)-\d{5}-of-(\d{5})(\.[a-z]+)$/i;
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

/** Whether a path is a folder or lies in it, by the text of both. */
export function isBelow(folder: string, path: string): boolean {
  const prefix = folder.replace(/[\\/]$/, "");
  return path === folder || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}\\`);
}
