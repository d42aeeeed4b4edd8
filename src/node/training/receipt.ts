import { execFile } from "node:child_process";
import { hostname } from "node:os";
import type { RunRecord } from "../../core/training/runRecord.ts";

/** A repository on a sleeping network disk must not hold up a start. */
const GIT_TIMEOUT_MS = 3_000;

/** What is worth knowing later about where and from what a run was started. */
export async function collectReceipt(folder: string, trainyardVersion: string): Promise<RunRecord["receipt"]> {
  const [commit, changes] = await Promise.all([
    git(folder, ["rev-parse", "HEAD"]),
    git(folder, ["status", "--porcelain", "--untracked-files=no"]),
  ]);
  return {
    ...(commit === undefined || changes === undefined
      ? {}
      : { git: { commit: commit.trim(), isDirty: changes.trim() !== "" } }),
    host: hostname(),
    platform: `${process.platform}-${process.arch}`,
    trainyardVersion,
  };
}

/** The output of git; undefined without git, outside a repository, before the first commit, or when it takes too long. */
function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      "git",
      // A lock taken only to refresh the index could collide with what the person does.
      ["--no-optional-locks", ...args],
      { cwd: folder, timeout: GIT_TIMEOUT_MS, maxBuffer: 8 * 1024 * 1024, windowsHide: true },
      (error, stdout) => resolve(error === null ? stdout : undefined),
    );
  });
}
