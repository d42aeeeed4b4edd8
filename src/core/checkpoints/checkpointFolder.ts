import type { ByteSource } from "../base/byteSource.ts";

/**
 * A folder whose files together are one checkpoint.
 * Contract: names have no separators. `open` resolves with undefined where there is no such file, calls `read` while
 * the file is open and closes it afterwards. `enter` takes the name of a folder directly in this one, or `..` for the
 * one around it, and resolves with undefined where there is none.
 */
export type CheckpointFolder = {
  name: string;
  files: readonly { name: string; sizeBytes: number }[];
  folders: readonly string[];
  open<Result>(name: string, read: (source: ByteSource) => Promise<Result>): Promise<Result | undefined>;
  enter(name: string): Promise<CheckpointFolder | undefined>;
};
