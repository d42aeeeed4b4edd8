import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { readFileText } from "./fileText.ts";
import { type IgnoreRules, isIgnoredBy, readGitIgnore } from "./gitIgnore.ts";

/**
 * What git ignores in a folder by files outside of it: the `info/exclude` of its repository and each `.gitignore` above it,
 * those of the nearest folder last. None where git ignores the folder itself, as it was named nevertheless: a repository
 * around a home folder may ignore everything.
 */
export function outerIgnores(root: string): readonly IgnoreRules[] {
  const top = repositoryAround(root);
  if (top === undefined) {
    return [];
  }
  const parts = relative(top, root).split(sep).filter(Boolean);
  const folders = parts.map((_, index) => parts.slice(0, index).join("/"));
  const exclude = readGitIgnore(join(commonFolder(join(top, ".git")), "info/exclude"), "");
  const rules = [...exclude, ...folders.flatMap((folder) => readGitIgnore(join(top, folder, ".gitignore"), folder))];
  const isIgnored = parts.some((name, index) =>
    isIgnoredBy(rules, { path: parts.slice(0, index + 1).join("/"), name, isFolder: true }),
  );
  const prefix = parts.map((part) => `${part}/`).join("");
  return isIgnored ? [] : rules.map((rule) => (path, name, isFolder) => rule(`${prefix}${path}`, name, isFolder));
}

function repositoryAround(root: string): string | undefined {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) {
      return folder;
    }
    if (folder === dirname(folder)) {
      return undefined;
    }
  }
}

/** In a worktree and a submodule `.git` is a file that names its folder, and that of a worktree names the common one. */
function commonFolder(git: string): string {
  const folder = lineOf(git)?.replace(/^gitdir:\s*/, "");
  if (folder === undefined) {
    return git;
  }
  const own = resolve(dirname(git), folder);
  return resolve(own, lineOf(join(own, "commondir")) ?? ".");
}

function lineOf(path: string): string | undefined {
  const file = readFileText(path, 10_000);
  return file.kind === "text" ? file.text.trim() : undefined;
}
