import type { CheckpointListing } from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointPage } from "../../core/checkpoints/checkpointPage.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import type { ListUntil } from "../../core/checkpoints/listUntil.ts";
import type { PackedRows } from "../../core/checkpoints/packedRows.ts";
import type { TableQuery } from "../../core/checkpoints/tensorTable.ts";
import type { FoundParts } from "./listCheckpointFolder.ts";

/** What the thread is asked; an open page is known by its number until it is closed. */
export type CheckpointRequest = {
  id: number;
  /** Memory that is shared: set to 1 once nobody waits for the answer. */
  stop?: Int32Array | undefined;
} & CheckpointQuestion;

export type CheckpointQuestion =
  | { kind: "open"; page: number; path: string }
  | { kind: "rows"; page: number; query: TableQuery }
  | { kind: "close"; page: number }
  /** `hasNumbers`: those in the tensors too, which takes as long as reading both files. */
  | { kind: "compare"; before: string; after: string; hasNumbers: boolean }
  | { kind: "summary"; found: FoundParts }
  | { kind: "list"; folder: string; until?: ListUntil | undefined };

export type CheckpointReply = { id: number } & CheckpointAnswer;

export type CheckpointAnswer =
  | { kind: "opened"; page: CheckpointPage; tensors: Uint8Array }
  | { kind: "rows"; rows: PackedRows }
  | { kind: "closed" }
  | { kind: "compared"; text: string }
  | { kind: "summarised"; summary: CheckpointSummary }
  /** Without its entries, which are packed. */
  | { kind: "listed"; listing: CheckpointListing; packed: readonly Uint8Array<ArrayBuffer>[] }
  /** A refusal, as a sentence. */
  | { kind: "refused"; message: string };

export type Answer<Kind extends CheckpointAnswer["kind"]> = Extract<CheckpointAnswer, { kind: Kind }>;
