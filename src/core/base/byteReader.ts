import type { ByteSource } from "./byteSource.ts";
import { FormatError } from "./errors.ts";
import { decodeUtf8 } from "./shortText.ts";

/** The bytes ended before what the format promises. Apart from FormatError, since a file still being written ends early too. */
export class EndOfBytesError extends FormatError {}

const LINE_FEED = 0x0a;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const MAX_DIGITS = 15;

/**
 * Reads numbers from bytes in order. Every read is compared with the bytes left first, so a length taken from
 * the bytes themselves can ask for nothing that is not there. Little-endian unless the name says otherwise.
 */
export class ByteReader {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #format: string;
  readonly #fileOffset: number;

  /** `fileOffset` is where `bytes` begin in their file; errors then name offsets a person can look up. */
  constructor(bytes: Uint8Array, format: string, fileOffset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#format = format;
    this.#fileOffset = fileOffset;
  }

  get remaining(): number {
    return this.#bytes.length - this.position;
  }

  u8(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) {
      this.#advance(1);
    }
    this.position++;
    return byte ?? 0;
  }

  u16(): number {
    const at = this.#advance(2);
    return this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#advance(4);
    return this.#view.getUint32(at, true);
  }

  i32(): number {
    const at = this.#advance(4);
    return this.#view.getInt32(at, true);
  }

  /** Refuses numbers above 2^53: no offset or length of a real file needs them, and a double cannot hold them. */
  u64(): number {
    const low = this.u32();
    const high = this.u32();
    if (high > 0x1f_ffff) {
      throw this.error("a 64-bit number is larger than any file", this.position - 8);
    }
    return high * 0x1_0000_0000 + low;
  }

  f64BigEndian(): number {
    const at = this.#advance(8);
    return this.#view.getFloat64(at, false);
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** The next bytes as the text that they are in UTF-8. */
  text(length: number): string {
    const at = this.#advance(length);
    return decodeUtf8(this.#bytes, at, at + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  /** The bytes up to the next line feed, which is consumed and left out; refuses lines longer than `maxBytes`. */
  line(maxBytes: number): Uint8Array {
    const end = this.#bytes.indexOf(LINE_FEED, this.position);
    if (end < 0 || end - this.position > maxBytes) {
      if (this.remaining > maxBytes) {
        throw this.error(`a line is longer than ${maxBytes} bytes`);
      }
      throw new EndOfBytesError(this.#format, this.#fileOffset + this.position, "the bytes end inside a line");
    }
    const line = this.#bytes.subarray(this.position, end);
    this.position = end + 1;
    return line;
  }

  /**
   * The number that the next line writes in up to fifteen digits and nothing else, which a double holds exactly; the line is
   * consumed then. Undefined for any other line.
   */
  digitsLine(): number | undefined {
    const last = Math.min(this.#bytes.length - 1, this.position + MAX_DIGITS);
    let value = 0;
    for (let at = this.position; at <= last; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte === LINE_FEED && at > this.position) {
        this.position = at + 1;
        return value;
      }
      if (byte < DIGIT_0 || byte > DIGIT_9) {
        return undefined;
      }
      value = value * 10 + byte - DIGIT_0;
    }
    return undefined;
  }

  error(reason: string, position = this.position): FormatError {
    return new FormatError(this.#format, this.#fileOffset + position, reason);
  }

  #advance(length: number): number {
    const at = this.position;
    if (length > this.#bytes.length - at) {
      throw new EndOfBytesError(
        this.#format,
        this.#fileOffset + at,
        `${length} bytes are needed, ${this.#bytes.length - at} are left`,
      );
    }
    this.position = at + length;
    return at;
  }
}

/** Exactly the bytes asked for; a source that has become shorter than it said is an EndOfBytesError. */
export async function readExactly(
  source: ByteSource,
  range: { offset: number; length: number },
  format: string,
): Promise<Uint8Array> {
  if (range.offset + range.length > source.sizeBytes) {
    throw new EndOfBytesError(
      format,
      source.sizeBytes,
      `the file ends here, but ${range.length} bytes are promised at byte ${range.offset}`,
    );
  }
  const bytes = await source.read(range.offset, range.length);
  if (bytes.length < range.length) {
    throw new EndOfBytesError(format, range.offset + bytes.length, "the file became shorter while it was read");
  }
  return bytes;
}
