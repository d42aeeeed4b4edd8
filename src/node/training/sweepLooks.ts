import type { Run } from "../../core/training/runRecord.ts";
import { findSweep, type Sweep } from "../../core/training/sweep/sweepResults.ts";
import { endedByFolder, listRuns } from "./runLedger.ts";

/** Finds a sweep again and again, for whoever waits for its end: of hundreds of earlier runs each is read once. */
export function sweepLooks(root: string, id: string): () => Promise<Sweep | undefined> {
  let known: readonly Run[] = [];
  return async () => {
    known = (await listRuns(root, endedByFolder(known))).runs;
    return findSweep(known, id);
  };
}
