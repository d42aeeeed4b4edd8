import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { errorCode } from "./fileErrors.ts";

/** The entries of a folder; none where it vanished, is none or may not be read. */
export async function listFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) {
      return [];
    }
    throw error;
  }
}
