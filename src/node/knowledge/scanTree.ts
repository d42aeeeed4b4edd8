import { type Dirent, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { siblingOmissions } from "../base/projectFolders.ts";
import { isEnteredFolder, isEnvironmentName } from "./enteredPaths.ts";
import { type IgnoreRules, isIgnoredBy, readGitIgnore } from "./gitIgnore.ts";
import { LinkDestinations, MAX_LINKS, mayBeFollowed } from "./linkDestinations.ts";
import { outerIgnores } from "./outerIgnores.ts";
import type { Tree } from "./tree.ts";

/** Beyond these bounds lies data; the result says what was left out. */
type TreeLimits = { maxFiles: number; maxDepth: number; maxSiblings: number };

const LIMITS: TreeLimits = { maxFiles: 200_000, maxDepth: 16, maxSiblings: 2_000 };

/** Folders that git leaves out are looked into this far, for checkpoints and data. */
const MAX_IGNORED_DEPTH = 3;

type Place = { path: string; depth: number; ignoredDepth: number; rules: readonly IgnoreRules[]; target?: string };

/** A symbolic link that may lead to what is read; `place` is the folder it would be. */
type Link = { path: string; place: Place };

type Walk = { tree: Tree; limits: TreeLimits; links: Link[] };

/**
 * Walks a folder breadth first and blocks its thread, a tenth of the time of an asynchronous walk: for workers and the
 * command line. Hidden folders (but `.vscode`) and what tools install are not entered. Links are followed last, so that
 * what they lead to is known by its own name where it has one.
 */
export function scanTree(root: string): Tree {
  const tree: Tree = {
    files: [],
    folders: [],
    environments: [],
    omissions: [],
    unreadable: [],
    hasUnwatchedLinks: false,
  };
  const walk: Walk = { tree, limits: LIMITS, links: [] };
  walkFrom(root, { path: "", depth: 0, ignoredDepth: 0, rules: outerIgnores(root) }, walk);
  if (walk.links.length > 0) {
    followLinks(root, walk);
  }
  return tree;
}

/** What is walked behind a link may hold further ones. */
function followLinks(root: string, walk: Walk): void {
  const destinations = new LinkDestinations(root, walk.tree);
  for (const [index, { path, place }] of walk.links.entries()) {
    const target = index < MAX_LINKS ? destinations.follow(path) : undefined;
    if (target !== undefined) {
      walkFrom(root, { ...place, target }, walk);
    }
  }
  walk.tree.omissions.push(...destinations.omissions(walk.links.length - MAX_LINKS));
}

function walkFrom(root: string, start: Place, walk: Walk): void {
  const { tree, limits } = walk;
  const queue = [start];
  for (const place of queue) {
    if (tree.files.length >= limits.maxFiles) {
      tree.omissions.push(`The search stopped after ${tree.files.length} files; some folders were not searched.`);
      break;
    }
    queue.push(...scanFolder(root, place, walk));
  }
}

function scanFolder(root: string, place: Place, { tree, limits, links }: Walk): Place[] {
  const entries = readFolder(root, place, tree);
  if (place.path !== "" && entries.some(({ name }) => name === "pyvenv.cfg" || name === "conda-meta")) {
    tree.environments.push(place.path);
    return [];
  }
  tree.folders.push(place.path);
  const rules = withOwnRules(root, place, entries);
  const siblings = new Map<string, number>();
  const folders: Place[] = [];
  for (const entry of entries) {
    const path = place.path === "" ? entry.name : `${place.path}/${entry.name}`;
    const isFolder = entry.isDirectory();
    const isLink = entry.isSymbolicLink();
    if (!isFolder && !isLink && !entry.isFile()) {
      continue;
    }
    const isIgnored = place.ignoredDepth > 0 || isIgnoredBy(rules, { path, name: entry.name, isFolder });
    if (isLink && isEnvironment(root, path, entry.name)) {
      tree.environments.push(path);
    } else if (isLink) {
      links.push(
        ...(!isIgnored && isEnteredFolder(entry.name) && mayBeFollowed(path)
          ? [{ path, place: placeBelow(place, path, rules) }]
          : []),
      );
    } else if (!isFolder) {
      const extension = extensionOf(entry.name);
      const count = (siblings.get(extension) ?? 0) + 1;
      siblings.set(extension, count);
      if (count <= limits.maxSiblings) {
        tree.files.push(
          place.target === undefined ? { path, isIgnored } : { path, isIgnored, ...targetOf(place, entry.name) },
        );
      }
    } else if (isEnvironment(root, path, entry.name)) {
      tree.environments.push(path);
    } else if (isEnteredFolder(entry.name)) {
      const below = { ...placeBelow(place, path, rules), ...targetOf(place, entry.name) };
      folders.push(isIgnored ? { ...below, ignoredDepth: place.ignoredDepth + 1 } : below);
    }
  }
  tree.omissions.push(...siblingOmissions(place.path, siblings, { maxSiblings: limits.maxSiblings }));
  return folders.filter(({ depth, ignoredDepth }) => depth <= limits.maxDepth && ignoredDepth <= MAX_IGNORED_DEPTH);
}

function placeBelow({ depth }: Place, path: string, rules: readonly IgnoreRules[]): Place {
  return { path, depth: depth + 1, ignoredDepth: 0, rules };
}

/** Where an entry of a folder behind a link really lies. */
function targetOf({ target }: Place, name: string): { target?: string } {
  return target === undefined ? {} : { target: `${target}/${name}` };
}

function readFolder(root: string, { path, ignoredDepth }: Place, tree: Tree): Dirent[] {
  try {
    return readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && ignoredDepth === 0) {
      tree.unreadable.push({ path, reason: describeFileError(error) });
    }
    return [];
  }
}

function isEnvironment(root: string, path: string, name: string): boolean {
  return isEnvironmentName(name) && existsSync(join(root, path, "pyvenv.cfg"));
}

function withOwnRules(root: string, place: Place, entries: readonly Dirent[]): readonly IgnoreRules[] {
  if (place.ignoredDepth > 0 || !entries.some((entry) => entry.name === ".gitignore" && entry.isFile())) {
    return place.rules;
  }
  return [...place.rules, ...readGitIgnore(join(root, place.path, ".gitignore"), place.path)];
}

function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot).toLowerCase();
}
