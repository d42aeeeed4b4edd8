import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./fileErrors.ts";

/** Makes a folder and its parents. What fails is said as the system says it: Node's recursive call takes a read-only disk for a missing folder. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(folder) === folder) {
      throw error;
    }
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}
