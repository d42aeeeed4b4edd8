import { groupBy } from "../base/groupBy.ts";
import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import { type FactConflict, formatSource } from "./fact.ts";
import { folderOf } from "./nearness.ts";
import type { SpecifierSet } from "./pep/specifier.ts";
import { Projects } from "./projects.ts";
import { parsePythonRange, pythonReleases, tellsPython } from "./pythonRange.ts";

type Wish = { statement: Located<"python">; range: SpecifierSet; environment: string };

/** A workspace of more members is compared in part. */
const MAX_COMPARED = 50;

/** Manifests of one environment that no Python pleases, and an installed Python that the manifests at the top refuse. */
export function pythonConflicts(evidence: Evidence): FactConflict[] {
  const projects = new Projects(evidence);
  const ranges = new Map<string, SpecifierSet | undefined>();
  const wishes = statementsOf(evidence, "python").flatMap((statement): Wish[] => {
    const { value, source } = statement;
    if (tellsPython(source.path) && !ranges.has(value)) {
      const range = parsePythonRange(value);
      ranges.set(value, range && isEmpty(range) ? undefined : range);
    }
    const range = tellsPython(source.path) ? ranges.get(value) : undefined;
    return range === undefined ? [] : [{ statement, range, environment: projects.of(folderOf(source.path)) }];
  });
  const installed = statementsOf(evidence, "python").filter(({ standing }) => standing === "installed");
  const refused = installed.slice(0, 1).flatMap((statement) => {
    const range = parsePythonRange(statement.value) ?? [];
    const wish = wishes.find(({ environment, range: asked }) => environment === "" && isEmpty([...range, ...asked]));
    return wish ? [conflict(statement, wish.statement)] : [];
  });
  const environments = groupBy(wishes, ({ environment }) => environment);
  return [...refused, ...[...environments.values()].flatMap(disputes)];
}

function disputes(wishes: readonly Wish[]): FactConflict[] {
  const compared = wishes.slice(0, MAX_COMPARED).toSorted(byPath);
  return compared.flatMap((one, index) => {
    const other = compared
      .slice(index + 1)
      .find(({ range, statement }) => statement.value !== one.statement.value && isEmpty([...one.range, ...range]));
    return other ? [conflict(other.statement, one.statement)] : [];
  });
}

/** A range comes before the file that names one version, which is the one to be changed more often. */
function byPath({ statement: a }: Wish, { statement: b }: Wish): number {
  const [isOneA, isOneB] = [a, b].map(({ value }) => Number(/^\d/.test(value)));
  return (isOneA ?? 0) - (isOneB ?? 0) || (a.source.path < b.source.path ? -1 : 1);
}

function isEmpty(range: SpecifierSet): boolean {
  return pythonReleases(range, []).length === 0;
}

function conflict(actual: Located<"python">, other: Located<"python">): FactConflict {
  const advice =
    actual.standing === "installed" ? "Make the environment anew, or change the manifest" : "Make them agree";
  return {
    message: `Python ${actual.value} is ${actual.standing} (${formatSource(actual.source)}), but ${formatSource(other.source)} asks for ${other.value}. ${advice}.`,
    severity: "warning",
    sources: [actual.source, other.source],
  };
}
