import {
  compareBase,
  comparePrefix,
  comparePublic,
  compareVersions,
  isPrerelease,
  parseVersion,
  type Version,
} from "./version.ts";

export type Operator = "~=" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "===";

/** One clause of a version specifier (PEP 440): `>=2.4`, `==1.*`. */
export type Specifier = { operator: Operator; version: string };

/** All clauses must hold; none means any version. */
export type SpecifierSet = readonly Specifier[];

const CLAUSE = /^(~=|===|==|!=|<=|>=|<|>)\s*(\S+)$/;

/** Nothing for a text that is no specifier, `>=` without a version or `2.4` without an operator among them. */
export function parseSpecifiers(text: string): SpecifierSet | undefined {
  const clauses = text.split(",").map((part) => part.trim());
  // One comma may trail, as in `>=1,`; a list of nothing is no clause.
  const written = clauses.filter((clause) => clause !== "");
  const parsed = written.map(parseClause);
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
    return /[;)]/.test(version) ? undefined : { operator, version };
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

/** `<2.0` leaves out `2.0rc1` as well, unless the bound itself is a preview. */
function isBelow(candidate: Version, bound: Version): boolean {
  const isPreviewOfBound = !isPrerelease(bound) && isPrerelease(candidate) && compareBase(candidate, bound) === 0;
  return compareVersions(candidate, bound) < 0 && !isPreviewOfBound;
}

/** `>1.0` leaves out `1.0.post1` and `1.0+local`, unless the bound itself is a post-release. */
function isAbove(candidate: Version, bound: Version): boolean {
  const isSameBase = compareBase(candidate, bound) === 0;
  const isPostOfBound = isSameBase && bound.post === undefined && candidate.post !== undefined;
  return compareVersions(candidate, bound) > 0 && !isPostOfBound && !(isSameBase && candidate.local !== undefined);
}

function isOperator(text: string | undefined): text is Operator {
  return text !== undefined && ["~=", "==", "!=", "<=", ">=", "<", ">", "==="].includes(text);
}
