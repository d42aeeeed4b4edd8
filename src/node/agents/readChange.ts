import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ChangedFile, newFile } from "../../core/agents/change/changedFile.ts";
import { type FileDiff, parseDiff } from "../../core/agents/change/parseDiff.ts";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { errorCode } from "../base/fileErrors.ts";

/** A change that a person or an agent made in one go is far smaller; the rest is generated or vendored. */
const MAX_FILES = 300;
const MAX_FILE_BYTES = 1_000_000;
const MAX_DIFF_BYTES = 32 * 1024 * 1024;
const GIT_TIMEOUT_MS = 20_000;
/** git's name for a commit with no files: what a repository without commits is compared to. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

export type Change = {
  files: readonly ChangedFile[];
  /** Files that were left out: too many, too large, or no text. */
  leftOut: readonly string[];
};

/**
 * What differs between the last commit and the files on disk, new files included, ignored ones not. A file that was moved
 * as it is differs in nothing. Throws a UserError
 * without git or outside of a repository.
 */
export async function readChange(folder: string, signal: AbortSignal): Promise<Change> {
  const top = (await git(folder, ["rev-parse", "--show-toplevel"], signal)).replace(/\n$/, "");
  const base = (await hasCommits(top, signal)) ? "HEAD" : EMPTY_TREE;
  const args = [
    "diff",
    base,
    "--unified=0",
    "--inter-hunk-context=0",
    "--no-prefix",
    "--no-color",
    "--find-renames",
    "--no-ext-diff",
    "--no-textconv",
  ];
  // Paths come as they are and not in quotes with octal escapes.
  const diff = await git(top, ["-c", "core.quotePath=false", ...args], signal);
  const untracked = await git(top, ["ls-files", "--others", "--exclude-standard", "-z"], signal);
  const added = untracked.split("\0").filter((path) => path !== "");
  const [changed, gone] = partition(parseDiff(diff));
  const leftOut: string[] = [];
  const files: ChangedFile[] = [];
  const take = async (path: string, read: (after: string) => Promise<ChangedFile>) => {
    const after = files.length < MAX_FILES ? await readText(join(top, path)) : undefined;
    if (after === undefined) {
      leftOut.push(path);
    } else {
      files.push(await read(after));
    }
  };
  for (const file of changed) {
    await take(file.newPath ?? "", (after) => withBefore(file, after, { top, base, signal }));
  }
  for (const path of added) {
    await take(path, (after) => Promise.resolve(newFile(path, after)));
  }
  return withoutMoved({ files, leftOut }, gone);
}

/** Files that are there, and those that are gone. */
function partition(diffs: readonly FileDiff[]): [FileDiff[], ChangedFile[]] {
  const gone = diffs.flatMap(({ oldPath, newPath, hunks }) => {
    const before = hunks.flatMap(({ oldLines }) => oldLines.map((line) => `${line}\n`)).join("");
    return oldPath === undefined || newPath !== undefined ? [] : [{ path: oldPath, before, after: "", hunks }];
  });
  return [diffs.filter(({ newPath }) => newPath !== undefined), gone];
}

/** A new file with the text of one that is gone was moved without telling git, and is both no more. */
function withoutMoved({ files, leftOut }: Change, gone: readonly ChangedFile[]): Change {
  const old = new Map(gone.map((file) => [file.before, file]));
  const isMoved = ({ before, after }: ChangedFile) => before === "" && after !== "" && old.has(after);
  const moved = new Set(files.filter(isMoved).map(({ after }) => after));
  return {
    files: [...files.filter((file) => !isMoved(file)), ...gone.filter(({ before }) => !moved.has(before))],
    leftOut,
  };
}

async function withBefore(
  { oldPath, newPath = "", hunks }: FileDiff,
  after: string,
  at: { top: string; base: string; signal: AbortSignal },
): Promise<ChangedFile> {
  const before = oldPath === undefined ? "" : await git(at.top, ["show", `${at.base}:${oldPath}`], at.signal);
  return { path: newPath, before, after, hunks };
}

async function hasCommits(folder: string, signal: AbortSignal): Promise<boolean> {
  // A new branch has none although the repository has; such a HEAD prints nothing.
  return (await git(folder, ["rev-parse", "--revs-only", "HEAD"], signal)).trim() !== "";
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
      return undefined;
    }
    const text = await readFile(path, "utf8");
    return text.includes("\0") ? undefined : text.replaceAll("\r\n", "\n");
  } catch (error) {
    if (errorCode(error) !== undefined) {
      return undefined;
    }
    throw error;
  }
}

function git(folder: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "git",
      // A lock taken only to refresh the index could collide with what the person does; a monitor is a program of the repository.
      ["--no-optional-locks", "-c", "core.fsmonitor=false", ...args],
      { cwd: folder, signal, timeout: GIT_TIMEOUT_MS, maxBuffer: MAX_DIFF_BYTES, windowsHide: true },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else if (signal.aborted) {
          reject(signal.reason);
        } else {
          reject(new UserError(describeGitFailure(error, stderr, folder), { cause: error }));
        }
      },
    );
  });
}

function describeGitFailure(error: Error, stderr: string, folder: string): string {
  if (errorCode(error) === "ENOENT") {
    return "git was not found, and a change is what differs from the last commit. Install git, then try again.";
  }
  if (stderr.includes("not a git repository")) {
    return `${folder} is in no git repository, so there is nothing to compare with. Run \`git init\` and commit once, then try again.`;
  }
  return `git could not tell what changed in ${folder}: ${stderr.trim().split("\n")[0] ?? messageOf(error)}.`;
}
