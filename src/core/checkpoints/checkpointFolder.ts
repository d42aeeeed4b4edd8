import type { ByteSource } from "../base/byteSource.ts";

/**
 * A folder whose files together are one checkpoint.
 * Contract: `open` resolves with undefined where there is no such file, calls `read` while the file is open and
 * closes it afterwards. Names have no separators.
 */
export type CheckpointFolder = {
  name: string;
  files: readonly { name: string; sizeBytes: number }[];
  open<Result>(name: string, read: (source: ByteSource) => Promise<Result>): Promise<Result | undefined>;
};
