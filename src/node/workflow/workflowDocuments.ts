import { readFile, rename, stat } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { MISSING_DOCUMENT } from "../../core/workflow/workflowState.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { makeFolder } from "../base/makeFolder.ts";
import { NoFileError, readTextOfFile } from "../base/openFile.ts";
import { isReallyInside } from "../base/workspacePath.ts";
import { describeWriteFailure, orWriteFailure } from "../base/writeNewFile.ts";
import { hashBytes, hashText } from "./workflowSeal.ts";

const MAX_DOCUMENT_BYTES = 2_000_000;

/** Writes a document of a workflow and gives its hash. One of another text moves to `history/` first. */
export async function writeDocument(folder: string, document: string, text: string): Promise<string> {
  const path = join(folder, document);
  try {
    await requireInside(folder, path);
    const earlier = await readDocument(folder, document);
    if (earlier !== undefined && earlier !== text) {
      const kept = keptPath(folder, document, hashText(earlier));
      await requireInside(folder, kept);
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
    return await readTextOfFile(join(folder, document));
  } catch (error) {
    // A folder in the place of a document is none.
    if (error instanceof NoFileError || ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      return undefined;
    }
    throw error;
  }
}

/** Refuses a path of a workflow that leads out of its folder: a workspace may bring a link in the place of a folder of it. */
export async function requireInside(folder: string, path: string): Promise<void> {
  await makeFolder(folder);
  if (!(await isReallyInside(folder, dirname(path)))) {
    throw new UserError(
      `${path} leads out of the folder of the workflow through a link, so nothing was written. Remove the link, then try again.`,
    );
  }
}

/** Where an earlier text of a document is kept. */
function keptPath(folder: string, document: string, hash: string): string {
  return join(folder, keptName(document, hash));
}

/** The same from the folder of the workflow on, as it is shown. */
export function keptName(document: string, hash: string): string {
  return posix.join("history", posix.dirname(document), `${hash.slice(0, 8)}-${basename(document)}`);
}

/** The hash of a document as it is now; of one that is too large its size, since it is not what was approved. */
export async function hashOfDocument(path: string): Promise<string> {
  try {
    const status = await stat(path);
    if (!status.isFile()) {
      return MISSING_DOCUMENT;
    }
    return status.size > MAX_DOCUMENT_BYTES ? `${status.size} bytes` : hashBytes(await readFile(path));
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return MISSING_DOCUMENT;
    }
    throw new UserError(`${path} cannot be read: ${describeFileError(error)}. Let it be read, then try again.`, {
      cause: error,
    });
  }
}

/**
 * Keeps the texts that are approved, so that a later change of them can be shown. Gives why they are not what is approved:
 * somebody may have changed one just now.
 */
export async function keepApproved(
  folder: string,
  hashes: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  for (const [document, hash] of Object.entries(hashes)) {
    const path = join(folder, document);
    if ((await hashOfDocument(path)) !== hash) {
      return `${document} has changed since it was shown. Read it again, then approve.`;
    }
    if (hash.endsWith(" bytes")) {
      return `${document} is longer than ${MAX_DOCUMENT_BYTES / 1_000_000} MB, so a change of it could not be noticed. Shorten it, then approve.`;
    }
    await keepText(folder, document);
  }
  return undefined;
}

/** Keeps a document as it is now, so that what is written into it later can be told from that. */
export async function keepText(folder: string, document: string): Promise<void> {
  const path = join(folder, document);
  const hash = await hashOfDocument(path);
  const kept = keptPath(folder, document, hash);
  if (hash !== MISSING_DOCUMENT && !hash.endsWith(" bytes") && (await hashOfDocument(kept)) !== hash) {
    await requireInside(folder, kept);
    await orWriteFailure(kept, copyTo(path, kept));
  }
}

async function copyTo(path: string, kept: string): Promise<void> {
  await makeFolder(dirname(kept));
  await writeFileAtomically(kept, await readFile(path, "utf8"));
}

/** The text of a document that was approved with this hash; undefined where it is not kept any more. */
export async function readApproved(folder: string, document: string, hash: string): Promise<string | undefined> {
  const candidates = [keptPath(folder, document, hash), join(folder, document)];
  for (const path of candidates) {
    if ((await hashOfDocument(path)) === hash) {
      return readDocument(dirname(path), basename(path));
    }
  }
  return undefined;
}
