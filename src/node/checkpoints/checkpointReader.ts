import type { CheckpointReader } from "../../core/tools/inspectCheckpoints.ts";
import { diskAt, listCheckpointFolder, SummaryCache } from "./listCheckpointFolder.ts";
import { readCheckpoint } from "./readCheckpoint.ts";

/** Reads checkpoints from disk; what it has listed once is not read again until it changes. */
export function openCheckpointReader(cache: SummaryCache = new SummaryCache()): CheckpointReader {
  return {
    read: readCheckpoint,
    list: (folder, signal) => listCheckpointFolder(folder, { cache, signal }),
    disk: diskAt,
  };
}
