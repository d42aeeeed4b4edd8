import type { CheckpointReader } from "../../core/tools/inspectCheckpoints.ts";
import { checkpointClient } from "./checkpointClient.ts";
import { diskAt } from "./listCheckpointFolder.ts";

/** Reads checkpoints from disk, in their thread. */
export function openCheckpointReader(): CheckpointReader {
  const client = checkpointClient();
  return {
    read: (path) => client.summary({ path }),
    list: (folder, signal) => client.list(folder, { signal }),
    disk: diskAt,
  };
}
