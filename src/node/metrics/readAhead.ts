import type { FileHandle } from "node:fs/promises";

/** Large enough that the file system counts for little, small enough to stay in the cache of a processor. */
const PIECE_BYTES = 1 << 18;

type Fetched = { offset: number; bytes: Promise<Uint8Array> };

/** Reads a file in pieces, and fetches the next one while the caller works on the one it has. */
export class ReadAhead {
  readonly #handle: FileHandle;
  #next: number | undefined;
  #fetched: Fetched | undefined;
  /** The piece that the caller has, and the one that is fetched meanwhile. */
  #buffers: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /**
   * The bytes from `offset` on, at most 256 KiB and none behind `until`; none at all where the file ends. They last until the next
   * call. Whoever passes over bytes will do so again, so what lies behind such a place is not fetched in advance.
   */
  async read(offset: number, until: number): Promise<Uint8Array> {
    const isInOrder = offset === (this.#next ?? offset);
    const bytes = await this.#take(offset, until);
    this.#next = offset + bytes.length;
    if (isInOrder && bytes.length > 0 && this.#next < until) {
      this.#fetched = this.#fetch(this.#next, until);
    }
    return bytes;
  }

  async #take(offset: number, until: number): Promise<Uint8Array> {
    const fetched = this.#fetched;
    this.#fetched = undefined;
    const bytes = await fetched?.bytes;
    return bytes !== undefined && fetched?.offset === offset ? bytes : this.#fetch(offset, until).bytes;
  }

  #fetch(offset: number, until: number): Fetched {
    const bytes = this.#fill(offset, Math.min(PIECE_BYTES, until - offset));
    // A caller that stops early asks for no answer.
    bytes.catch(() => undefined);
    return { offset, bytes };
  }

  async #fill(offset: number, length: number): Promise<Uint8Array> {
    const [held, free] = this.#buffers;
    const buffer = free.length < length ? new Uint8Array(length) : free;
    this.#buffers = [buffer, held];
    const { bytesRead } = await this.#handle.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }
}
