import type { Stats } from "node:fs";
import { basename, dirname } from "node:path";
import { isGroupName } from "../../core/checkpoints/fileGroup.ts";
import { errorCode } from "../base/fileErrors.ts";
import { fileCalls } from "./fileCalls.ts";
import type { FoundParts } from "./listCheckpointFolder.ts";
import { type FoundCheckpoint, seeFolder, seeShards } from "./lookIntoFolder.ts";

/**
 * A checkpoint as a look into its folder sees it. Undefined where it is gone or may not be seen, and for a file that
 * stands for others unless they are named: nothing would tell that one of those has changed.
 */
export async function seeCheckpoint({ path, shards }: FoundParts): Promise<FoundCheckpoint | undefined> {
  const name = basename(path);
  if (shards === undefined && isGroupName(name)) {
    return undefined;
  }
  try {
    const status = await fileCalls.stat(path);
    if (status.isDirectory()) {
      return { ...(await seeFolder(path)), name };
    }
    return shards === undefined
      ? { path, name, kind: "file", ...stateOf(status) }
      : { path, name, kind: "file", shards, ...(await seeShards(dirname(path), shards)) };
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return undefined;
  }
}

function stateOf({ size, mtimeMs, dev, ino }: Stats): Pick<FoundCheckpoint, "sizeBytes" | "modifiedMs" | "fileId"> {
  return { sizeBytes: size, modifiedMs: mtimeMs, fileId: `${dev}:${ino}` };
}
