import { closeSync, openSync, readSync } from "node:fs";
import { decodeSource } from "../base/readSource.ts";

export type FileText = { kind: "text"; text: string } | { kind: "too-large" } | { kind: "gone" };

/** One buffer for all small files: a read costs three system calls and no allocation. */
const shared = Buffer.allocUnsafe(1_000_001);

/** The text of a file of at most `maxBytes`. Blocks its thread. */
export function readFileText(path: string, maxBytes: number): FileText {
  const buffer = maxBytes < shared.length ? shared : Buffer.allocUnsafe(maxBytes + 1);
  const size = readInto(path, buffer, maxBytes + 1);
  if (size === undefined || size > maxBytes) {
    return { kind: size === undefined ? "gone" : "too-large" };
  }
  const first = buffer[0] ?? 0;
  // Byte order marks begin with 0xEF, 0xFE or 0xFF, none of which begins a text without one.
  const text = size > 1 && first >= 0xef ? decodeSource(buffer.subarray(0, size)) : buffer.toString("utf8", 0, size);
  return { kind: "text", text };
}

/** How many bytes were read; nothing for a file that is gone, is no file or may not be read. */
function readInto(path: string, buffer: Buffer, length: number): number | undefined {
  try {
    const file = openSync(path, "r");
    try {
      return readSync(file, buffer, 0, length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
