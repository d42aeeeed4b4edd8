import { UserError } from "../../core/base/errors.ts";
/** The system's code of a failed file operation, such as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** For what may be gone or locked by now: throws only what the system did not say. */
export function passOverFileErrors(error: unknown): void {
  if (errorCode(error) === undefined) {
    throw error;
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  ENOENT: "the folder is gone",
  EIO: "the disk reports an error",
};

/** Why a file operation failed, as the end of a sentence: `no space is left on the disk (ENOSPC)`. */
export function describeFileError(error: unknown): string {
  if (error instanceof UserError && error.cause !== undefined) {
    // It is a sentence of its own; within another one what the file system answered is told.
    return describeFileError(error.cause);
  }
  const code = errorCode(error);
  const known = code === undefined ? undefined : SENTENCES[code];
  const text = error instanceof Error ? error.message : String(error);
  return known === undefined ? text : `${known} (${code})`;
}

/** What a look at a file gives; undefined where there is no such file any more. */
export async function unlessMissing<Value>(looking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") {
      return undefined;
    }
    throw error;
  }
}
