import { readlink } from "node:fs/promises";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { errorCode } from "../base/fileErrors.ts";

const explanations = new Map([
  ["ENOENT", "does not exist"],
  ["ENOTDIR", "is not a folder"],
  ["EISDIR", "is a folder, not a file"],
  ["EACCES", "may not be read with your permissions"],
  ["EPERM", "may not be read with your permissions"],
  ["ELOOP", "is a link that leads back to itself"],
  ["EIO", "cannot be read: the disk reports an error"],
  ["ESTALE", "is on a network disk that has lost it"],
  ["EMFILE", "cannot be opened: too many files are open"],
  ["ENXIO", "is no regular file"],
]);

/** The same for what may be a link: one that leads nowhere is there itself. */
export async function explainPathError(error: unknown, path: string, subject = path): Promise<string> {
  const target = errorCode(error) === "ENOENT" ? await readlink(path).catch(() => undefined) : undefined;
  return target === undefined
    ? explainFileError(error, subject)
    : `${subject} is a link to ${target}, which does not exist.`;
}

/** One sentence about a file that cannot be read. `subject` begins it. */
export function explainFileError(error: unknown, subject: string): string {
  if (error instanceof UserError) {
    return error.message;
  }
  const code = errorCode(error);
  return `${subject} ${explanations.get(code ?? "") ?? `cannot be read (${code ?? messageOf(error)})`}.`;
}
