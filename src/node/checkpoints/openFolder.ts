import { basename, dirname, join } from "node:path";
import type { CheckpointFolder } from "../../core/checkpoints/checkpointFolder.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileBytes } from "./fileByteSource.ts";
import { fileCalls } from "./fileCalls.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

const CONCURRENT_CALLS = 16;

/** A folder of the disk as the readers of checkpoint folders see it. Rejects where it cannot be listed. */
export async function openFolder(path: string): Promise<CheckpointFolder> {
  const names = (await fileCalls.readdir(path)).map(({ name }) => name);
  const files: { name: string; sizeBytes: number }[] = [];
  const folders: string[] = [];
  await mapConcurrently(names.toSorted(), CONCURRENT_CALLS, async (name) => {
    const status = await fileCalls.stat(join(path, name)).catch(() => undefined);
    if (status?.isFile()) {
      files.push({ name, sizeBytes: status.size });
    } else if (status?.isDirectory()) {
      folders.push(name);
    }
  });
  return {
    name: basename(path),
    files: files.toSorted(byName),
    folders: folders.toSorted(),
    open: (name, read) => orNothing(() => withFileBytes(join(path, name), read)),
    enter: (name) => orNothing(() => openFolder(name === ".." ? dirname(path) : join(path, name))),
  };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

async function orNothing<Result>(open: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await open();
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") {
      return undefined;
    }
    throw error;
  }
}
