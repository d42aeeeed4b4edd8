import { groupBy } from "../base/groupBy.ts";
import { type Evidence, firstImports, statementsOf } from "./evidence.ts";
import type { Fact, FactConflict } from "./fact.ts";
import { factKeyOf, knownName, packageOfModule } from "./knownPackages.ts";
import { MarkerJudge } from "./markerJudge.ts";
import { distanceOf, isAside } from "./nearness.ts";
import { type Applicable, type Mention, packageConflicts } from "./packageConflicts.ts";
import { formatMarker } from "./pep/marker.ts";
import { formatSpecifiers, pinnedVersion } from "./pep/specifier.ts";
import { Projects } from "./projects.ts";
import { withOverrides } from "./uvOverrides.ts";

export type MergedPackages = { facts: readonly Fact[]; conflicts: readonly FactConflict[] };

const STANDINGS = ["locked", "installed", "declared"] as const;

/**
 * One fact for each known package, from the statement that is nearest to the truth of a run: locked, else installed,
 * else declared, else imported; of several files the one that is nearest to the top of the workspace. What a marker rules
 * out for this machine and the project's Pythons is no fact here. Statements that contradict each other are conflicts,
 * for whatever package.
 */
export function mergePackages(evidence: Evidence): MergedPackages {
  const judge = new MarkerJudge(evidence);
  const projects = new Projects(evidence);
  const mentions = new Map<string, Applicable[]>();
  for (const mention of withOverrides(statementsOf(evidence, "package"), evidence, projects)) {
    const name = knownName(mention.requirement.name);
    const own = mentions.get(name) ?? [];
    own.push(...applicable(mention, judge));
    mentions.set(name, own);
  }
  for (const [name, list] of mentions) {
    mentions.set(name, withoutIdleMarkers(list));
  }
  const stated = [...mentions].flatMap(([name, list]): Fact[] => {
    const key = factKeyOf(name);
    const best = bestMention(list);
    return key && best ? [{ key, ...describeMention(name, best) }] : [];
  });
  return {
    facts: [...stated, ...importedFacts(evidence, mentions)],
    conflicts: [...mentions].flatMap(([name, list]) => packageConflicts(name, list, projects)),
  };
}

/** A lock file that holds a package once means that version, also where its marker cannot be decided. */
function withoutIdleMarkers(mentions: readonly Applicable[]): Applicable[] {
  const locked = groupBy(
    mentions.filter(({ standing }) => standing === "locked"),
    ({ source }) => source.path,
  );
  return mentions.map((mention) => {
    const { marker, ...firm } = mention;
    const isAlone = mention.standing === "locked" && locked.get(mention.source.path)?.length === 1;
    return isAlone && marker !== undefined ? firm : mention;
  });
}

/** Nothing where the marker is false. */
function applicable(mention: Mention, judge: MarkerJudge): Applicable[] {
  const { marker } = mention.requirement;
  const extras = mention.standing === "locked" ? "any" : "none";
  const holds = marker === undefined || judge.holds(marker, mention.source.path, extras);
  return holds === false
    ? []
    : [{ ...mention, ...(marker && holds === undefined ? { marker: formatMarker(marker) } : {}) }];
}

type Best = Applicable & { standing: (typeof STANDINGS)[number] };

/**
 * A statement under a marker that cannot be decided yields to one without, that of a group to one that is always needed,
 * what a shell installs to what a manifest asks for, one of a folder further down to one nearer to the top, one without version to one with. The lock file of a folder says
 * nothing of what is asked for above it.
 */
function bestMention(mentions: readonly Applicable[]): Best | undefined {
  const all = mentions.filter((mention) => !isCompiled(mention, mentions));
  const needed = preferred(all.filter(({ standing }) => standing === "declared"));
  const reach = needed.every(isFirm) ? Math.min(...needed.map(({ source }) => distanceOf(source.path))) : Infinity;
  for (const standing of STANDINGS) {
    const own = all.flatMap((mention) =>
      mention.standing === standing && (standing !== "locked" || distanceOf(mention.source.path) <= reach)
        ? [{ ...mention, standing }]
        : [],
    );
    const candidates = preferred(own);
    const best = candidates.find(({ requirement }) => requirement.specifiers.length > 0) ?? candidates[0];
    if (best !== undefined) {
      return constrained(best, mentions);
    }
  }
  return undefined;
}

/** `requirements.in` says what `requirements.txt` was made from, by `pip-compile` or uv. */
function isCompiled({ source }: Applicable, mentions: readonly Applicable[]): boolean {
  const made = source.path.endsWith(".in") ? source.path.replace(/in$/, "txt") : undefined;
  return made !== undefined && mentions.some((other) => other.source.path === made);
}

function isFirm({ marker, group }: Applicable): boolean {
  return marker === undefined && group === undefined;
}

/** Those that none of the others comes before. */
function preferred<Kind extends Applicable>(mentions: readonly Kind[]): readonly Kind[] {
  const sure = mentions.filter(({ marker }) => marker === undefined);
  const possible = sure.length > 0 ? sure : mentions;
  const always = possible.filter(({ group }) => group === undefined);
  const asked = always.length > 0 ? always : possible;
  const written = asked.filter(({ from }) => from === undefined);
  const candidates = written.length > 0 ? written : asked;
  const nearest = Math.min(...candidates.map(({ source }) => distanceOf(source.path)));
  return candidates.filter(({ source }) => distanceOf(source.path) === nearest);
}

/** A requirement without version takes the version of a constraints file, as pip does. */
function constrained(best: Best, mentions: readonly Applicable[]): Best {
  const constraint = mentions.find(
    ({ standing, marker, requirement, source }) =>
      standing === "constraint" &&
      !marker &&
      requirement.specifiers.length > 0 &&
      isAside(source.path) === isAside(best.source.path),
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
