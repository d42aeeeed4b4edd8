import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "./fileErrors.ts";
import { temporaryName } from "./temporaryName.ts";

/** Windows refuses to replace a file while somebody reads it; readers are done within milliseconds. */
const RENAME_ATTEMPTS = 5;
const RENAME_DELAY_MS = 20;

/**
 * Replaces a file as a whole: a reader sees the old text or the new one, never a part. Creates no folder. `mode`: the rights of
 * the new file; without it those that every new file gets.
 */
export async function writeFileAtomically(path: string, text: string, mode?: number): Promise<void> {
  // Of its own, since one process may write a file twice at once.
  const temporary = join(dirname(path), `.${basename(path)}.${temporaryName()}.tmp`);
  try {
    // From the first byte on, where the rights keep others out.
    await writeFile(temporary, text, mode === undefined ? {} : { mode: mode & 0o777 });
    if (mode !== undefined) {
      await chmod(temporary, mode & 0o777);
    }
    await renameOver(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const isBusy = process.platform === "win32" && ["EPERM", "EACCES", "EBUSY"].includes(errorCode(error) ?? "");
      if (!isBusy || attempt === RENAME_ATTEMPTS) {
        throw error;
      }
      await delay(RENAME_DELAY_MS);
    }
  }
}
