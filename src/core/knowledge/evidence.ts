import type { FactSource } from "./fact.ts";
import type { PlaceholderSettings } from "./factOverrides.ts";
import type { Reading, Statement } from "./manifests/reading.ts";
import type { MarkerEnvironment } from "./pep/marker.ts";

/** Names of files and folders that tell something by being there. */
export type Layout = {
  /** Every folder entered, relative to the workspace folder, which is an empty text. */
  folders: readonly string[];
  /** Folders that hold files of model weights, each with one of those files. */
  checkpointFolders: ReadonlyMap<string, string>;
  /** Folders that hold event files of TensorBoard. */
  eventFolders: readonly string[];
  /** Every file seen, for detectors that match names. */
  files: readonly string[];
};

/** All that was read in a workspace folder. */
export type Evidence = {
  readings: ReadonlyMap<string, Reading>;
  layout: Layout;
  settings: PlaceholderSettings;
  /** What markers may ask of the machine (`sys_platform`), by their names. */
  machine: MarkerEnvironment;
};

/** Imports are the many of a workspace, and are asked for by `firstImports`. */
type GroupedKind = Exclude<Statement["kind"], "import">;

export type Located<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }> & { source: FactSource };

/** All statements of one kind with their places, in the order in which the files were read. */
export function statementsOf<Kind extends GroupedKind>({ readings }: Evidence, kind: Kind): Located<Kind>[] {
  let byKind = grouped.get(readings);
  if (byKind === undefined) {
    byKind = groupByKind(readings);
    grouped.set(readings, byKind);
  }
  return (byKind.get(kind) ?? []).filter((statement) => isOfKind(statement, kind));
}

/** Each module that is imported, with the first place where it is, in the order in which the files were read. */
export function firstImports({ readings }: Evidence): ReadonlyMap<string, FactSource> {
  const known = imported.get(readings);
  if (known !== undefined) {
    return known;
  }
  const first = new Map<string, FactSource>();
  for (const [path, { statements }] of readings) {
    for (const statement of statements) {
      if (statement.kind === "import" && !first.has(statement.module)) {
        first.set(statement.module, { path, line: statement.line });
      }
    }
  }
  imported.set(readings, first);
  return first;
}

const imported = new WeakMap<Evidence["readings"], ReadonlyMap<string, FactSource>>();

/** Every kind of fact asks for its own statements. */
const grouped = new WeakMap<Evidence["readings"], Map<Statement["kind"], AnyLocated[]>>();

type AnyLocated = Statement & { source: FactSource };

function groupByKind(readings: Evidence["readings"]): Map<Statement["kind"], AnyLocated[]> {
  const byKind = new Map<Statement["kind"], AnyLocated[]>();
  for (const [path, { statements }] of readings) {
    for (const statement of statements) {
      if (statement.kind === "import") {
        continue;
      }
      const located = { ...statement, source: { path, line: statement.line } };
      const group = byKind.get(statement.kind);
      if (group === undefined) {
        byKind.set(statement.kind, [located]);
      } else {
        group.push(located);
      }
    }
  }
  return byKind;
}

function isOfKind<Kind extends Statement["kind"]>(statement: AnyLocated, kind: Kind): statement is Located<Kind> {
  return statement.kind === kind;
}
