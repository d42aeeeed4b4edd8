import { closeSync, openSync, readSync } from "node:fs";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { decodeSource } from "../base/readSource.ts";

/** `encoding` is `utf-16` where a mark says so, `binary` where there are null bytes, which no text has. */
export type FileText =
  | { kind: "text"; text: string; encoding: "utf-8" | "utf-16" | "binary" }
  | { kind: "too-large" }
  | { kind: "gone" }
  | { kind: "unreadable"; reason: string };

/** One buffer for all small files: a read costs three system calls and no allocation. */
const shared = Buffer.allocUnsafe(1_000_001);

/** The text of a file of at most `maxBytes`. Blocks its thread. */
export function readFileText(path: string, maxBytes: number): FileText {
  const buffer = maxBytes < shared.length ? shared : Buffer.allocUnsafe(maxBytes + 1);
  const size = readInto(path, buffer, maxBytes + 1);
  if (typeof size !== "number" || size > maxBytes) {
    return typeof size === "number" ? { kind: "too-large" } : size;
  }
  const first = buffer[0] ?? 0;
  // Byte order marks begin with 0xEF, 0xFE or 0xFF, none of which begins a text without one.
  const text = size > 1 && first >= 0xef ? decodeSource(buffer.subarray(0, size)) : buffer.toString("utf8", 0, size);
  const encoding = size > 1 && (first === 0xfe || first === 0xff) ? "utf-16" : text.includes("\0") ? "binary" : "utf-8";
  return { kind: "text", text, encoding };
}

/** How many bytes were read, or why none were. */
function readInto(
  path: string,
  buffer: Buffer,
  length: number,
): number | Extract<FileText, { kind: "gone" | "unreadable" }> {
  try {
    const file = openSync(path, "r");
    try {
      return readSync(file, buffer, 0, length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const isGone = ["ENOENT", "ENOTDIR", "EISDIR"].includes(errorCode(error) ?? "");
    return isGone ? { kind: "gone" } : { kind: "unreadable", reason: describeFileError(error) };
  }
}
