import { parseSpecifiers, type Specifier, type SpecifierSet } from "../pep/specifier.ts";
import { parseVersion } from "../pep/version.ts";

/**
 * The clauses of PEP 440 that a constraint of Poetry means: `^1.2` → `>=1.2,<2`, `~1.2` → `>=1.2,<1.3`, `1.2` → `==1.2`.
 * Nothing for alternatives (`||`), which no list of clauses can say.
 */
export function parsePoetryConstraint(text: string): SpecifierSet | undefined {
  const clauses = text
    .split(/,|(?<=[\w*])\s+(?=[<>=!~^])/)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== "" && clause !== "*");
  const parsed = clauses.map(parseClause);
  return parsed.every((clause) => clause !== undefined) ? parsed.flat() : undefined;
}

function parseClause(clause: string): Specifier[] | undefined {
  const [, sign = "", written = ""] = /^(\^|~(?!=))?\s*(.*)$/.exec(clause) ?? [];
  if (sign !== "") {
    return rangeFrom(written, sign === "^" ? caretIndex : tildeIndex);
  }
  const isPlain = /^v?\d/.test(written);
  const specifiers = parseSpecifiers(isPlain ? `==${written}` : written.replace(/^=(?!=)/, "=="));
  return specifiers === undefined ? undefined : [...specifiers];
}

/** From a version up to, and without, the one whose number at an index is one higher. */
function rangeFrom(version: string, indexOf: (release: readonly number[]) => number): Specifier[] | undefined {
  const release = parseVersion(version)?.release.map(Number);
  if (release === undefined) {
    return undefined;
  }
  const index = indexOf(release);
  const bound = release.slice(0, index + 1).map((number, at) => (at === index ? number + 1 : number));
  return [
    { operator: ">=", version },
    { operator: "<", version: bound.join(".") },
  ];
}

/** The leftmost number that is not zero may not grow. */
function caretIndex(release: readonly number[]): number {
  const first = release.findIndex((number) => number !== 0);
  return first === -1 ? release.length - 1 : first;
}

function tildeIndex(release: readonly number[]): number {
  return release.length === 1 ? 0 : 1;
}
