import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there is no git to compare with; `false` where there is one, as `skip` of a test takes it. */
export const withoutGit = findReason();

function findReason(): string | false {
  if (process.platform === "win32") {
    return "git of Windows takes a backslash in a path for a slash";
  }
  try {
    execFileSync("git", ["--version"]);
    return false;
  } catch {
    return "git is not installed";
  }
}

/** The paths that git ignores by each of the patterns, each pattern being a `.gitignore` of its own. None of them exists. */
export function ignoredByGit(patterns: readonly string[], paths: readonly string[]): ReadonlySet<string>[] {
  const folder = mkdtempSync(join(tmpdir(), "trainyard-git-"));
  try {
    execFileSync("git", ["init", "--quiet", folder]);
    for (const [index, pattern] of patterns.entries()) {
      mkdirSync(join(folder, String(index)));
      writeFileSync(join(folder, String(index), ".gitignore"), `${pattern}\n`);
    }
    const asked = patterns.flatMap((_, index) => paths.map((path) => `${index}/${path}\0`));
    const settings = ["-c", "core.ignoreCase=false", "-c", "core.excludesFile="];
    const command = ["-C", folder, ...settings, "check-ignore", "--no-index", "-z", "--stdin"];
    const said = new Set(execFileSync("git", command, { input: asked.join(""), encoding: "utf8" }).split("\0"));
    return patterns.map((_, index) => new Set(paths.filter((path) => said.has(`${index}/${path}`))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
