import type { ZipDirectory } from "./zipArchive.ts";
import type { ZipEntry } from "./zipEntries.ts";

/*
 * torch.load looks the names of a zip up without regard to the case of ASCII letters, below the folder that the first entry of the
 * directory is in; of several entries that fit it takes whichever its search comes upon.
 * https://github.com/pytorch/pytorch/blob/main/caffe2/serialize/inline_container.cc
 */

export function entriesByName({ entries }: ZipDirectory): Map<string, ZipEntry> {
  const byName = new Map<string, ZipEntry>();
  for (const entry of entries) {
    byName.set(lowerCase(entry.name), entry);
  }
  return byName;
}

export function lowerCase(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

export function prefixOf({ name }: ZipEntry): string {
  return lowerCase(name.slice(0, -"data.pkl".length));
}

export function isObject({ name }: ZipEntry): boolean {
  return /^[^/]+\/data\.pkl$/i.test(name);
}

/** Why torch might load something else than what was read here. */
export function findAmbiguity(
  { entries }: ZipDirectory,
  byName: ReadonlyMap<string, ZipEntry>,
  prefix: string,
): string | undefined {
  if (entries.filter(isObject).length > 1) {
    return "it holds two objects named data.pkl";
  }
  if (byName.size < entries.length) {
    return "two entries differ only in the case of their names, which torch does not tell apart";
  }
  // The first name of the directory is where torch takes the name of the folder from.
  const [first] = byName.keys();
  return first?.startsWith(prefix) === true ? undefined : "its data.pkl is not in the folder that torch looks into";
}
