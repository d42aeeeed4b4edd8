import { lstat, mkdir, mkdtemp, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import { partsOf } from "../../core/checkpoints/checkpointParts.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { listCheckpointFolder } from "./listCheckpointFolder.ts";

/*
 * .trainyard/trash/<time>-<random>/   what was pruned at once, below its path from the workspace
 *                                     moved.json, which says from where, so that it can be put back
 */

const LIST_NAME = "moved.json";

const movedSchema = z.object({ moved: z.array(z.object({ from: z.string(), to: z.string() })) });

/** Every file or folder that goes with a checkpoint, absolute. */
export async function pathsOf({ path, summary }: CheckpointEntry): Promise<string[]> {
  const folder = dirname(path);
  return summary.kind === "folder"
    ? [path]
    : partsOf(basename(path), await readdir(folder)).map((name) => join(folder, name));
}

/** Those that are still what they were when somebody agreed that they go. */
export async function stillTheSame(folder: string, agreed: readonly CheckpointEntry[]): Promise<CheckpointEntry[]> {
  const listing = await listCheckpointFolder(folder);
  const now = new Map(listing.kind === "listed" ? listing.entries.map((entry) => [entry.path, entry]) : []);
  return agreed.filter(({ path, modifiedMs, summary }) => {
    const known = now.get(path);
    return known?.modifiedMs === modifiedMs && known.summary.sizeBytes === summary.sizeBytes;
  });
}

/**
 * Moves checkpoints into a new trash folder of the workspace, or beside them where that is another disk, since moving
 * there would copy them. Resolves with that folder; what could not be moved is put back before it refuses.
 */
export async function moveToTrash(
  checkpoints: readonly CheckpointEntry[],
  { root, folder, now = new Date() }: { root: string; folder: string; now?: Date },
): Promise<string> {
  const paths = (await Promise.all(checkpoints.map(pathsOf))).flat();
  const near = join(root, ".trainyard", "trash");
  const isSameDisk = (await deviceOf(root)) === (await deviceOf(folder));
  const trash = await newTrash(isSameDisk ? near : join(folder, ".trainyard-trash"), now);
  const base = isSameDisk ? root : folder;
  const moved: { from: string; to: string }[] = [];
  try {
    for (const from of paths) {
      const inside = relative(base, from);
      const to = join(
        trash,
        inside.startsWith("..") || isAbsolute(inside) ? basename(dirname(from)) : dirname(inside),
        basename(from),
      );
      await mkdir(dirname(to), { recursive: true });
      // Written before the move: a crash in between leaves a line too many, never a checkpoint that nobody finds.
      moved.push({ from, to });
      await writeFile(join(trash, LIST_NAME), JSON.stringify({ moved }, undefined, 2));
      await rename(from, to);
    }
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    await putBack(moved);
    throw new UserError(`Nothing was pruned: ${describeFileError(error)}.`, { cause: error });
  }
  return trash;
}

/** Moves everything back from a trash folder to where it was; refuses before it would replace anything. */
export async function restoreTrash(trash: string): Promise<number> {
  const text = await readFile(join(trash, LIST_NAME), "utf8").catch(() => undefined);
  const list = text === undefined ? undefined : movedSchema.safeParse(parsed(text)).data;
  if (list === undefined) {
    throw new UserError(`${trash} is no trash folder of Trainyard: it has no ${LIST_NAME}.`);
  }
  const waiting = await existing(list.moved.map(({ to }) => to));
  const open = list.moved.filter(({ to }) => waiting.has(to));
  const taken = await existing(open.map(({ from }) => from));
  const [first] = taken;
  if (first !== undefined) {
    throw new UserError(`${first} exists again, so nothing was put back. Move it away, then try again.`);
  }
  return putBack(open);
}

async function putBack(moved: readonly { from: string; to: string }[]): Promise<number> {
  const there = await existing(moved.map(({ to }) => to));
  for (const { from, to } of moved.filter((each) => there.has(each.to))) {
    await mkdir(dirname(from), { recursive: true });
    await rename(to, from);
  }
  return there.size;
}

async function existing(paths: readonly string[]): Promise<Set<string>> {
  const found = await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        () => path,
        () => undefined,
      ),
    ),
  );
  return new Set(found.filter((path) => path !== undefined));
}

async function newTrash(parent: string, now: Date): Promise<string> {
  await mkdir(parent, { recursive: true });
  await writeFile(join(parent, ".gitignore"), "*\n");
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return mkdtemp(join(parent, `${stamp}-`));
}

async function deviceOf(path: string): Promise<number | undefined> {
  return (await lstat(path).catch(() => undefined))?.dev;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}
