import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import { ancestorsOf, folderOf } from "./nearness.ts";
import { evaluateMarker, formatMarker, type Marker, type MarkerEnvironment, markerValues } from "./pep/marker.ts";
import type { SpecifierSet } from "./pep/specifier.ts";
import { parsePythonRange, pythonReleases, tellsPython } from "./pythonRange.ts";

/** What a marker may be asked with: the Python that runs here, those that a project allows, or nothing that is known. */
type Pythons = { kind: "one"; version: string } | { kind: "range"; range: SpecifierSet } | { kind: "unknown" };

/**
 * Decides markers for this machine and the Pythons that the project may run with: that of the environment, else those
 * that the manifests beside or above the marker allow (`requires-python`), else the one version that files name.
 */
export class MarkerJudge {
  readonly #machine: MarkerEnvironment;
  readonly #withAnyExtra: MarkerEnvironment;
  readonly #declared = new Map<string, string[]>();
  readonly #anywhere: Pythons;
  readonly #isInstalled: boolean;
  readonly #pythons = new Map<string, Pythons>();
  readonly #verdicts = new Map<string, boolean | undefined>();

  constructor(evidence: Evidence) {
    const stated = statementsOf(evidence, "python");
    const installed = stated.filter(({ standing }) => standing === "installed").slice(0, 1);
    this.#machine = evidence.machine;
    this.#withAnyExtra = Object.fromEntries(Object.entries(evidence.machine).filter(([name]) => name !== "extra"));
    this.#isInstalled = installed.length > 0;
    this.#anywhere = onlyVersion(installed.length > 0 ? installed : stated);
    for (const { value, source } of stated.filter((statement) => tellsPython(statement.source.path))) {
      const folder = folderOf(source.path);
      this.#declared.set(folder, [...(this.#declared.get(folder) ?? []), value]);
    }
  }

  /**
   * Whether a requirement of a file counts here; undefined where that hangs on what is not known, or on the Python chosen.
   * A lock file holds `any` extra, and only an installation says which of them it asks for.
   */
  holds(marker: Marker, path: string, extras: "none" | "any" = "none"): boolean | undefined {
    const machine = extras === "none" ? this.#machine : this.#withAnyExtra;
    const independent = evaluateMarker(marker, machine);
    if (independent !== undefined) {
      return independent;
    }
    const pythons = this.#pythonsAt(folderOf(path));
    if (pythons.kind === "unknown") {
      return undefined;
    }
    const id = `${extras}\0${pythons.kind === "one" ? pythons.version : JSON.stringify(pythons.range)}\0${formatMarker(marker)}`;
    if (!this.#verdicts.has(id)) {
      this.#verdicts.set(id, this.#judge(marker, pythons, machine));
    }
    return this.#verdicts.get(id);
  }

  #judge(
    marker: Marker,
    pythons: Exclude<Pythons, { kind: "unknown" }>,
    machine: MarkerEnvironment,
  ): boolean | undefined {
    const releases = pythons.kind === "one" ? [pythons.version] : pythonReleases(pythons.range, markerValues(marker));
    const verdicts = new Set(
      releases.map((version) => evaluateMarker(marker, { ...machine, ...pythonVariables(version) })),
    );
    const [verdict] = verdicts;
    return verdicts.size === 1 ? verdict : undefined;
  }

  #pythonsAt(folder: string): Pythons {
    if (this.#isInstalled) {
      return this.#anywhere;
    }
    const known = this.#pythons.get(folder) ?? this.#nearestTo(folder);
    this.#pythons.set(folder, known);
    return known;
  }

  /** Statements of one folder must all hold; where no Python pleases them, nothing is known. */
  #nearestTo(folder: string): Pythons {
    const nearest = ancestorsOf(folder).find((each) => this.#declared.has(each)) ?? "";
    const range = (this.#declared.get(nearest) ?? []).flatMap((value) => parsePythonRange(value) ?? []);
    return range.length > 0 && pythonReleases(range, []).length > 0 ? { kind: "range", range } : this.#anywhere;
  }
}

/** The version of the environment, else the one version that files name; a range names none. */
function onlyVersion(stated: readonly Located<"python">[]): Pythons {
  const versions = new Set(stated.map(({ value }) => value).filter((value) => /^\d+\.\d+(?:\.\d+)?$/.test(value)));
  const [version] = versions;
  return versions.size === 1 && version !== undefined ? { kind: "one", version } : { kind: "unknown" };
}

function pythonVariables(version: string): MarkerEnvironment {
  const [major, minor, patch] = version.split(".");
  return {
    python_version: `${major}.${minor}`,
    ...(patch === undefined ? {} : { python_full_version: version, implementation_version: version }),
  };
}
