import { byteSourceOf } from "../../src/core/base/byteSource.ts";
import type { CheckpointFolder } from "../../src/core/checkpoints/checkpointFolder.ts";

/** A folder in memory. */
export function folderOf(name: string, contents: Readonly<Record<string, Uint8Array | string>>): CheckpointFolder {
  const files = new Map(
    Object.entries(contents).map(([file, content]) => [
      file,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    ]),
  );
  return {
    name,
    files: Array.from(files, ([file, bytes]) => ({ name: file, sizeBytes: bytes.length })),
    open: async (file, read) => {
      const bytes = files.get(file);
      return bytes === undefined ? undefined : read(byteSourceOf(bytes));
    },
  };
}
