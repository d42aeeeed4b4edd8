/**
 * How far loading a named class or function is known. `known`: on the list of harmless building blocks.
 * `dangerous`: known to start programs, evaluate code or open files and connections. `unlisted`: neither, so
 * loading imports and calls code that this list cannot vouch for.
 */
export type PickleTrust = "known" | "unlisted" | "dangerous";

export type ImportedName = {
  name: string;
  trust: PickleTrust;
  /** In a list that was cut: how many others of the same trust it stands for. */
  more?: number;
};

/** Enough for a sentence that names some; a pickle may import ten thousand, and a folder hold as many pickles. */
const MAX_FEW = 12;
const MAX_IN_SENTENCE = 3;
const MAX_NAME = 80;

/** How far loading the file is known: as little as the least known of its imports is. */
export function leastTrustOf(imports: readonly ImportedName[]): PickleTrust {
  const found = new Set(imports.map(({ trust }) => trust));
  return found.has("dangerous") ? "dangerous" : found.has("unlisted") ? "unlisted" : "known";
}

/** The first of those with the least trust, of bounded size: what `leastTrustOf` and `describeTrust` say stays the same. */
export function fewImports(imports: readonly ImportedName[]): readonly ImportedName[] {
  const least = leastTrusted(imports);
  const few = least.slice(0, MAX_FEW).map(({ name, trust }) => ({ name: shorten(name), trust }));
  const more = countOf(least) - few.length;
  return few.map((each, index) => (more > 0 && index === few.length - 1 ? { ...each, more } : each));
}

/** The sentence a person needs before loading the file, or undefined where only known names are imported. */
export function describeTrust(imports: readonly ImportedName[]): string | undefined {
  const trust = leastTrustOf(imports);
  if (trust === "known") {
    return undefined;
  }
  const does = trust === "dangerous" ? "would run code when loaded" : "imports code of its own when loaded";
  return `${does}: ${nameSome(leastTrusted(imports))}`;
}

function leastTrusted(imports: readonly ImportedName[]): readonly ImportedName[] {
  const least = leastTrustOf(imports);
  return imports.filter(({ trust }) => trust === least);
}

function countOf(imports: readonly ImportedName[]): number {
  return imports.reduce((sum, { more = 0 }) => sum + 1 + more, 0);
}

function nameSome(imports: readonly ImportedName[]): string {
  const shown = imports.slice(0, MAX_IN_SENTENCE).map(({ name }) => shorten(name));
  const more = countOf(imports) - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

function shorten(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name;
}
