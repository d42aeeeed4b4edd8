/**
 * How far loading a named class or function is known. `known`: on the list of harmless building blocks.
 * `dangerous`: known to start programs, evaluate code or open files and connections. `unlisted`: neither, so
 * loading imports and calls code that this list cannot vouch for.
 */
export type PickleTrust = "known" | "unlisted" | "dangerous";

export type ImportedName = { name: string; trust: PickleTrust };

/** How far loading the file is known: as little as the least known of its imports is. */
export function leastTrustOf(imports: readonly ImportedName[]): PickleTrust {
  const found = new Set(imports.map(({ trust }) => trust));
  return found.has("dangerous") ? "dangerous" : found.has("unlisted") ? "unlisted" : "known";
}

/** The sentence a person needs before loading the file, or undefined where only known names are imported. */
export function describeTrust(imports: readonly ImportedName[]): string | undefined {
  const dangerous = imports.filter((each) => each.trust === "dangerous").map((each) => each.name);
  if (dangerous.length > 0) {
    return `would run code when loaded: ${nameFew(dangerous)}`;
  }
  const unlisted = imports.filter((each) => each.trust === "unlisted").map((each) => each.name);
  return unlisted.length > 0 ? `imports code of its own when loaded: ${nameFew(unlisted)}` : undefined;
}

function nameFew(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => (name.length > 80 ? `${name.slice(0, 79)}…` : name));
  return names.length > 3 ? `${shown.join(", ")} and ${names.length - 3} more` : shown.join(", ");
}
