import type { Dirent, Stats } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { CheckpointLink } from "../../core/checkpoints/checkpointListing.ts";
import { isArrayName, isCheckpointName, isGgufPart, isTemporaryName } from "../../core/checkpoints/checkpointName.ts";
import { groupsOf, partsOf, type ShardSet, shardSetsOf } from "../../core/checkpoints/checkpointParts.ts";
import type { SeenCheckpoint } from "../../core/checkpoints/checkpointWatch.ts";
import { isGroupName } from "../../core/checkpoints/fileGroup.ts";
import { folderLayoutOf, namesWrittenLast } from "../../core/checkpoints/folders/folderLayout.ts";
import { parseCheckpointName } from "../../core/checkpoints/namedFacts.ts";
import { errorCode, passOverFileErrors } from "../base/fileErrors.ts";
import { fileCalls } from "./fileCalls.ts";
import { explainFileError, explainPathError } from "./fileErrors.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

/** A checkpoint by its place and size alone; nothing of it has been read. */
export type FoundCheckpoint = SeenCheckpoint & {
  name: string;
  kind: "file" | "folder";
  run?: string;
  linkTarget?: string;
  /** Of a folder: when any file in it changed last, while `modifiedMs` is when it was saved. */
  changedMs?: number;
  /** Where it is several files: their names, of which its own is the first. */
  shards?: ShardSet;
};

/** A folder to look into: the one that was asked for, or one that is a run of it. */
export type Place = {
  folder: string;
  run: string | undefined;
  /** How many levels of folders below it are looked into. */
  depth: number;
};

/** By size, time and identity: what tells that a checkpoint is the one that was seen. */
export function versionOf({ sizeBytes, modifiedMs, fileId }: FoundCheckpoint): string {
  return `${sizeBytes} ${modifiedMs} ${fileId}`;
}

export type FolderLook = {
  checkpoints: FoundCheckpoint[];
  temporary: { path: string; sizeBytes: number }[];
  unreadable: { path: string; reason: string }[];
  links: CheckpointLink[];
  /** Folders in it that are no checkpoints themselves and may hold some. */
  places: Place[];
  /** Whether the folder is one checkpoint itself, as the names in it tell. */
  isCheckpoint: boolean;
};

export function emptyLook(): FolderLook {
  return { checkpoints: [], temporary: [], unreadable: [], links: [], places: [], isCheckpoint: false };
}

const CONCURRENT_CALLS = 16;
/** What a folder inside a checkpoint may cost; a database of arrays has some hundred files. */
const MAX_DEPTH_INSIDE = 4;
const MAX_FILES_INSIDE = 20_000;
/** Written beside the folders of all steps once one is complete. */
const POINTERS = ["latest", "latest_checkpointed_iteration.txt"];
const ignoredFolders = new Set([
  "node_modules",
  "site-packages",
  "dist-packages",
  "__pycache__",
  "venv",
  "wandb",
  "mlruns",
]);
/** What lies in every environment of Python, whatever it is called. */
const ENVIRONMENT_MARKS = new Set(["pyvenv.cfg", "conda-meta"]);

/** What is known already of something inside, which then is not looked at: a checkpoint as it was seen, or a place. */
type KnownInside = (path: string) => FoundCheckpoint | Place | undefined;

/** One folder as it is now, without the folders in it that are no checkpoints. Rejects where it cannot be listed. */
export async function lookIntoFolder(place: Place, known: KnownInside = () => undefined): Promise<FolderLook> {
  const look = emptyLook();
  const children = await fileCalls.readdir(place.folder);
  look.isCheckpoint = isCheckpoint(place.folder, children);
  const links = children.filter((child) => child.isSymbolicLink());
  await mapConcurrently(links, CONCURRENT_CALLS, async ({ name }) => {
    const target = await readlink(join(place.folder, name)).catch(() => undefined);
    if (target !== undefined) {
      look.links.push({ path: join(place.folder, name), target: resolve(place.folder, target) });
    }
  });
  const names = children.filter((child) => !child.isDirectory()).map(({ name }) => name);
  const shards = new Map([
    ...shardSetsOf(names.filter((name) => !isGgufPart(name))),
    ...groupsOf(names.filter(isGroupName), names),
  ]);
  const represented = new Set([...shards.values()].flatMap((set) => set.names.slice(1)));
  const files = children.filter(
    (child) => !child.isDirectory() && !represented.has(child.name) && isWanted(child.name),
  );
  // A path is put together a thousand times here, and joining takes as long as asking the system.
  const beginning = join(place.folder, sep);
  const unseen: FoundFile[] = [];
  for (const child of files) {
    const path = beginning + child.name;
    const seen = known(path);
    if (seen !== undefined && "kind" in seen) {
      look.checkpoints.push(seen);
    } else {
      unseen.push({ path, child, shards: shards.get(child.name) });
    }
  }
  await addFiles(look, place, unseen);
  for (const { name } of children.filter((child) => child.isDirectory() && isSearched(child.name))) {
    await addFolder(look, { place, name, seen: known(join(place.folder, name)) });
  }
  return look;
}

type FoundFile = { path: string; child: Dirent; shards: ShardSet | undefined };

/** Nothing is waited for between files that stand for themselves: there may be thousands. */
async function addFiles(look: FolderLook, place: Place, files: readonly FoundFile[]): Promise<void> {
  const statuses = await fileCalls.statEach(files.map(({ path }) => path));
  for (const [index, file] of files.entries()) {
    const { path, child, shards } = file;
    const status = statuses[index];
    try {
      const isAlone = shards === undefined && !child.isSymbolicLink();
      addFile(look, place, { file, status, more: isAlone ? undefined : await seeMore(place.folder, file) });
    } catch (error) {
      // Between listing and looking, a file may be renamed or deleted; that is no problem to report.
      if (errorCode(error) !== "ENOENT" || child.isSymbolicLink()) {
        look.unreadable.push({ path, reason: await explainPathError(error, path, "It") });
      }
    }
  }
}

/** Where a link leads, and the state of a model in several files. */
async function seeMore(folder: string, { path, child, shards }: FoundFile): Promise<Partial<FoundCheckpoint>> {
  return {
    ...(child.isSymbolicLink() && { linkTarget: await readlink(path) }),
    ...(shards !== undefined && { shards, ...(await seeShards(folder, shards)) }),
  };
}

type SeenFile = { file: FoundFile; status: Stats | Error | undefined; more: Partial<FoundCheckpoint> | undefined };

/** Throws what the system refused. */
function addFile(look: FolderLook, place: Place, { file, status, more }: SeenFile): void {
  const { path, child } = file;
  if (status instanceof Error) {
    throw status;
  }
  if (status === undefined || !status.isFile()) {
    return;
  }
  if (isTemporaryName(child.name)) {
    look.temporary.push({ path, sizeBytes: status.size });
    return;
  }
  const found: FoundCheckpoint = {
    path,
    name: child.name,
    kind: "file",
    sizeBytes: status.size,
    modifiedMs: status.mtimeMs,
    fileId: `${status.dev}:${status.ino}`,
  };
  look.checkpoints.push(place.run === undefined && more === undefined ? found : { ...found, ...runOf(place), ...more });
}

function runOf({ run }: Place): { run?: string } {
  return run === undefined ? {} : { run };
}

type FoundFolder = { place: Place; name: string; seen: FoundCheckpoint | Place | undefined };

async function addFolder(look: FolderLook, { place, name, seen }: FoundFolder): Promise<void> {
  const path = join(place.folder, name);
  if (seen !== undefined && "kind" in seen) {
    look.checkpoints.push(seen);
    return;
  }
  if (seen !== undefined) {
    look.places.push(seen);
    return;
  }
  try {
    const children = await fileCalls.readdir(path);
    if (isCheckpoint(path, children)) {
      look.checkpoints.push({
        ...(await seeFolder(path)),
        name,
        ...runOf(place),
      });
    } else if (place.depth > 0 && !children.some((child) => ENVIRONMENT_MARKS.has(child.name))) {
      const run = place.run === undefined ? name : `${place.run}/${name}`;
      look.places.push({ folder: path, run, depth: place.depth - 1 });
    }
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      look.unreadable.push({ path, reason: explainFileError(error, "It") });
    }
  }
}

/** Whether a folder is one checkpoint and no folder of them, as the names in it tell; not where it cannot be listed. */
export async function isCheckpointFolder(path: string): Promise<boolean> {
  try {
    return isCheckpoint(path, await fileCalls.readdir(path));
  } catch (error) {
    passOverFileErrors(error);
    return false;
  }
}

function isCheckpoint(folder: string, children: readonly Dirent[]): boolean {
  const names = children.map((child) => child.name);
  return folderLayoutOf(basename(folder), names) !== undefined;
}

/** A model in several files changes when any of them does, and when one comes or goes. */
export async function seeShards(folder: string, { names }: ShardSet): Promise<Omit<SeenCheckpoint, "path">> {
  const states = await mapConcurrently(names, CONCURRENT_CALLS, (name) => statPart(join(folder, name)));
  return {
    sizeBytes: states.reduce((sum, { size }) => sum + size, 0),
    modifiedMs: Math.max(...states.map(({ mtimeMs }) => mtimeMs)),
    fileId: states.map(({ dev, ino }) => `${dev}:${ino}`).join(" "),
  };
}

/** A part may be gone since it was listed, or be a link to what is not there; reading the model says so. */
async function statPart(path: string): Promise<Pick<Stats, "size" | "mtimeMs" | "dev" | "ino">> {
  try {
    return await fileCalls.stat(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      throw error;
    }
    return { size: 0, mtimeMs: 0, dev: 0, ino: 0 };
  }
}

/** A folder that is one checkpoint changes when any file in it does, or when it is named as complete. */
export async function seeFolder(path: string): Promise<Omit<FoundCheckpoint, "name"> & { changedMs: number }> {
  const folder = await fileCalls.stat(path);
  const inside = await addInside(path, MAX_DEPTH_INSIDE, { sizeBytes: 0, changedMs: 0, count: 0, times: new Map() });
  const changedMs = inside.changedMs === 0 ? folder.mtimeMs : inside.changedMs;
  const uncommitted = (await isBehindPointer(path)) ? ":uncommitted" : "";
  return {
    path,
    kind: "folder",
    sizeBytes: inside.sizeBytes,
    modifiedMs: savedMs(basename(path), inside) ?? changedMs,
    changedMs,
    fileId: `${folder.dev}:${folder.ino}:${inside.count}:${changedMs}${uncommitted}`,
  };
}

/** What is evaluated or exported years later changes the folder, but does not make it newer than those saved since. */
function savedMs(name: string, { times }: Inside): number | undefined {
  const last = namesWrittenLast(name, [...times.keys()]);
  const known = last.flatMap((each) => times.get(each) ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** `times` has the names directly in the folder, and as `folder/name` those one level below. */
type Inside = { sizeBytes: number; changedMs: number; count: number; times: Map<string, number | undefined> };

async function addInside(path: string, depth: number, sum: Inside): Promise<Inside> {
  const children = await fileCalls.readdir(path);
  await mapConcurrently(children, CONCURRENT_CALLS, async (child) => {
    const status = child.isDirectory()
      ? undefined
      : await fileCalls.stat(join(path, child.name)).catch(() => undefined);
    sum.count++;
    if (depth >= MAX_DEPTH_INSIDE - 1) {
      const name = depth === MAX_DEPTH_INSIDE ? child.name : `${basename(path)}/${child.name}`;
      sum.times.set(name, status?.isFile() ? status.mtimeMs : undefined);
    }
    if (status?.isFile()) {
      sum.sizeBytes += status.size;
      sum.changedMs = Math.max(sum.changedMs, status.mtimeMs);
    }
  });
  for (const child of children) {
    if (child.isDirectory() && depth > 0 && sum.count < MAX_FILES_INSIDE) {
      await addInside(join(path, child.name), depth - 1, sum);
    }
  }
  return sum;
}

/** Whether a file beside the folder names an earlier step than the folder's; writing it changes what the folder is. */
async function isBehindPointer(path: string): Promise<boolean> {
  const step = parseCheckpointName(basename(path)).step;
  if (step === undefined || !/^(iter_|global_step)/.test(basename(path))) {
    return false;
  }
  for (const pointer of POINTERS) {
    const text = await readFile(join(dirname(path), pointer), "utf8").catch(() => undefined);
    const named = /^(?:global_step)?(\d{1,12})\s*$/.exec(text?.slice(0, 200) ?? "")?.[1];
    if (named !== undefined && Number(named) < step) {
      return true;
    }
  }
  return false;
}

/** Whether a file may matter by its name: a checkpoint, an array, or one that is not finished. */
export function isWanted(name: string): boolean {
  return (
    isCheckpointName(name) ||
    isArrayName(name) ||
    (isTemporaryName(name) && /\.(pt|pth|ckpt|bin|safetensors|h5|keras)\b/i.test(name))
  );
}

function isSearched(name: string): boolean {
  return !name.startsWith(".") && !ignoredFolders.has(name);
}

/**
 * Whether a checkpoint still looks as it was seen, when its index named these files. A folder is judged by all of its files, which
 * its next look sees. Throws what the system says of one that is gone.
 */
export async function isUnchanged(
  seen: SeenCheckpoint,
  found: FoundCheckpoint | undefined,
  named: readonly string[],
): Promise<boolean> {
  if (found?.kind === "folder") {
    return true;
  }
  if (found?.shards !== undefined) {
    if (await hasNewPart(found, found.shards, named)) {
      return false;
    }
    const { sizeBytes, modifiedMs, fileId } = await seeShards(dirname(seen.path), found.shards);
    return sizeBytes === seen.sizeBytes && modifiedMs === seen.modifiedMs && fileId === seen.fileId;
  }
  const { size, mtimeMs } = await fileCalls.stat(seen.path);
  return size === seen.sizeBytes && mtimeMs === seen.modifiedMs;
}

/** A part that came after the model was seen may have been read with it; the next look sees both. */
async function hasNewPart(
  { path, name }: FoundCheckpoint,
  { names }: ShardSet,
  named: readonly string[],
): Promise<boolean> {
  const known = new Set(names);
  const siblings = (await fileCalls.readdir(dirname(path))).map((child) => child.name);
  const others = partsOf(name, siblings, named).filter((part) => !known.has(part));
  const statuses = await fileCalls.statEach(others.map((part) => join(dirname(path), part)));
  return statuses.some((status) => status !== undefined && !(status instanceof Error) && status.isFile());
}
