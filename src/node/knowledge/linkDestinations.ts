import { readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { inlineCode } from "../../core/base/markdown.ts";
import { describeFileError, errorCode, passOverFileErrors } from "../base/fileErrors.ts";
import { contains, workspaceRelative } from "../base/workspacePath.ts";
import { mayBeSeen } from "./enteredPaths.ts";
import { isReadable } from "./readWorkspaceFile.ts";
import type { Tree } from "./tree.ts";

/** Folders of data may hold links by the thousand, each of which costs a look at the disk. */
export const MAX_LINKS = 1_000;

/** The first show what is the matter. */
const MAX_NOTES = 5;

/** Whether a link may lead to a file that is read, or to a folder, as far as its name tells: `sample.png` is data. */
export function mayBeFollowed(path: string): boolean {
  return isReadable(path) || !/\.[A-Za-z]\w*$/.test(path);
}

/** Where the links of a tree lead. Files are added to it, folders are named for a walk, and what is not followed is told. */
export class LinkDestinations {
  readonly #root: string;
  readonly #tree: Tree;
  readonly #files: ReadonlySet<string>;
  /** Folders that were walked, under their own names or behind a link. */
  readonly #folders: Set<string>;
  readonly #notes: string[] = [];

  constructor(root: string, tree: Tree) {
    this.#root = realpathSync(root);
    this.#tree = tree;
    this.#files = new Set(tree.files.map(({ path }) => path));
    this.#folders = new Set(tree.folders);
  }

  /** The folder to be walked behind a link, relative to the root; nothing for a file, and where it is known by its own name. */
  follow(path: string): string | undefined {
    const destination = destinationOf(join(this.#root, path));
    if (typeof destination === "string") {
      this.#watch(writtenTarget(this.#root, path));
      this.#note(isReadable(path), path, destination);
      return undefined;
    }
    const isFolder = destination.status.isDirectory();
    if (!contains(this.#root, destination.path)) {
      this.#note(isFolder || isReadable(path), path, "leads out of the workspace folder and was not followed");
      // Its name still tells: a folder of data often lies on another disk.
      this.#tree.folders.push(...(isFolder ? [path] : []));
      return undefined;
    }
    const target = workspaceRelative(this.#root, destination.path);
    this.#watch(target);
    if (isFolder) {
      return this.#enter(path, target);
    }
    // A script of two names is one script; a manifest counts in each folder that has it.
    if (destination.status.isFile() && !(/\.(?:py|ipynb)$/.test(path) && this.#files.has(target))) {
      this.#tree.files.push({ path, isIgnored: false, target });
    }
    return undefined;
  }

  /** What was not followed, as sentences; `left` links were not looked at. */
  omissions(left: number): string[] {
    const more = this.#notes.length - MAX_NOTES + Math.max(0, left);
    return [
      ...this.#notes.slice(0, MAX_NOTES),
      ...(more > 0 ? [`${more} more symbolic links were not followed.`] : []),
    ];
  }

  #enter(path: string, target: string): string | undefined {
    const around = workspaceRelative(this.#root, realpathSync(join(this.#root, dirname(path))));
    if (target === "" || `${around}/`.startsWith(`${target}/`)) {
      this.#note(true, path, "leads to a folder around itself and was not followed");
      return undefined;
    }
    if (this.#folders.has(target)) {
      this.#tree.folders.push(path);
      return undefined;
    }
    this.#folders.add(target);
    return target;
  }

  #watch(target: string): void {
    this.#tree.hasUnwatchedLinks ||= !mayBeSeen(`${target}/`);
  }

  #note(isWorthIt: boolean, path: string, what: string): void {
    if (isWorthIt) {
      this.#notes.push(`The symbolic link ${inlineCode(path)} ${what}.`);
    }
  }
}

/** What a link names, relative to the root, be it there or not; its own place where it is gone by now. */
function writtenTarget(root: string, path: string): string {
  try {
    return workspaceRelative(root, resolve(root, dirname(path), readlinkSync(join(root, path))));
  } catch (error) {
    passOverFileErrors(error);
    return path;
  }
}

/** The end of a sentence where a link leads nowhere. */
function destinationOf(path: string): { path: string; status: Stats } | string {
  try {
    const real = realpathSync(path);
    return { path: real, status: statSync(real) };
  } catch (error) {
    return EXPECTED[errorCode(error) ?? ""] ?? `could not be followed: ${describeFileError(error)}`;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  ELOOP: "leads in a circle and was not followed",
  ENOENT: "leads to nothing",
  ENOTDIR: "leads to nothing",
};
