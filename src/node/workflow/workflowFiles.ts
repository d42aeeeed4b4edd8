import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { type Capsule, capsulePath, parseCapsule } from "../../core/workflow/capsule.ts";
import {
  type ParsedWorkflow,
  parseWorkflow,
  takenNameProblem,
  unreadableProblem,
} from "../../core/workflow/parseWorkflow.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { readTextOfFile } from "../base/openFile.ts";
import { isReallyInside, resolveInsideWorkspace } from "../base/workspacePath.ts";

const MAX_FILE_BYTES = 1_000_000;

/** A file of a workflow, read. */
export type WorkflowFile = ParsedWorkflow & { path: string };

/** The folders, in the order in which they count: a name that stands in an earlier one is not taken from a later one, which is a problem of the later. */
export async function readWorkflowFiles(folders: readonly string[]): Promise<WorkflowFile[]> {
  const paths = (await Promise.all(folders.map(listFiles))).flat();
  const files = await Promise.all(paths.map(readWorkflowFile));
  return files.map(({ text, ...file }, index) => {
    const name = file.definition?.name;
    const first = files.find(({ definition }) => name !== undefined && definition?.name === name);
    return first === undefined || first === files[index]
      ? file
      : { path: file.path, problems: [takenNameProblem(text, file.definition?.name ?? "", first.path)] };
  });
}

/** One that cannot be read hides none of the others. */
async function readWorkflowFile(path: string): Promise<WorkflowFile & { text: string }> {
  try {
    const text = await readBounded(path);
    return { path, text, ...parseWorkflow(text) };
  } catch (error) {
    if (error instanceof UserError) {
      return { path, text: "", problems: [unreadableProblem(error.message)] };
    }
    if (errorCode(error) === undefined) {
      throw error;
    }
    return { path, text: "", problems: [unreadableProblem(`The file cannot be read: ${describeFileError(error)}.`)] };
  }
}

/** Where a workspace keeps workflows of its own. */
export function workflowFolder(workspaceFolder: string): string {
  return join(workspaceFolder, ".trainyard", "workflows");
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.workflow\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return [];
    }
    throw error;
  }
}

async function readBounded(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) {
    throw new UserError(`${path} is larger than ${MAX_FILE_BYTES / 1_000_000} MB. Shorten ${basename(path)}.`);
  }
  return readTextOfFile(path);
}

/** Reads the capsule of a workspace folder. Throws a UserError where it is missing, unsafe or wrong. */
export async function readCapsule(workspaceFolder: string, slug: string): Promise<Capsule> {
  const path = capsulePath(slug);
  const file = await resolveInsideWorkspace(workspaceFolder, path, "read");
  try {
    return await withMissingFiles(parseCapsule(await readBounded(file), slug), workspaceFolder);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      throw error;
    }
    const known = await folderEntries(join(workspaceFolder, ".phase0", "capsules"));
    const others = known.length === 0 ? "This workspace has no capsules." : `There are: ${known.join(", ")}.`;
    throw new UserError(
      `There is no capsule ${path}. ${others} Without --capsule you are asked the questions instead.`,
      {
        cause: error,
      },
    );
  }
}

/** The capsule with a mark at each key file that the workspace does not have. One outside of it counts as missing. */
async function withMissingFiles(capsule: Capsule, workspaceFolder: string): Promise<Capsule> {
  const keyFiles = await Promise.all(
    capsule.keyFiles.map(async (file) => ({ ...file, isMissing: !(await isThere(workspaceFolder, file.path)) })),
  );
  return { ...capsule, keyFiles };
}

async function isThere(workspaceFolder: string, path: string): Promise<boolean> {
  const file = join(workspaceFolder, path);
  try {
    return (await isReallyInside(workspaceFolder, file)) && (await stat(file)).isFile();
  } catch (error) {
    if (
      ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EACCES", "ERR_INVALID_ARG_VALUE"].includes(errorCode(error) ?? "")
    ) {
      return false;
    }
    throw error;
  }
}

async function folderEntries(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted().slice(0, 20);
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return [];
    }
    throw error;
  }
}
