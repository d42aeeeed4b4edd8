import type { CompletenessState } from "./checkpointSummary.ts";
import { checkpointFacts } from "./describeCheckpoint.ts";
import { leastTrustOf } from "./pickleTrust.ts";
import type { CheckpointDetails } from "./readCheckpointFile.ts";
import { shapeText, type TableQuery, type TableRow } from "./tensorTable.ts";

/** What the page of a checkpoint asks of the extension. */
export type PageRequest = { kind: "ready" } | { kind: "query"; query: TableQuery } | { kind: "copy"; text: string };

/** What the extension sends to the page. */
export type PageMessage =
  | { kind: "file"; page: CheckpointPage }
  | { kind: "rows"; rows: readonly TableRow[] }
  | { kind: "unreadable"; text: string };

export type CheckpointPage = {
  name: string;
  state: CompletenessState;
  reason: string;
  /** What loading would import beyond the known names; undefined where it is nothing. */
  warning?: { isDangerous: boolean; names: readonly string[] };
  facts: readonly (readonly [label: string, text: string])[];
  /** Name, dtype, shape, bytes (-1: not known) and whether its storage is shared; arrays, since there may be 100,000. */
  tensors: readonly (readonly [name: string, dtype: string, shape: string, sizeBytes: number, isShared: boolean])[];
};

const MAX_WARNED_NAMES = 100;
/** Told in the page's own places. */
const SHOWN_ELSEWHERE = new Set(["Completeness", "Warning"]);

export function checkpointPage({ summary, tensors }: CheckpointDetails): CheckpointPage {
  const trust = leastTrustOf(summary.imports);
  const names = summary.imports.filter((each) => each.trust === trust).map(({ name }) => name);
  return {
    name: summary.name,
    state: summary.completeness.state,
    reason: summary.completeness.reason,
    ...(trust !== "known" && {
      warning: { isDangerous: trust === "dangerous", names: names.slice(0, MAX_WARNED_NAMES) },
    }),
    facts: checkpointFacts(summary).filter(([label]) => !SHOWN_ELSEWHERE.has(label)),
    tensors: tensors.map(({ name, dtype, shape, sizeBytes = -1, isShared }) => [
      name,
      dtype,
      shapeText(shape),
      sizeBytes,
      isShared,
    ]),
  };
}
