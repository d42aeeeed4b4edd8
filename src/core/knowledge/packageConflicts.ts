import { groupBy } from "../base/groupBy.ts";
import type { Located } from "./evidence.ts";
import { type FactConflict, formatSource } from "./fact.ts";
import { factKeyOf } from "./knownPackages.ts";
import { ancestorsOf, byNearness, folderOf } from "./nearness.ts";
import { areDisjoint, formatSpecifiers, pinnedVersion, satisfies } from "./pep/specifier.ts";
import type { Projects } from "./projects.ts";

export type Mention = Located<"package">;

/** A mention that may be of this machine. `marker` is the one that cannot be decided here. */
export type Applicable = Mention & { marker?: string };

/** What is locked or installed against what is declared, locks and pins against each other, and folders against folders. */
export function packageConflicts(name: string, mentions: readonly Applicable[], projects: Projects): FactConflict[] {
  const versions = mentions
    .filter(({ standing }) => standing === "locked" || standing === "installed")
    .slice(0, MAX_COMPARED);
  const declared = mentions
    .filter(({ standing, requirement }) => isWritten(standing) && requirement.specifiers.length > 0)
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
  const firm = declared.filter(({ standing, marker }) => standing === "declared" && marker === undefined);
  const between = firm.length > 1 ? [...contradictions(name, firm, projects), ...differences(name, firm)] : [];
  const together = [...impossible(name, declared), ...quarrels(name, declared, projects)];
  return telling([...conflicts, ...together, ...between]);
}

/** More of one package are read as one mistake. */
const MAX_SHOWN = 5;

/** Those that name a place of which the ones before say nothing; the others follow from them. */
function telling(conflicts: readonly FactConflict[]): FactConflict[] {
  const named = new Set<string>();
  const shown = conflicts.filter(({ sources }) => {
    const places = sources.map(formatSource);
    const isNew = places.some((place) => !named.has(place));
    places.forEach((place) => named.add(place));
    return isNew;
  });
  return shown.slice(0, MAX_SHOWN);
}

/** Each version is compared with each requirement; a package that is named more often is named by a program. */
const MAX_COMPARED = 200;

function isWritten(standing: Mention["standing"]): boolean {
  return standing === "declared" || standing === "constraint";
}

/** A lock file may hold one package in several versions, of which one is for here. */
function isMetBeside(actual: Mention, declared: Mention, versions: readonly Mention[]): boolean {
  return versions.some(({ source, requirement }) => {
    const version = source.path === actual.source.path ? pinnedVersion(requirement.specifiers) : undefined;
    return version !== undefined && satisfies(version, declared.requirement.specifiers);
  });
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

/** A requirement that leaves no version. */
function impossible(name: string, declared: readonly Applicable[]): FactConflict[] {
  const none = declared.find(({ requirement }) => areDisjoint(requirement.specifiers, []));
  return none === undefined
    ? []
    : [
        {
          message: `${formatSource(none.source)} asks for ${name} ${formatSpecifiers(none.requirement.specifiers)}, which no version meets. Correct it.`,
          severity: "warning",
          sources: [none.source],
        },
      ];
}

/** Two lines that are installed together and that no version pleases: of one file, or of one that includes the other. */
function quarrels(name: string, declared: readonly Applicable[], projects: Projects): FactConflict[] {
  const firm = declared.filter(({ marker, from }) => marker === undefined && from === undefined);
  for (const [index, other] of firm.entries()) {
    const one = firm
      .slice(0, index)
      .find(
        (each) =>
          areTogether(each, other, projects) && areDisjoint(each.requirement.specifiers, other.requirement.specifiers),
      );
    if (one !== undefined) {
      return [disagreement(name, other, one)];
    }
  }
  return [];
}

/**
 * What an extra or a group asks for is installed beside what its project needs, not beside another group. Constraints of
 * the project itself may be there to overrule it.
 */
function areTogether(one: Applicable, other: Applicable, projects: Projects): boolean {
  if (one.source.path !== other.source.path) {
    return projects.areJoined(one.source.path, other.source.path);
  }
  if (one.standing === "constraint" || other.standing === "constraint") {
    return false;
  }
  const isOfProject = /(?:^|\/)pyproject\.toml$/.test(one.source.path);
  return one.group === other.group || (isOfProject && (one.group === undefined || other.group === undefined));
}

/** Manifests that speak of one environment, the project's own; the others may be variants of it. */
const MAIN_MANIFEST = /(?:^|\/)(?:requirements\.txt|pyproject\.toml|setup\.cfg|setup\.py|environment\.ya?ml|Pipfile)$/;

function isMain({ group, source }: Mention): boolean {
  return group === undefined && MAIN_MANIFEST.test(source.path);
}

/**
 * Two manifests of one environment that no version can please: of one folder, of one workspace of uv, or a manifest and
 * what an image or a script installs for it.
 */
function contradictions(name: string, declared: readonly Applicable[], projects: Projects): FactConflict[] {
  const main = declared.filter(isMain);
  const folders = new Set(main.map(({ source }) => folderOf(source.path)));
  const environmentOf = (mention: Mention) => {
    const folder = folderOf(mention.source.path);
    return projects.of(isMain(mention) ? folder : (ancestorsOf(folder).find((each) => folders.has(each)) ?? folder));
  };
  const others = declared.filter(({ from }) => from !== undefined);
  const shared = [...groupBy([...others, ...main], environmentOf).values()].filter(({ length }) => length > 1);
  return shared.flatMap((members) =>
    pairs(members.filter(isMain).toSorted(byPath), members).map(([one, other]) => disagreement(name, one, other)),
  );
}

function byPath(a: Mention, b: Mention): number {
  return byNearness(a.source.path, b.source.path);
}

/** Folders that differ are told where facts speak of the package; each may have an environment of its own. */
function differences(name: string, declared: readonly Applicable[]): FactConflict[] {
  const main = factKeyOf(name) === undefined ? [] : declared.filter(isMain);
  const nearest = main.length > 1 ? main.toSorted(byPath).slice(0, 1) : [];
  return pairs(nearest, main).map(([near, far]) => ({
    ...disagreement(name, far, near),
    message: `${statement(name, far)}, but ${wish(near)}. The one nearer to the top counts here.`,
    severity: "information",
  }));
}

/** Pairs of two files that no version pleases, the first from the first list. */
function pairs(first: readonly Applicable[], second: readonly Applicable[]): [Applicable, Applicable][] {
  return first.flatMap((one) =>
    second.flatMap((other): [Applicable, Applicable][] =>
      one.source.path !== other.source.path && areDisjoint(one.requirement.specifiers, other.requirement.specifiers)
        ? [[one, other]]
        : [],
    ),
  );
}

/** What a shell installs is named first, else the pinned one: it is the one to be changed more often. */
function disagreement(name: string, one: Applicable, other: Applicable): FactConflict {
  const isPinned = pinnedVersion(one.requirement.specifiers) !== undefined;
  const isFirst = other.from === undefined && (isPinned || pinnedVersion(other.requirement.specifiers) === undefined);
  return isFirst ? conflict(name, one, other) : conflict(name, other, one);
}

const ADVICE: Readonly<Record<Mention["standing"], string>> = {
  installed: "Install again, or change the requirement",
  locked: "Lock again, or change the requirement",
  declared: "Make them agree",
  constraint: "Make them agree",
};

function conflict(name: string, actual: Mention, other: Mention): FactConflict {
  return {
    message: `${statement(name, actual)}, but ${wish(other)}. ${ADVICE[actual.standing]}.`,
    severity: "warning",
    sources: [actual.source, other.source],
  };
}

function statement(name: string, { requirement, standing, source }: Mention): string {
  const version = pinnedVersion(requirement.specifiers) ?? formatSpecifiers(requirement.specifiers);
  return `${name} ${version} is ${standing === "constraint" ? "a constraint" : standing} (${formatSource(source)})`;
}

function wish({ requirement, standing, source }: Mention): string {
  const verb = standing === "locked" ? "locks" : "asks for";
  return `${formatSource(source)} ${verb} ${formatSpecifiers(requirement.specifiers)}`;
}
