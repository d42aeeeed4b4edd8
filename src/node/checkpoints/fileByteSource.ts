import { constants } from "node:fs";
import { type ByteSource, byteSourceOf } from "../../core/base/byteSource.ts";
import { UserError } from "../../core/base/errors.ts";
import { fileCalls, type OpenFile } from "./fileCalls.ts";

/** Small files are read at once: one system call instead of three or four. */
const READ_WHOLE_BYTES = 128 * 1024;
const SMALL_BYTES = 4_096;
/** The head of a file and its end. */
const MAX_KEPT = 3;
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
  const file = await fileCalls.open(path, OPEN_FLAGS);
  try {
    const status = await file.stat();
    if (!status.isFile()) {
      throw new UserError(`${path} is no regular file, so there is no checkpoint to read in it.`);
    }
    if (status.size <= READ_WHOLE_BYTES) {
      const bytes = await readRange(file, 0, status.size);
      return await read({ ...byteSourceOf(bytes), sizeBytes: status.size });
    }
    const blocks = new BlockReader(file);
    return await read({ sizeBytes: status.size, read: (offset, length) => blocks.read(offset, length) });
  } finally {
    await file.close();
  }
}

/**
 * Headers are read in small pieces that lie beside each other or in what was read before. Each call of the system waits
 * for a thread, which on a busy machine takes longer than the read, so a small piece brings its surroundings.
 */
class BlockReader {
  readonly #file: OpenFile;
  #kept: readonly { offset: number; bytes: Uint8Array }[] = [];

  constructor(file: OpenFile) {
    this.#file = file;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const known = this.#kept.find(
      (block) => offset >= block.offset && offset + length <= block.offset + block.bytes.length,
    );
    if (known !== undefined) {
      return known.bytes.subarray(offset - known.offset, offset - known.offset + length);
    }
    const bytes = await readRange(this.#file, offset, Math.max(length, SMALL_BYTES));
    if (bytes.length <= READ_WHOLE_BYTES) {
      this.#kept = [{ offset, bytes }, ...this.#kept].slice(0, MAX_KEPT);
    }
    return bytes.subarray(0, length);
  }
}

/** Fewer bytes than asked for only where the file ends. */
async function readRange(file: OpenFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const bytesRead = await file.read(bytes, filled, offset + filled);
    if (bytesRead === 0) {
      return bytes.subarray(0, filled);
    }
    filled += bytesRead;
  }
  return bytes;
}
