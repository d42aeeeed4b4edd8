import { lstat, readFile, realpath, rename, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode, unlessMissing } from "../base/fileErrors.ts";
import { makeFolder } from "../base/makeFolder.ts";
import { contains, realpathOfExisting, resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { describeWriteFailure } from "../base/writeNewFile.ts";
import { hashText } from "./workflowSeal.ts";

/** Writes a document of a workflow and gives its hash. One of another text moves to `history/` first. */
export async function writeDocument(folder: string, document: string, text: string): Promise<string> {
  const path = join(folder, document);
  try {
    const earlier = await readDocument(folder, document);
    if (earlier !== undefined && earlier !== text) {
      const kept = join(folder, "history", dirname(document), `${hashText(earlier).slice(0, 8)}-${basename(document)}`);
      await makeFolder(dirname(kept));
      await rename(path, kept);
    }
    await makeFolder(dirname(path));
    await writeFileAtomically(path, text);
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(describeWriteFailure(error, path), { cause: error });
  }
  return hashText(text);
}

/** The text of a document; undefined where there is none. */
export async function readDocument(folder: string, document: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, document), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Of which each stands in the outermost folder of a Python environment. */
export const MARKS_OF_ENVIRONMENTS = ["pyvenv.cfg", "conda-meta"];

/**
 * Names of folders and files that an agent of a workflow never writes to, wherever they lie: what decides about it, and what
 * runs by itself.
 */
const CLOSED_NAMES = new Set([
  ".trainyard",
  ".git",
  ".vscode",
  ".phase0",
  ".github",
  ".claude",
  ".devcontainer",
  ".husky",
  ".envrc",
  ".mcp.json",
  ".pre-commit-config.yaml",
  ".gitlab-ci.yml",
  ".circleci",
  ".cursor",
  ".codex",
  ".gemini",
  ".env",
  // Code that nobody looks at again before it runs: a press of the person to run tests does not cover it.
  "node_modules",
  "site-packages",
  "__pycache__",
  ...MARKS_OF_ENVIRONMENTS,
]);

/** The same by how a name ends: settings of a window, and packages as they are installed. */
const CLOSED_ENDING = /\.(?:code-workspace|egg|egg-info|dist-info)$/;

/** Some systems take such a name for another one: `.git.`, `.git::$INDEX_ALLOCATION` and `GIT~1` are `.git` on Windows. */
const AMBIGUOUS_NAME = /[:\p{Cc}\p{Cf}]|[. ]$|~\d/u;

/**
 * A file of the workspace that an agent may write. Throws a UserError for one outside, and for what is closed to agents, also
 * where a link leads to it.
 */
export async function locateAgentFile(workspaceFolder: string, path: string): Promise<{ path: string; file: string }> {
  const file = await resolveInsideWorkspace(workspaceFolder, path);
  const shown = workspaceRelative(workspaceFolder, file);
  const realFolder = await realpath(workspaceFolder);
  const realFile = await realpathOfExisting(file);
  const names = shown.split("/");
  const isClosed =
    [...names, ...workspaceRelative(realFolder, realFile).split("/")].some(isClosedName) ||
    (await isInEnvironment(realFolder, realFile));
  if (shown === "" || isClosed || names.some((name) => AMBIGUOUS_NAME.test(name))) {
    throw new UserError(
      `Agents of a workflow do not write to ${oneLine(path, 200)}. Choose a file of the project itself.`,
    );
  }
  if (await isLink(file)) {
    throw new UserError(
      `${oneLine(path, 200)} is a link, which agents of a workflow do not replace. Name the file that it leads to.`,
    );
  }
  return { path: shown, file };
}

async function isLink(path: string): Promise<boolean> {
  const status = await unlessMissing(lstat(path));
  return status?.isSymbolicLink() === true;
}

/** File systems that fold capitals fold more than these: the long s is an s. */
function isClosedName(name: string): boolean {
  const folded = name.normalize("NFKC").toLowerCase();
  return CLOSED_NAMES.has(folded) || CLOSED_ENDING.test(folded);
}

/** Whether a path belongs to a Python environment within the workspace. */
async function isInEnvironment(workspaceFolder: string, path: string): Promise<boolean> {
  if (relative(workspaceFolder, path) === "" || !contains(workspaceFolder, path)) {
    return false;
  }
  const marks = await Promise.all(MARKS_OF_ENVIRONMENTS.map((name) => exists(join(path, name))));
  return marks.includes(true) || (await isInEnvironment(workspaceFolder, dirname(path)));
}

async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path))) !== undefined;
}

/** The text of a file of the project as it is now; undefined where there is none. */
export function readAgentFile(file: string): Promise<string | undefined> {
  return readDocument(dirname(file), basename(file));
}

/** Writes a file of the project for an agent, and gives its hash. One that can be run stays one. */
export async function writeAgentFile(file: string, text: string): Promise<string> {
  try {
    await makeFolder(dirname(file));
    const status = await unlessMissing(stat(file));
    await writeFileAtomically(file, text, status?.mode);
  } catch (error) {
    throw new UserError(describeWriteFailure(error, file), { cause: error });
  }
  return hashText(text);
}
