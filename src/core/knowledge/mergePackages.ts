import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import { type Confidence, type Fact, type FactConflict, formatSource } from "./fact.ts";
import { factKeyOf, knownName, packageOfModule } from "./knownPackages.ts";
import { formatSpecifiers, pinnedVersion, satisfies } from "./pep/specifier.ts";

type Mention = Located<"package">;

export type MergedPackages = { facts: readonly Fact[]; conflicts: readonly FactConflict[] };

const STANDINGS = ["locked", "installed", "declared"] as const;

/**
 * One fact for each known package, from the statement that is nearest to the truth of a run: locked, else installed,
 * else declared, else imported. Statements that contradict each other are conflicts, for whatever package.
 */
export function mergePackages(evidence: Evidence): MergedPackages {
  const mentions = new Map<string, Mention[]>();
  for (const mention of statementsOf(evidence, "package")) {
    const name = knownName(mention.requirement.name);
    const own = mentions.get(name);
    if (own === undefined) {
      mentions.set(name, [mention]);
    } else {
      own.push(mention);
    }
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

/** A statement without version yields to one with: it tells less. */
function bestMention(mentions: readonly Mention[]): Mention | undefined {
  for (const standing of STANDINGS) {
    const own = mentions.filter((mention) => mention.standing === standing);
    const versioned = own.find(({ requirement }) => requirement.specifiers.length > 0);
    if (own.length > 0) {
      return versioned ?? own[0];
    }
  }
  return undefined;
}

function describeMention(name: string, mention: Mention): Omit<Fact, "key"> {
  const { requirement, standing, group, source } = mention;
  const pinned = pinnedVersion(requirement.specifiers);
  const version = standing === "declared" ? formatSpecifiers(requirement.specifiers) : (pinned ?? "");
  const from = requirement.url !== undefined && version === "" ? ` from ${requirement.url}` : "";
  const confidence: Confidence = standing === "constraint" ? "declared" : standing;
  return {
    value: version === "" ? `${name}${from}` : `${name} ${version}`,
    why: group === undefined ? standing : `${standing} for ${group}`,
    source,
    confidence,
  };
}

/** Known packages that are imported and that no manifest names; the project's own modules hide them. */
function importedFacts(evidence: Evidence, mentions: ReadonlyMap<string, unknown>): Fact[] {
  const own = ownModules(evidence);
  const facts = new Map<string, Fact>();
  for (const { module, source } of statementsOf(evidence, "import")) {
    const name = packageOfModule(module);
    const key = name === undefined ? undefined : factKeyOf(name);
    if (name !== undefined && key && !mentions.has(name) && !facts.has(name) && !own.has(module)) {
      facts.set(name, { key, value: name, why: "imported, named in no manifest", source, confidence: "imported" });
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
function conflictsOf(name: string, mentions: readonly Mention[]): FactConflict[] {
  const versions = mentions
    .filter(({ standing }) => standing === "locked" || standing === "installed")
    .slice(0, MAX_COMPARED);
  const declared = mentions
    .filter(({ standing, requirement }) => isFirm(standing) && requirement.specifiers.length > 0)
    .slice(0, MAX_COMPARED);
  const conflicts = versions.flatMap((actual) => {
    const version = pinnedVersion(actual.requirement.specifiers);
    const broken = version === undefined ? undefined : declared.find((mention) => breaks(mention, actual, version));
    return broken ? [conflict(name, actual, broken)] : [];
  });
  const locked = versions.find(({ standing }) => standing === "locked");
  const installed = versions.find(({ standing }) => standing === "installed");
  if (conflicts.length === 0 && locked && installed && !agree(locked, installed, versions)) {
    conflicts.push(conflict(name, installed, locked));
  }
  return conflicts.slice(0, 1);
}

/** Each version is compared with each requirement; a package that is named more often is named by a program. */
const MAX_COMPARED = 200;

function isFirm(standing: Mention["standing"]): boolean {
  return standing === "declared" || standing === "constraint";
}

/** A requirement with a marker or of a group may not count here, and a manifest of another folder speaks of another project. */
function breaks(declared: Mention, actual: Mention, version: string): boolean {
  const isConditional = declared.requirement.marker !== undefined || declared.group !== undefined;
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
  return {
    message:
      `${name} ${version} is ${actual.standing} (${formatSource(actual.source)}), but ${formatSource(other.source)} ` +
      `${statement} ${wanted}. ${actual.standing === "installed" ? "Install again" : "Lock again"}, or change the requirement.`,
    sources: [actual.source, other.source],
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
