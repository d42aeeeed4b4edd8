import { readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode } from "../base/fileErrors.ts";
import { makeFolder } from "../base/makeFolder.ts";
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
    // A folder in the place of a document is none.
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(errorCode(error) ?? "")) {
      return undefined;
    }
    throw error;
  }
}
