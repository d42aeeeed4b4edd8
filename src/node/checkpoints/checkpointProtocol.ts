import type { CheckpointPage } from "../../core/checkpoints/checkpointPage.ts";
import type { PackedRows } from "../../core/checkpoints/packedRows.ts";
import type { TableQuery } from "../../core/checkpoints/tensorTable.ts";

/** What the thread is asked; an open page is known by its number until it is closed. */
export type CheckpointRequest = { id: number } & CheckpointQuestion;

export type CheckpointQuestion =
  | { kind: "open"; page: number; path: string }
  | { kind: "rows"; page: number; query: TableQuery }
  | { kind: "close"; page: number }
  | { kind: "compare"; before: string; after: string };

export type CheckpointReply = { id: number } & CheckpointAnswer;

export type CheckpointAnswer =
  | { kind: "opened"; page: CheckpointPage; tensors: Uint8Array }
  | { kind: "rows"; rows: PackedRows }
  | { kind: "closed" }
  | { kind: "compared"; text: string }
  /** A refusal, as a sentence. */
  | { kind: "refused"; message: string };
