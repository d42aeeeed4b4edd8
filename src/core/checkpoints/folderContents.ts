import type { CheckpointEntry, UnreadableFile } from "./checkpointListing.ts";

/** What is known of a checkpoint folder that is watched. */
export type FolderContents = {
  /** Finished and torn ones, newest first; while the folder cannot be read, those it held when it could. */
  entries: readonly CheckpointEntry[];
  /** Those that are being written now. */
  writing: readonly { path: string; sizeBytes: number }[];
  unreadable: readonly UnreadableFile[];
  /** A sentence while the folder is missing or cannot be read. */
  problem?: string;
  /** A sentence where not all of it is watched. */
  limit?: string;
};
