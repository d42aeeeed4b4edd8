import { isUtf8 } from "node:buffer";
import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { oneLine } from "../../core/base/markdown.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { describeFileError, errorCode, unlessMissing } from "../base/fileErrors.ts";
import { makeFolder } from "../base/makeFolder.ts";
import { contains, realpathOfNew, resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { describeWriteFailure } from "../base/writeNewFile.ts";
import { isClosedName, MARKS_OF_ENVIRONMENTS } from "./closedNames.ts";
import { belongsToGit } from "./gitPlaces.ts";
import { hashBytes } from "./workflowSeal.ts";

/** On Windows these are no files in any folder, and whoever has them in a repository cannot check it out. */
const DEVICE_NAME = /^(?:con|conin\$|conout\$|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Some systems take such a name for another one: `.git.`, `.git::$INDEX_ALLOCATION` and `GIT~1` are `.git` on Windows. */
const AMBIGUOUS_NAME = /[:\p{Cc}\p{Cf}\p{DI}]|[. ]$|~\d/u;

/** A difference of more than this is shown to nobody, and sources are shorter. */
const MAX_REPLACED_BYTES = 2_000_000;

/** Sources are shorter; of what is longer the size and the time say whether it is still the same. */
const MAX_HASHED_BYTES = 2_000_000;

/**
 * A file of the workspace that an agent may write. Throws a UserError for one outside, and for what is closed to agents, also
 * where a link leads to it.
 */
export async function locateAgentFile(workspaceFolder: string, path: string): Promise<{ path: string; file: string }> {
  const file = await resolveInsideWorkspace(workspaceFolder, path);
  const shown = workspaceRelative(workspaceFolder, file);
  const realFolder = await realpath(workspaceFolder);
  const realFile = await realpathOfNew(file);
  const names = shown.split("/");
  const isClosed =
    [...names, ...workspaceRelative(realFolder, realFile).split("/")].some(isClosedName) ||
    (await isInEnvironment(realFolder, realFile)) ||
    (await belongsToGit(realFolder, realFile));
  if (shown === "" || isClosed || names.some((name) => AMBIGUOUS_NAME.test(name) || DEVICE_NAME.test(name))) {
    throw new UserError(
      `Agents of a workflow do not write to ${oneLine(path, 200)}. Choose a file of the project itself; what has to stand there goes whole into your answer, with its path, and the person puts it in place.`,
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

/**
 * The text of a file of the project as it is now, exactly: another text means other bytes. Undefined where there is none.
 * `path`: how it is called in sentences. Throws a UserError for a folder, and for what is no text that can be compared.
 */
export async function readAgentFile(file: string, path: string): Promise<string | undefined> {
  const bytes = await readReplaceable(file, path);
  if (bytes === undefined) {
    return undefined;
  }
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new UserError(
      `${path} is no text in UTF-8, so how it would change cannot be shown, and agents of a workflow do not replace it. Choose another name.`,
    );
  }
  return bytes.toString("utf8");
}

async function readReplaceable(file: string, path: string): Promise<Buffer | undefined> {
  try {
    const status = await stat(file);
    if (!status.isFile()) {
      const kind = status.isDirectory() ? "a folder" : "no file that can be written";
      throw new UserError(`${path} is ${kind}, so nothing was written. Name a file.`);
    }
    if (status.size > MAX_REPLACED_BYTES) {
      throw new UserError(
        `${path} has ${status.size} bytes, which is too long for a change of it to be looked at, so agents of a workflow do not replace it. Choose another name.`,
      );
    }
    return await readFile(file);
  } catch (error) {
    switch (errorCode(error)) {
      case undefined:
        throw error;
      case "ENOENT":
        return undefined;
      case "ENOTDIR":
        throw new UserError(
          `A part of ${path} is a file and not a folder, so nothing was written. Choose another path.`,
        );
      default:
        throw new UserError(`${path} cannot be read: ${describeFileError(error)}. Nothing was written.`, {
          cause: error,
        });
    }
  }
}

/** What tells whether a file still holds the same bytes; undefined where there is no such file. */
export async function hashFile(file: string): Promise<string | undefined> {
  const status = await unlessMissing(stat(file));
  if (status?.isFile() !== true) {
    return undefined;
  }
  const { size, mtimeMs } = status;
  return size > MAX_HASHED_BYTES ? `${size} bytes of ${mtimeMs}` : hashBytes(await readFile(file));
}

/** Writes a file of the project for an agent. One that can be run stays one. */
export async function writeAgentFile(file: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(file));
    const status = await unlessMissing(stat(file));
    await writeFileAtomically(file, text, status?.mode);
  } catch (error) {
    throw new UserError(describeWriteFailure(error, file), { cause: error });
  }
}
