import * as vscode from "vscode";
import { workspaceRelative } from "../../node/base/workspacePath.ts";
import { FILLED_BY_PROGRAMS } from "../../node/workflow/closedNames.ts";

/** What one list of a person holds at most. */
const MAX_OFFERED = 200;
const MAX_LOOKED_AT = 2_000;

/** A glob of what no person writes: what programs fill, what git and environments hold, and the given folder. */
export function excludedFiles(folder: string): string {
  const all = [...FILLED_BY_PROGRAMS, ".venv", "venv", ".git", folder];
  return `{${[...all.map((each) => `**/${each}/**`), "**/.coverage", "**/.coverage.*"].join(",")}}`;
}

/** The paths of files of a folder, as its workflow names them also where other folders are open beside it. */
async function findIn(folder: vscode.WorkspaceFolder, pattern: string, limit: number) {
  const uris = await vscode.workspace.findFiles(
    new vscode.RelativePattern(folder, pattern),
    excludedFiles(".trainyard"),
    limit,
  );
  return uris.map((uri) => ({ uri, path: workspaceRelative(folder.uri.fsPath, uri.fsPath) }));
}

/** The files that were changed since then, the newest first. */
export async function filesChangedSince(folder: vscode.WorkspaceFolder, timeMs: number): Promise<string[]> {
  const files = await findIn(folder, "**/*", MAX_LOOKED_AT);
  const looks = await Promise.allSettled(
    files.map(async ({ uri, path }) => ({ path, mtime: (await vscode.workspace.fs.stat(uri)).mtime })),
  );
  return looks
    .flatMap((look) => (look.status === "fulfilled" && look.value.mtime >= timeMs ? [look.value] : []))
    .toSorted((a, b) => b.mtime - a.mtime)
    .slice(0, MAX_OFFERED)
    .map(({ path }) => path);
}

/** What is named as tests are, by its name. */
export async function testFilesIn(folder: vscode.WorkspaceFolder): Promise<string[]> {
  const files = await findIn(folder, "**/{test_*,*_test}.py", MAX_OFFERED);
  return files.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b));
}
