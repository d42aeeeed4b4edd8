import { type Evidence, firstImports, type Located, statementsOf } from "./evidence.ts";
import { type Fact, type FactConflict, formatSource } from "./fact.ts";
import { factKeyOf, knownName, packageOfModule } from "./knownPackages.ts";
import { markerEnvironment } from "./markerEnvironment.ts";
import { evaluateMarker, formatMarker, type MarkerEnvironment } from "./pep/marker.ts";
import { formatSpecifiers, pinnedVersion, satisfies } from "./pep/specifier.ts";

type Mention = Located<"package">;

/** A mention that may be of this machine. `marker` is the one that cannot be decided here. */
type Applicable = Mention & { marker?: string };

export type MergedPackages = { facts: readonly Fact[]; conflicts: readonly FactConflict[] };

const STANDINGS = ["locked", "installed", "declared"] as const;

/**
 * One fact for each known package, from the statement that is nearest to the truth of a run: locked, else installed,
 * else declared, else imported. What a marker rules out for this machine and its Python is no fact here. Statements that
 * contradict each other are conflicts, for whatever package.
 */
export function mergePackages(evidence: Evidence): MergedPackages {
  const environment = markerEnvironment(evidence);
  const mentions = new Map<string, Applicable[]>();
  for (const mention of statementsOf(evidence, "package")) {
    const name = knownName(mention.requirement.name);
    const own = mentions.get(name) ?? [];
    own.push(...applicable(mention, environment));
    mentions.set(name, own);
  }
  const stated = [...mentions].flatMap(([name, list]): Fact[] => {
    const key = factKeyOf(name);
    const best = bestMention(list);
    return key && best ? [{ key, ...describeMention(name, best) }] : [];
  });
  return {
    facts: [...stated, ...importedFacts(evidence, mentions)],
    conflicts: [...mentions].flatMap(([name, list]) => conflictsOf(name, list)),
  };
}

/** Nothing where the marker is false. */
function applicable(mention: Mention, environment: MarkerEnvironment): Applicable[] {
  const { marker } = mention.requirement;
  const holds = marker === undefined || evaluateMarker(marker, environment);
  return holds === false
    ? []
    : [{ ...mention, ...(marker && holds === undefined ? { marker: formatMarker(marker) } : {}) }];
}

type Best = Applicable & { standing: (typeof STANDINGS)[number] };

/**
 * A statement under a marker that cannot be decided yields to one without, that of a group to one that is always needed,
 * one without version to one with.
 */
function bestMention(mentions: readonly Applicable[]): Best | undefined {
  for (const standing of STANDINGS) {
    const own = mentions.flatMap((mention) => (mention.standing === standing ? [{ ...mention, standing }] : []));
    const sure = own.filter(({ marker }) => marker === undefined);
    const possible = sure.length > 0 ? sure : own;
    const always = possible.filter(({ group }) => group === undefined);
    const candidates = always.length > 0 ? always : possible;
    const best = candidates.find(({ requirement }) => requirement.specifiers.length > 0) ?? candidates[0];
    if (best !== undefined) {
      return constrained(best, mentions);
    }
  }
  return undefined;
}

/** A requirement without version takes the version of a constraints file, as pip does. */
function constrained(best: Best, mentions: readonly Applicable[]): Best {
  const constraint = mentions.find(
    ({ standing, marker, requirement }) => standing === "constraint" && !marker && requirement.specifiers.length > 0,
  );
  return best.requirement.specifiers.length > 0 || best.requirement.url !== undefined || constraint === undefined
    ? best
    : { ...constraint, standing: best.standing };
}

function describeMention(name: string, { requirement, standing, group, source, marker }: Best): Omit<Fact, "key"> {
  const pinned = pinnedVersion(requirement.specifiers);
  const version = standing === "declared" ? formatSpecifiers(requirement.specifiers) : (pinned ?? "");
  const from = requirement.url !== undefined && version === "" ? ` from ${requirement.url}` : "";
  const why = group === undefined ? standing : `${standing} for ${group}`;
  return {
    value: version === "" ? `${name}${from}` : `${name} ${version}`,
    why: marker === undefined ? why : `${why}, where ${marker}`,
    source,
    confidence: standing,
    ...(group === undefined ? {} : { group }),
  };
}

/** Known packages that are imported and that no manifest asks for here; the project's own modules hide them. */
function importedFacts(evidence: Evidence, mentions: ReadonlyMap<string, readonly unknown[]>): Fact[] {
  const own = ownModules(evidence);
  const facts = new Map<string, Fact>();
  for (const [module, source] of firstImports(evidence)) {
    const name = packageOfModule(module);
    const key = name === undefined ? undefined : factKeyOf(name);
    const stated = name === undefined ? undefined : mentions.get(name);
    if (name !== undefined && key && !stated?.length && !facts.has(name) && !own.has(module)) {
      const why = stated ? "imported, named in manifests for other machines only" : "imported, named in no manifest";
      facts.set(name, { key, value: name, why, source, confidence: "imported" });
    }
  }
  return [...facts.values()];
}

/** Modules and packages at the top of the workspace or of its `src`. */
function ownModules({ layout }: Evidence): ReadonlySet<string> {
  const own = new Set<string>();
  for (const path of layout.files) {
    const module = /^(?:src\/)?(\w+)(?:\.py|\/__init__\.py)$/.exec(path)?.[1];
    if (module !== undefined) {
      own.add(module);
    }
  }
  return own;
}

/** What is locked or installed against what is declared, and locks and pins against each other. */
function conflictsOf(name: string, mentions: readonly Applicable[]): FactConflict[] {
  const versions = mentions
    .filter(({ standing }) => standing === "locked" || standing === "installed")
    .slice(0, MAX_COMPARED);
  const declared = mentions
    .filter(({ standing, requirement }) => isFirm(standing) && requirement.specifiers.length > 0)
    .slice(0, MAX_COMPARED);
  const conflicts = versions.flatMap((actual) => {
    const version = pinnedVersion(actual.requirement.specifiers);
    const broken =
      version === undefined
        ? undefined
        : declared.find((mention) => breaks(mention, actual, version) && !isMetBeside(actual, mention, versions));
    return broken ? [conflict(name, actual, broken)] : [];
  });
  const locked = versions.find(({ standing }) => standing === "locked");
  const installed = versions.find(({ standing }) => standing === "installed");
  if (conflicts.length === 0 && locked && installed && !agree(locked, installed, versions)) {
    conflicts.push(conflict(name, installed, locked));
  }
  return [...conflicts, ...contradictions(name, mentions)].slice(0, 1);
}

/** A lock file may hold one package in several versions, of which one is for here. */
function isMetBeside(actual: Mention, declared: Mention, versions: readonly Mention[]): boolean {
  return versions.some(({ source, requirement }) => {
    const version = source.path === actual.source.path ? pinnedVersion(requirement.specifiers) : undefined;
    return version !== undefined && satisfies(version, declared.requirement.specifiers);
  });
}

/** Manifests that speak of one environment, the project's own; the others may be variants of it. */
const MAIN_MANIFEST = /(?:^|\/)(?:requirements\.txt|pyproject\.toml|setup\.cfg|setup\.py|environment\.ya?ml|Pipfile)$/;

/** Two manifests of one folder that no version can please. */
function contradictions(name: string, mentions: readonly Applicable[]): FactConflict[] {
  const own = mentions
    .filter(
      ({ standing, marker, group, source }) =>
        standing === "declared" && !marker && !group && MAIN_MANIFEST.test(source.path),
    )
    .slice(0, MAX_COMPARED);
  return own.flatMap((pinned) => {
    const version = pinnedVersion(pinned.requirement.specifiers);
    const other = own.find(
      (mention) =>
        mention.source.path !== pinned.source.path && version !== undefined && breaks(mention, pinned, version),
    );
    return other ? [conflict(name, pinned, other)] : [];
  });
}

/** Each version is compared with each requirement; a package that is named more often is named by a program. */
const MAX_COMPARED = 200;

function isFirm(standing: Mention["standing"]): boolean {
  return standing === "declared" || standing === "constraint";
}

/** A requirement of a group, or under a marker that cannot be decided, may not count here, and a manifest of another folder speaks of another project. */
function breaks(declared: Applicable, actual: Mention, version: string): boolean {
  const isConditional = declared.marker !== undefined || declared.group !== undefined;
  return !isConditional && isNear(declared, actual) && !satisfies(version, declared.requirement.specifiers);
}

/** An environment at the top serves the whole workspace; a lock file only its own folder. */
function isNear(declared: Mention, actual: Mention): boolean {
  return actual.standing === "installed"
    ? !declared.source.path.includes("/")
    : folderOf(declared.source.path) === folderOf(actual.source.path);
}

/** A lock file may hold one package in several versions, one for each platform. */
function agree(locked: Mention, installed: Mention, versions: readonly Mention[]): boolean {
  const version = pinnedVersion(installed.requirement.specifiers) ?? "";
  const locks = versions.filter(({ standing, source }) => standing === "locked" && !source.path.includes("/"));
  return (
    locked.source.path.includes("/") || locks.some(({ requirement }) => satisfies(version, requirement.specifiers))
  );
}

function conflict(name: string, actual: Mention, other: Mention): FactConflict {
  const version = pinnedVersion(actual.requirement.specifiers) ?? "";
  const wanted = formatSpecifiers(other.requirement.specifiers);
  const statement = other.standing === "locked" ? "locks" : "asks for";
  const advice = {
    installed: "Install again, or change the requirement",
    locked: "Lock again, or change the requirement",
  };
  return {
    message:
      `${name} ${version} is ${actual.standing} (${formatSource(actual.source)}), but ${formatSource(other.source)} ` +
      `${statement} ${wanted}. ${actual.standing === "installed" || actual.standing === "locked" ? advice[actual.standing] : "Make them agree"}.`,
    sources: [actual.source, other.source],
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
