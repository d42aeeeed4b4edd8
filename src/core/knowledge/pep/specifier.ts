import { comparePrefix, comparePublic, compareVersions, isPrerelease, parseVersion, type Version } from "./version.ts";

export type Operator = "~=" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "===";

/** One clause of a version specifier (PEP 440): `>=2.4`, `==1.*`. */
export type Specifier = { operator: Operator; version: string };

/** All clauses must hold; none means any version. */
export type SpecifierSet = readonly Specifier[];

/** One clause and its comma, as a requirement separates them: behind `===` everything up to a blank is the version. */
const SEPARATED = /\s*(?:===\s*[^\s;)]*(?![^\s;)])|(?:~=|==(?!=)|!=|<=|>=|<|>)\s*[^\s,;)]+)\s*(?:,|$)/y;

const CLAUSE = /^(~=|===|==|!=|<=|>=|<|>)\s*(\S*)$/;

/** Nothing for a text that is no specifier, `>=` without a version or `2.4` without an operator among them. One comma may trail. */
export function parseSpecifiers(text: string): SpecifierSet | undefined {
  const source = text.trim();
  const pattern = new RegExp(SEPARATED);
  while (pattern.lastIndex < source.length) {
    if (!pattern.test(source)) {
      return undefined;
    }
  }
  const clauses = source.split(",").map((part) => part.trim());
  const parsed = clauses.filter((clause) => clause !== "").map(parseClause);
  return parsed.every((clause) => clause !== undefined) ? parsed : undefined;
}

/** Clauses in the order of their text without blanks, which is how `packaging` writes a set. */
export function formatSpecifiers(specifiers: SpecifierSet): string {
  return [...new Set(specifiers.map(({ operator, version }) => `${operator}${version}`))].toSorted().join(",");
}

/** Whether a version is allowed. Previews count as any other version: what is installed is what it is. */
export function satisfies(version: string, specifiers: SpecifierSet): boolean {
  const candidate = parseVersion(version);
  return specifiers.every((specifier) =>
    candidate === undefined || specifier.operator === "==="
      ? specifier.operator === "===" && version.toLowerCase() === specifier.version.toLowerCase()
      : holds(candidate, specifier),
  );
}

/** Whether no version pleases both. */
export function areDisjoint(one: SpecifierSet, other: SpecifierSet): boolean {
  const clauses = [...one, ...other];
  return !["0", ...clauses.flatMap(versionsAt)].some((version) => satisfies(version, clauses));
}

/** The least versions that a clause may let in: its bound, those just below and above it, and the first behind what it leaves out. */
function versionsAt({ operator, version }: Specifier): string[] {
  const bound = version.replace(/\.\*$/, "");
  const parsed = parseVersion(bound);
  if (operator === "===" || parsed === undefined) {
    return [bound];
  }
  const release = parsed.release.join(".");
  const epoch = parsed.epoch === "0" ? "" : `${parsed.epoch}!`;
  const next = [...parsed.release.slice(0, -1), String(Number(parsed.release.at(-1)) + 1)].join(".");
  return [
    bound,
    `${bound}.post1`,
    `${epoch}${release}.0.1`,
    `${epoch}${release}`,
    `${epoch}${release}.dev0`,
    `${epoch}${next}`,
  ];
}

/** The version of `==1.2`, the one form that names exactly one release. */
export function pinnedVersion(specifiers: SpecifierSet): string | undefined {
  return specifiers.find(({ operator, version }) => /^={2,3}$/.test(operator) && !version.endsWith("*"))?.version;
}

function parseClause(text: string): Specifier | undefined {
  const [, operator, version = ""] = CLAUSE.exec(text) ?? [];
  if (!isOperator(operator)) {
    return undefined;
  }
  if (operator === "===") {
    return { operator, version };
  }
  const isWildcard = version.endsWith(".*");
  const parsed = parseVersion(isWildcard ? version.slice(0, -2) : version);
  if (parsed === undefined) {
    return undefined;
  }
  const isEquality = operator === "==" || operator === "!=";
  const isBareRelease = !isPrerelease(parsed) && parsed.post === undefined && parsed.local === undefined;
  const isAllowed = isWildcard
    ? isEquality && isBareRelease
    : (isEquality || parsed.local === undefined) && (operator !== "~=" || parsed.release.length >= 2);
  return isAllowed ? { operator, version } : undefined;
}

function holds(candidate: Version, { operator, version }: Specifier): boolean {
  const isWildcard = version.endsWith(".*");
  const bound = parseVersion(isWildcard ? version.slice(0, -2) : version);
  if (bound === undefined) {
    return false;
  }
  switch (operator) {
    case "==":
      return isWildcard ? hasPrefix(candidate, bound, bound.release.length) : equals(candidate, bound);
    case "!=":
      return isWildcard ? !hasPrefix(candidate, bound, bound.release.length) : !equals(candidate, bound);
    case "~=":
      return comparePublic(candidate, bound) >= 0 && hasPrefix(candidate, bound, bound.release.length - 1);
    case "<=":
      return comparePublic(candidate, bound) <= 0;
    case ">=":
      return comparePublic(candidate, bound) >= 0;
    case "<":
      return isBelow(candidate, bound);
    case ">":
      return isAbove(candidate, bound);
    case "===":
      break;
  }
  return false;
}

function hasPrefix(candidate: Version, bound: Version, length: number): boolean {
  return candidate.epoch === bound.epoch && comparePrefix(candidate.release, bound.release, length) === 0;
}

/** `==1.0` also allows `1.0+cu126`; a local part counts only where the specifier names one. */
function equals(candidate: Version, bound: Version): boolean {
  return (bound.local === undefined ? comparePublic : compareVersions)(candidate, bound) === 0;
}

/** `<2.0` leaves out the previews of 2.0 itself, `<2.0.post1` those of that post-release, unless the bound is a preview. */
function isBelow(candidate: Version, bound: Version): boolean {
  return compareVersions(candidate, isPrerelease(bound) ? bound : { ...bound, dev: "0" }) < 0;
}

/** `>1.0` leaves out `1.0.post1` and `1.0+local`; the first counts where the bound names a post or dev release. */
function isAbove(candidate: Version, bound: Version): boolean {
  const { epoch, release, pre, post } = candidate;
  const isBareBound = bound.post === undefined && bound.dev === undefined;
  const isPostOfBound =
    isBareBound && post !== undefined && comparePublic({ epoch, release, ...(pre ? { pre } : {}) }, bound) === 0;
  return comparePublic(candidate, bound) > 0 && !isPostOfBound;
}

function isOperator(text: string | undefined): text is Operator {
  return text !== undefined && ["~=", "==", "!=", "<=", ">=", "<", ">", "==="].includes(text);
}
