import { stat } from "node:fs/promises";
import { errorCode } from "../../node/base/fileErrors.ts";

/** Whether there is a file or folder; throws what the file system answers other than "not found". */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      return false;
    }
    throw error;
  }
}
