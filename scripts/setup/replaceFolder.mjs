import { rename, rm } from "node:fs/promises";
import { exists } from "../host/profile.mjs";

/**
 * Builds a folder anew. The one before is put back where that fails: without a network there would be none. It is built in its
 * own place, because an environment cannot be moved.
 * @param {string} folder
 * @param {() => Promise<void>} build
 */
export async function replaceFolder(folder, build) {
  const before = `${folder}.before`;
  // What an interrupted run left is not worth repairing; what it had put aside is the last one that worked.
  if (!(await exists(before)) && (await exists(folder))) {
    await rename(folder, before);
  }
  await rm(folder, { recursive: true, force: true });
  try {
    await build();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (await exists(before)) {
      await rename(before, folder);
    }
    throw error;
  }
  await rm(before, { recursive: true, force: true });
}
