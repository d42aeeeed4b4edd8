import { createHash } from "node:crypto";
import { open, readdir, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import type { Fingerprint } from "../../core/training/receiptSchema.ts";

/** Smaller files are hashed whole; of a larger one as much from its beginning, its middle and its end. */
const SAMPLE_BYTES = 256 * 1024;
/** A data set may have millions of files: enough of them to see that it is another one. */
const MAX_ENTRIES = 2_000;
const HASH_LENGTH = 16;

/** What tells whether a file or a folder is still the same, without reading all of it; undefined where there is none. */
export async function takeFingerprint(path: string, base: string): Promise<Fingerprint | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    return undefined;
  }
  const { hash, sizeBytes } = found.isDirectory()
    ? await hashFolder(path)
    : { hash: await hashFile(path, found.size), sizeBytes: found.size };
  const inside = relative(base, path);
  const shown = inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside;
  return { path: shown, sizeBytes, modifiedAt: found.mtime.toISOString(), hash };
}

async function hashFile(path: string, size: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const hash = createHash("sha256").update(String(size));
    const starts = size <= 3 * SAMPLE_BYTES ? [0, SAMPLE_BYTES, 2 * SAMPLE_BYTES] : samplesOf(size);
    for (const start of starts) {
      const chunk = Buffer.alloc(Math.min(SAMPLE_BYTES, Math.max(0, size - start)));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
      hash.update(chunk.subarray(0, bytesRead));
    }
    return hash.digest("hex").slice(0, HASH_LENGTH);
  } finally {
    await file.close();
  }
}

function samplesOf(size: number): number[] {
  return [0, Math.floor((size - SAMPLE_BYTES) / 2), size - SAMPLE_BYTES];
}

/** Names and sizes of what lies below, the upper folders first. Links to folders are not followed: they may lead in a circle. */
async function hashFolder(path: string): Promise<{ hash: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  const waiting = [path];
  let sizeBytes = 0;
  let count = 0;
  for (let folder = waiting.shift(); folder !== undefined && count < MAX_ENTRIES; folder = waiting.shift()) {
    const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    hash.update(String(entries.length));
    for (const entry of entries.slice(0, MAX_ENTRIES - count)) {
      const full = join(folder, entry.name);
      const size = entry.isDirectory() ? undefined : await sizeOf(full);
      hash.update(`${relative(path, full)}\0${size}\0`);
      sizeBytes += size ?? 0;
      count += 1;
      if (entry.isDirectory()) {
        waiting.push(full);
      }
    }
  }
  return { hash: hash.digest("hex").slice(0, HASH_LENGTH), sizeBytes };
}

/** In bytes, of the file that a link leads to; undefined for what is no file. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
