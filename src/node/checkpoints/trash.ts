import type { Stats } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import { groupBy } from "../../core/base/groupBy.ts";
import { parseJson } from "../../core/base/parseJson.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import { isBelow, partsOf } from "../../core/checkpoints/checkpointParts.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { isReallyInside, realpathOfExisting } from "../base/workspacePath.ts";

/*
 * <workspace>/.trainyard/trash/<time>-<random>/   what was pruned at once, below its path from the workspace
 * <folder>/.trainyard-trash/<time>-<random>/      or from the pruned folder, where that lies elsewhere
 *                                     moved.json  says from where, so that it can be put back
 *
 * The list names only paths below the trash and below the folder that holds it. A repository may bring a trash and a
 * list of its own, so both are held to that when things are put back.
 */

const NEAR_TRASH = join(".trainyard", "trash");
const BESIDE_TRASH = ".trainyard-trash";
const LIST_NAME = "moved.json";

const pathSchema = z.string().regex(/^[^\0]+$/);
const movedSchema = z.object({ moved: z.array(z.object({ from: pathSchema, to: pathSchema })) });

/** Of one path, absolute: where it was, and where in the trash it is. */
type Move = { from: string; to: string };

/** The pruned folder, and the workspace folder where there is one. */
export type TrashPlace = { root?: string; folder: string };

/** What is in the trash and what was gone before. With a problem, everything else is where it was. */
export type Trashed = { moved: readonly string[]; vanished: readonly string[]; trash?: string; problem?: string };

/** Every file or folder that goes with checkpoints, absolute. */
export async function pathsOf(checkpoints: readonly CheckpointEntry[]): Promise<string[]> {
  const paths: string[] = [];
  for (const [folder, own] of groupBy(checkpoints, ({ path }) => dirname(path))) {
    // Once for all of them: there may be thousands.
    const names = (await statusOf(folder)) === undefined ? [] : await readdir(folder);
    for (const { path, summary } of own) {
      const parts = summary.kind === "folder" ? [basename(path)] : partsOf(basename(path), names, summary.parts);
      paths.push(...parts.map((name) => join(folder, name)));
    }
  }
  return paths;
}

/**
 * Moves paths below a folder into a new trash folder of the workspace, or of the folder itself where that is elsewhere
 * or on another disk, since moving there would copy them, or cannot be written. Where one cannot be moved, those before it are put back.
 */
export async function moveToTrash(
  paths: readonly string[],
  { root, folder, now = new Date() }: TrashPlace & { now?: Date },
): Promise<Trashed> {
  const unique = [...new Set(paths)];
  const outer = unique.filter((path) => !unique.some((other) => other !== path && isBelow(other, path)));
  if ((await statusOf(folder)) === undefined) {
    return { moved: [], vanished: outer };
  }
  for (const path of outer) {
    if (!(await isReallyInside(folder, dirname(path)))) {
      return { moved: [], vanished: [], problem: `${path} does not lie in ${folder}` };
    }
  }
  if (root !== undefined && (await isReallyInside(root, folder)) && (await isOneDisk(root, folder))) {
    const { code, ...trashed } = await fillTrash(outer, { base: root, parent: join(root, NEAR_TRASH), now });
    const isElsewherePossible = code === "EXDEV" || (code !== undefined && trashed.trash === undefined);
    if (!isElsewherePossible || trashed.moved.length > 0) {
      return trashed;
    }
  }
  const { code: _, ...trashed } = await fillTrash(outer, { base: folder, parent: join(folder, BESIDE_TRASH), now });
  return trashed;
}

/** Moves everything back from a trash folder to where it was. Throws UserError where nothing is left in it, and before it would replace anything. */
export async function restoreTrash(trashFolder: string): Promise<number> {
  const trash = resolve(trashFolder);
  const moves = await readMoves(trash);
  const waiting = await existing(moves.map(({ to }) => to));
  const open = moves.filter(({ to }) => waiting.has(to));
  if (open.length === 0) {
    throw new UserError(await describeEmpty(trash, moves));
  }
  const [first] = await existing(open.map(({ from }) => from));
  if (first !== undefined) {
    throw new UserError(`${first} exists again, so nothing was put back. Move it away, then try again.`);
  }
  const { left, problem } = await putBack(open);
  if (problem !== undefined) {
    throw new UserError(
      `Only ${open.length - left.length} of ${open.length} are back where they were. What is left waits in ${trash}: ${problem}. Put that right, then try again.`,
    );
  }
  return open.length;
}

async function describeEmpty(trash: string, moves: readonly Move[]): Promise<string> {
  const back = await existing(moves.map(({ from }) => from));
  return back.size === moves.length
    ? `All that was moved to ${trash} is back where it was already.`
    : `There is nothing left in ${trash} to put back: somebody deleted it, or moved it by hand.`;
}

type Place = { base: string; parent: string; now: Date };

async function fillTrash(paths: readonly string[], { base, parent, now }: Place): Promise<Trashed & { code?: string }> {
  const vanished: string[] = [];
  const moves: Move[] = [];
  let at = parent;
  let trash: string | undefined;
  try {
    trash = await newTrash(parent, now);
    moves.push(...movesInto(trash, base, paths));
    const moved = moves.map(({ from, to }) => ({ from: relative(base, from), to: relative(trash ?? "", to) }));
    // Written before anything moves: a crash leaves a line too many, never a checkpoint that nobody finds.
    await writeFile(join(trash, LIST_NAME), JSON.stringify({ moved }, undefined, 2), { flag: "wx" });
    for (const { from, to } of moves) {
      at = from;
      await mkdir(dirname(to), { recursive: true });
      if (!(await renameToFree(from, to))) {
        vanished.push(from);
      }
    }
    return { trash, moved: paths.filter((path) => !vanished.includes(path)), vanished };
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) {
      throw error;
    }
    const { left } = await putBack(moves);
    const problem = `${at}: ${describeFileError(error)}`;
    return { ...(trash !== undefined && { trash }), moved: left.map(({ from }) => from), vanished, problem, code };
  }
}

/** Each path below the trash as it is below the base, beside the name of the list. */
function movesInto(trash: string, base: string, paths: readonly string[]): Move[] {
  return paths.map((from) => {
    const inside = relative(base, from);
    return { from, to: join(trash, inside.toLowerCase() === LIST_NAME ? `${inside}~` : inside) };
  });
}

/** The moves that a trash folder lists, none of which leads out of it or out of the folder that holds it. */
async function readMoves(trash: string): Promise<Move[]> {
  const base = holderOf(trash);
  const text = await readFile(join(trash, LIST_NAME), "utf8").catch(() => undefined);
  const list = text === undefined ? undefined : movedSchema.safeParse(parseJson(text)).data;
  if (base === undefined || list === undefined) {
    throw new UserError(`${trash} is no trash folder of Trainyard: it has no ${LIST_NAME} that Trainyard wrote.`);
  }
  const moves = list.moved.map(({ from, to }) => ({ from: resolve(base, from), to: resolve(trash, to) }));
  for (const { from, to } of moves) {
    await requireInside(trash, to);
    await requireInside(base, from);
  }
  return moves;
}

/** The workspace or pruned folder that a trash folder belongs to. */
function holderOf(trash: string): string | undefined {
  const parent = dirname(trash);
  const name = [NEAR_TRASH, BESIDE_TRASH].find((each) => parent.endsWith(sep + each));
  return name === undefined ? undefined : resolve(parent.slice(0, -name.length));
}

/** The path itself may be a link, which is moved as one; what leads there may not lead out. */
async function requireInside(folder: string, path: string): Promise<void> {
  if (!(await isReallyInside(folder, dirname(path)))) {
    throw refusal(path, `outside ${folder}`);
  }
  // What git runs and obeys lies there; no repository can bring such a file, and a checkpoint is never one.
  const real = join(await realpathOfExisting(dirname(path)), basename(path));
  if ([real, path].some((each) => relative(folder, each).toLowerCase().split(sep).includes(".git"))) {
    throw refusal(path, "in a .git folder");
  }
}

function refusal(path: string, where: string): UserError {
  return new UserError(
    `The ${LIST_NAME} of this trash names ${path}, which lies ${where}, so nothing was put back. Trainyard writes no such list: look at it, and move by hand what you need.`,
  );
}

/** Puts back what lies in the trash; what cannot be is left there, with why. */
async function putBack(moves: readonly Move[]): Promise<{ left: Move[]; problem?: string }> {
  const there = await existing(moves.map(({ to }) => to));
  const left: Move[] = [];
  const problems: string[] = [];
  for (const move of moves.filter(({ to }) => there.has(to))) {
    try {
      await mkdir(dirname(move.from), { recursive: true });
      await renameToFree(move.to, move.from);
    } catch (error) {
      if (errorCode(error) === undefined) {
        throw error;
      }
      left.push(move);
      problems.push(`${move.from}: ${describeFileError(error)}`);
    }
  }
  const [problem] = problems;
  return { left, ...(problem !== undefined && { problem }) };
}

/** Renames where nothing is, since rename alone replaces; false when there is nothing to rename any more. */
async function renameToFree(from: string, to: string): Promise<boolean> {
  if ((await statusOf(to)) !== undefined) {
    throw Object.assign(new Error(`${to} exists already`), { code: "EEXIST" });
  }
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT" && (await statusOf(from)) === undefined) {
      return false;
    }
    throw error;
  }
}

async function existing(paths: readonly string[]): Promise<Set<string>> {
  const found = await Promise.all(paths.map(async (path) => ((await statusOf(path)) === undefined ? [] : [path])));
  return new Set(found.flat());
}

/** Of the path itself, also where it is a link that leads nowhere; undefined where there is nothing. */
async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      return undefined;
    }
    throw error;
  }
}

async function newTrash(parent: string, now: Date): Promise<string> {
  await mkdir(parent, { recursive: true });
  // Never over one that is there: it may be a link that leads out of the workspace.
  await writeFile(join(parent, ".gitignore"), "*\n", { flag: "wx" }).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") {
      throw error;
    }
  });
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return mkdtemp(join(parent, `${stamp}-`));
}

/** Of what links lead to: a folder of checkpoints is often a link to a larger disk. */
async function isOneDisk(a: string, b: string): Promise<boolean> {
  return (await stat(a)).dev === (await stat(b)).dev;
}
