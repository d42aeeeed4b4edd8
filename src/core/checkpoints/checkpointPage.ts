import type { CompletenessState } from "./checkpointSummary.ts";
import { checkpointFacts } from "./describeCheckpoint.ts";
import { leastTrustOf } from "./importedName.ts";
import type { PackedRows } from "./packedRows.ts";
import type { CheckpointDetails } from "./readCheckpointFile.ts";
import type { TensorEntry } from "./tensorEntry.ts";
import { shapeText, type TableQuery } from "./tensorTable.ts";

/** What the page of a checkpoint asks of the extension. */
export type PageRequest =
  | { kind: "ready" }
  /** `number` counts the questions, `version` is that of the file whose tensors the page has. */
  | { kind: "query"; number: number; version: number; query: TableQuery }
  | { kind: "copy"; text: string }
  | { kind: "compare" }
  | { kind: "resume" };

/** What the extension sends to the page. A re-read of the file has a higher version. */
export type PageMessage =
  /** The tensors are the JSON text of PageTensor[] as UTF-8, which passes windows as it is. */
  | { kind: "file"; version: number; page: CheckpointPage; tensors: Uint8Array }
  | { kind: "rows"; number: number; version: number; rows: PackedRows }
  | { kind: "unreadable"; text: string };

export type CheckpointPage = {
  name: string;
  state: CompletenessState;
  reason: string;
  /** What loading would import beyond the known names; undefined where it is nothing. */
  warning?: { isDangerous: boolean; names: readonly string[] };
  facts: readonly (readonly [label: string, text: string])[];
  /** Tensors beyond those that a page shows. */
  hiddenTensors: number;
  canResume: boolean;
};

/** Name, dtype, shape, bytes (-1: not known) and whether its storage is shared; an array, since there may be 100,000. */
export type PageTensor = readonly [name: string, dtype: string, shape: string, sizeBytes: number, isShared: boolean];

const MAX_WARNED_NAMES = 100;
/** Five times what the largest models have. */
const MAX_TENSORS = 500_000;
/** No module is nested so deeply that its name is longer; it is only shown and copied. */
const MAX_NAME = 1_000;
/** Told in the page's own places. */
const SHOWN_ELSEWHERE = new Set(["Completeness", "Warning"]);

export function checkpointPage({ summary, tensors }: CheckpointDetails): CheckpointPage {
  const trust = leastTrustOf(summary.imports);
  const names = summary.imports.filter((each) => each.trust === trust).map(({ name }) => name);
  const { state, reason } = summary.completeness;
  return {
    name: summary.name,
    state,
    reason,
    ...(trust !== "known" && {
      warning: { isDangerous: trust === "dangerous", names: names.slice(0, MAX_WARNED_NAMES) },
    }),
    facts: checkpointFacts(summary).filter(([label]) => !SHOWN_ELSEWHERE.has(label)),
    hiddenTensors: Math.max(0, tensors.length - MAX_TENSORS),
    canResume: state === "whole" && trust !== "dangerous" && summary.format !== "gguf",
  };
}

/** As many tensors as a page shows, with names that it can show. */
export function shownTensors(tensors: readonly TensorEntry[]): TensorEntry[] {
  return tensors
    .slice(0, MAX_TENSORS)
    .map((tensor) => (tensor.name.length > MAX_NAME ? { ...tensor, name: tensor.name.slice(0, MAX_NAME) } : tensor));
}

export function encodeTensors(tensors: readonly TensorEntry[]): Uint8Array {
  const rows = tensors.map(
    ({ name, dtype, shape, sizeBytes = -1, isShared }): PageTensor => [
      name,
      dtype,
      shapeText(shape),
      sizeBytes,
      isShared,
    ],
  );
  return new TextEncoder().encode(JSON.stringify(rows));
}
