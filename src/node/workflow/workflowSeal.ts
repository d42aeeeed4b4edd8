import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { Sealer } from "../../core/workflow/journal.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { stateFolder } from "../base/stateFolder.ts";
import { orWriteFailure, writeNewFile } from "../base/writeNewFile.ts";

const KEY_BYTES = 32;
/** Other users of the machine could seal approvals with it. */
const OWN_ALONE = 0o600;

/**
 * Seals with this user's key, which is made with the first use and lies outside of every workspace: what writes into the
 * workspace cannot write a line that counts.
 */
export async function openSealer(folder: string = stateFolder()): Promise<Sealer> {
  const secret = await readOrMakeKey(join(folder, "workflow.key"));
  const key = createHash("sha256").update(`id ${secret}`).digest("hex").slice(0, 16);
  const macOf = (hash: string) => createHmac("sha256", secret).update(hash).digest("hex");
  return {
    hash: hashText,
    seal: (hash) => ({ key, mac: macOf(hash) }),
    verify(hash, seal) {
      if (seal.key !== key) {
        return "foreign";
      }
      const [wanted, given] = [Buffer.from(macOf(hash)), Buffer.from(seal.mac)];
      return wanted.length === given.length && timingSafeEqual(wanted, given) ? "own" : "forged";
    },
  };
}

export function hashText(text: string): string {
  return hashBytes(Buffer.from(text));
}

/** Of the bytes of a text in UTF-8 it is that of the text. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function readOrMakeKey(path: string): Promise<string> {
  try {
    return await readKey(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      throw new UserError(`${path} cannot be read: ${describeFileError(error)}. Workflows are sealed with it.`, {
        cause: error,
      });
    }
  }
  await orWriteFailure(path, mkdir(dirname(path), { recursive: true, mode: 0o700 }));
  // Two windows may come here at once; the one that is later takes the key of the other.
  await writeNewFile(path, `${randomBytes(KEY_BYTES).toString("hex")}\n`, OWN_ALONE);
  return readKey(path);
}

async function readKey(path: string): Promise<string> {
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    await chmod(path, OWN_ALONE);
  }
  const secret = (await readFile(path, "utf8")).trim();
  if (!/^[\da-f]{64}$/.test(secret)) {
    throw new UserError(`${path} holds no key. Remove it; workflows begun before then have to be confirmed once.`);
  }
  return secret;
}
