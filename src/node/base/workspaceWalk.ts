import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { extname, join } from "node:path";
import { isProjectFolder, siblingOmissions } from "./projectFolders.ts";

/** A person's project, not a data set: what lies beyond these bounds is left out and the result says so. */
export type WalkLimits = {
  maxFiles: number;
  maxDepth: number;
  maxMs: number;
  /** Of one folder: reading on would only count a data set. */
  maxEntries: number;
  /** Of one ending in one folder, since a folder with thousands of `.png` or `.json` is data. */
  maxSiblings: number;
};

const DEFAULT_WALK_LIMITS: WalkLimits = {
  maxFiles: 20_000,
  maxDepth: 12,
  maxMs: 10_000,
  maxEntries: 10_000,
  maxSiblings: 500,
};

export type WalkedFile = {
  /** Relative to the walked folder, with `/` on every system. */
  path: string;
  extension: string;
};

export type WorkspaceWalk = {
  files: readonly WalkedFile[];
  /** Relative paths of every folder entered, the walked one as an empty string. */
  folders: readonly string[];
  /** Why something was left out, as sentences for people; empty after a complete walk. */
  omissions: readonly string[];
};

/**
 * Lists the files of a project breadth first, so that the bounds cut off the deepest ones.
 * Links are not followed, which also rules out loops; hidden folders and installed packages are not entered.
 */
export async function walkWorkspace(
  folder: string,
  options: { limits?: Partial<WalkLimits>; signal?: AbortSignal | undefined } = {},
): Promise<WorkspaceWalk> {
  const limits = { ...DEFAULT_WALK_LIMITS, ...options.limits };
  const endsAt = performance.now() + limits.maxMs;
  const walk = { files: [] as WalkedFile[], folders: [] as string[], omissions: new Set<string>() };
  let level = [""];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.maxDepth) {
      walk.omissions.add(`Folders deeper than ${limits.maxDepth} levels were not searched.`);
      break;
    }
    const next: string[] = [];
    for (const path of level) {
      options.signal?.throwIfAborted();
      if (performance.now() > endsAt || walk.files.length >= limits.maxFiles) {
        walk.omissions.add(`The search stopped after ${walk.files.length} files; some folders were not searched.`);
        return { ...walk, omissions: [...walk.omissions] };
      }
      // One folder at a time keeps the event loop of the editor free between two reads.
      next.push(...collectEntries(path, await readFolder(join(folder, path), limits.maxEntries), walk, limits));
    }
    level = next;
  }
  return { ...walk, omissions: [...walk.omissions] };
}

/** A folder that vanished or may not be read has no more entries: the walk goes on. */
async function readFolder(folder: string, maxEntries: number): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      entries.push(entry);
      if (entries.length >= maxEntries) {
        break;
      }
    }
  } catch {
    return entries;
  }
  return entries;
}

function collectEntries(
  path: string,
  entries: readonly Dirent[],
  walk: { files: WalkedFile[]; folders: string[]; omissions: Set<string> },
  limits: WalkLimits,
): string[] {
  walk.folders.push(path);
  const isEnvironment = entries.some((entry) => entry.name === "pyvenv.cfg" || entry.name === "conda-meta");
  if (isEnvironment && path !== "") {
    return [];
  }
  const siblings = new Map<string, number>();
  const folders: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const entryPath = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) {
      if (isProjectFolder(entry.name)) {
        folders.push(entryPath);
      }
    } else if (entry.isFile() && walk.files.length < limits.maxFiles) {
      const extension = extname(entry.name).toLowerCase();
      const count = (siblings.get(extension) ?? 0) + 1;
      siblings.set(extension, count);
      if (count <= limits.maxSiblings) {
        walk.files.push({ path: entryPath, extension });
      }
    }
  }
  const { maxSiblings } = limits;
  for (const sentence of siblingOmissions(path, siblings, { maxSiblings, quantity: "at least " })) {
    walk.omissions.add(sentence);
  }
  return folders;
}
