import type { Dirent } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { isCheckpointName, isTemporaryName } from "../../core/checkpoints/checkpointName.ts";
import type { SeenCheckpoint } from "../../core/checkpoints/checkpointWatch.ts";
import { isTrainerFolder } from "../../core/checkpoints/trainerFolder.ts";
import { errorCode } from "../base/fileErrors.ts";
import { explainFileError } from "./fileErrors.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

/** A checkpoint by its place and size alone; nothing of it has been read. */
export type FoundCheckpoint = SeenCheckpoint & {
  name: string;
  kind: "file" | "folder";
  run?: string;
  linkTarget?: string;
};

export type FolderScan =
  | {
      kind: "scanned";
      checkpoints: readonly FoundCheckpoint[];
      temporary: readonly { path: string; sizeBytes: number }[];
      unreadable: readonly { path: string; reason: string }[];
      /** The folder itself and those below it that hold checkpoints; what there is to watch. */
      folders: readonly string[];
    }
  | { kind: "missing" }
  | { kind: "unreadable"; message: string };

/** Folder of runs below folder of runs: `checkpoints/<run>/checkpoint-500` is as deep as trainings write. */
const MAX_DEPTH = 2;
const MAX_FOLDERS = 2_000;
const CONCURRENT_CALLS = 16;
/** A model in several files is listed by its index, not by its parts. */
const shardPattern = /-\d{5}-of-\d{5}\.safetensors$/;
const ignoredFolders = new Set(["node_modules", "__pycache__", "venv", "wandb", "mlruns"]);

type Scan = Extract<FolderScan, { kind: "scanned" }>;
type Draft = { [Key in keyof Scan]: Scan[Key] extends readonly (infer Item)[] ? Item[] : Scan[Key] };

/** One pass over a folder and the run folders in it. */
export async function scanCheckpointFolder(folder: string): Promise<FolderScan> {
  const scan: Draft = { kind: "scanned", checkpoints: [], temporary: [], unreadable: [], folders: [] };
  try {
    await scanInto(scan, { folder, run: undefined, depth: MAX_DEPTH });
    return scan;
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return { kind: "missing" };
    }
    return { kind: "unreadable", message: explainFileError(error, `The checkpoint folder ${folder}`) };
  }
}

type Place = { folder: string; run: string | undefined; depth: number };

async function scanInto(scan: Draft, place: Place): Promise<void> {
  const children = await readdir(place.folder, { withFileTypes: true });
  scan.folders.push(place.folder);
  const isSharded = children.some((child) => child.name.endsWith(".safetensors.index.json"));
  const files = children.filter(
    (child) => !child.isDirectory() && !(isSharded && shardPattern.test(child.name)) && isWanted(child.name),
  );
  await mapConcurrently(files, CONCURRENT_CALLS, (file) => addFile(scan, place, file));
  const folders = children.filter((child) => child.isDirectory() && isSearched(child.name));
  for (const child of folders.slice(0, Math.max(0, MAX_FOLDERS - scan.folders.length))) {
    await addFolder(scan, place, child.name);
  }
}

async function addFile(scan: Draft, place: Place, child: Dirent): Promise<void> {
  const path = join(place.folder, child.name);
  try {
    const status = await stat(path);
    if (!status.isFile()) {
      return;
    }
    if (isTemporaryName(child.name)) {
      scan.temporary.push({ path, sizeBytes: status.size });
      return;
    }
    scan.checkpoints.push({
      path,
      name: child.name,
      kind: "file",
      sizeBytes: status.size,
      modifiedMs: status.mtimeMs,
      fileId: `${status.dev}:${status.ino}`,
      ...(place.run !== undefined && { run: place.run }),
      ...(child.isSymbolicLink() && { linkTarget: await readlink(path) }),
    });
  } catch (error) {
    // Between listing and looking, a file may be renamed or deleted; that is no problem to report.
    if (errorCode(error) !== "ENOENT" || child.isSymbolicLink()) {
      scan.unreadable.push({ path, reason: explainFileError(error, "It") });
    }
  }
}

async function addFolder(scan: Draft, place: Place, name: string): Promise<void> {
  const path = join(place.folder, name);
  try {
    const names = await readdir(path);
    if (isTrainerFolder(name, names)) {
      scan.checkpoints.push({
        ...(await seeFolder(path, names)),
        name,
        ...(place.run !== undefined && { run: place.run }),
      });
      scan.folders.push(path);
    } else if (place.depth > 0) {
      const run = place.run === undefined ? name : `${place.run}/${name}`;
      await scanInto(scan, { folder: path, run, depth: place.depth - 1 });
    }
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      scan.unreadable.push({ path, reason: explainFileError(error, "It") });
    }
  }
}

/** A folder that is one checkpoint changes when any file in it does. */
async function seeFolder(path: string, names: readonly string[]): Promise<Omit<FoundCheckpoint, "name">> {
  const folder = await stat(path);
  let sizeBytes = 0;
  let modifiedMs = 0;
  await mapConcurrently(names, CONCURRENT_CALLS, async (name) => {
    const status = await stat(join(path, name)).catch(() => undefined);
    if (status?.isFile()) {
      sizeBytes += status.size;
      modifiedMs = Math.max(modifiedMs, status.mtimeMs);
    }
  });
  const fileId = `${folder.dev}:${folder.ino}:${names.length}`;
  return { path, kind: "folder", sizeBytes, modifiedMs: modifiedMs === 0 ? folder.mtimeMs : modifiedMs, fileId };
}

function isWanted(name: string): boolean {
  return isCheckpointName(name) || (isTemporaryName(name) && /\.(pt|pth|ckpt|bin|safetensors|h5|keras)\b/i.test(name));
}

function isSearched(name: string): boolean {
  return !name.startsWith(".") && !ignoredFolders.has(name);
}
