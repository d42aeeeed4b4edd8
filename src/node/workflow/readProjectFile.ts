import { readFile, stat } from "node:fs/promises";
import { describeFileError, errorCode, unlessMissing } from "../base/fileErrors.ts";
import { resolveInsideWorkspace } from "../base/workspacePath.ts";

const MAX_READ_BYTES = 400_000;

/** The text of a file for a model, or why it cannot be read. Throws a UserError for a path that leads out of the workspace. */
export async function readProjectFile(workspaceFolder: string, path: string): Promise<string> {
  const file = await resolveInsideWorkspace(workspaceFolder, path, "read");
  try {
    const status = await unlessMissing(stat(file));
    if (status === undefined) {
      return `There is no file ${path} in this workspace.`;
    }
    if (!status.isFile()) {
      return `${path} is no file. Name a file; list_files lists them.`;
    }
    if (status.size > MAX_READ_BYTES) {
      return `${path} has ${status.size} bytes, which is too long to be read here. Read a smaller file.`;
    }
    const text = await readFile(file, "utf8");
    return text.includes("\0") ? `${path} is no text file.` : text;
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return `${path} cannot be read: ${describeFileError(error)}.`;
  }
}
