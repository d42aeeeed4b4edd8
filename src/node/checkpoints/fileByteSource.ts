import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type ByteSource, byteSourceOf } from "../../core/base/byteSource.ts";
import { UserError } from "../../core/base/errors.ts";

/** Small files are read at once: one system call instead of three or four. */
const READ_WHOLE_BYTES = 128 * 1024;
/** A named pipe under a checkpoint's name would otherwise wait for a writer for ever; Windows has neither. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file, hands its bytes to `read` and closes it again. The size is that of the moment of opening: a file that
 * shrinks while it is read gives fewer bytes, as the ByteSource contract allows, and one that grows no more.
 */
export async function withFileBytes<Result>(
  path: string,
  read: (source: ByteSource) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, OPEN_FLAGS);
  try {
    const status = await file.stat();
    if (!status.isFile()) {
      throw new UserError(`${path} is no regular file, so there is no checkpoint to read in it.`);
    }
    if (status.size <= READ_WHOLE_BYTES) {
      const bytes = await readRange(file, 0, status.size);
      return await read({ ...byteSourceOf(bytes), sizeBytes: status.size });
    }
    return await read({ sizeBytes: status.size, read: (offset, length) => readRange(file, offset, length) });
  } finally {
    await file.close();
  }
}

/** Fewer bytes than asked for only where the file ends. */
async function readRange(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) {
      return bytes.subarray(0, filled);
    }
    filled += bytesRead;
  }
  return bytes;
}
