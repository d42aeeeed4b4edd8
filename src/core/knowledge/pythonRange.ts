import { parsePoetryConstraint } from "./manifests/poetryConstraint.ts";
import { type SpecifierSet, satisfies } from "./pep/specifier.ts";

/**
 * The Pythons that a manifest allows, however it writes them: `>=3.10` (PEP 440), `^3.10` (Poetry), `3.11` (of a version
 * file or conda), which is any release of 3.11. Nothing where it is none of them.
 */
export function parsePythonRange(text: string): SpecifierSet | undefined {
  const plain = /^={0,2}\s*(\d+(?:\.\d+)?)(?:\.\*)?$/.exec(text.trim())?.[1];
  return plain === undefined ? parsePoetryConstraint(text) : [{ operator: "==", version: `${plain}.*` }];
}

/** Whether a file speaks of the Python of the project itself; an image or a tool may have one of its own. */
export function tellsPython(path: string): boolean {
  return /(?:^|\/)(?:pyproject\.toml|setup\.cfg|setup\.py|environment\.ya?ml|Pipfile|pixi\.toml|\.python-version|runtime\.txt)$/.test(
    path,
  );
}

/** Python 2 has ended, and what comes after this one is not known. */
const MAX_MINOR = 30;

/** More patch releases than any Python had. */
const MAX_PATCH = 40;

/**
 * Releases of Python that a range allows, enough of them that no comparison with one of the `values` differs between two
 * that are left out: the first and a last release of each minor version, and those around the versions that are named.
 */
export function pythonReleases(range: SpecifierSet, values: readonly string[]): string[] {
  const named = new Map<string, Set<number>>();
  for (const text of [...range.map(({ version }) => version), ...values]) {
    for (const [, minor = "", patch = ""] of text.matchAll(/(\d+\.\d+)\.(\d{1,3})/g)) {
      const patches = named.get(minor) ?? new Set();
      [-1, 0, 1].forEach((offset) => patches.add(Math.max(0, Number(patch) + offset)));
      named.set(minor, patches);
    }
  }
  const minors = ["2.7", ...Array.from({ length: MAX_MINOR + 1 }, (_, minor) => `3.${minor}`)];
  return minors.flatMap((minor) =>
    [...new Set([0, ...(named.get(minor) ?? []), MAX_PATCH])]
      .map((patch) => `${minor}.${patch}`)
      .filter((release) => satisfies(release, range)),
  );
}
