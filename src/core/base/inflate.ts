import { EndOfBytesError } from "./byteReader.ts";
import { FormatError } from "./errors.ts";

/*
 * DEFLATE, RFC 1951. Written here because only the beginning of a compressed array is wanted, because the output has
 * to stop at a limit whatever the bytes say, and because this runtime has no decompression of its own.
 *
 *   block   1 bit last?   2 bits kind: 0 stored, 1 fixed codes, 2 codes in the block
 *   code    a Huffman code of literals (0-255), the end (256) and lengths (257-285), then one of distances
 */

const FORMAT = "deflate";
const MAX_CODE_BITS = 15;
/** Compressors begin a block every few ten thousand bytes; one that holds nothing costs as much as its tables. */
const MAX_BLOCKS = 8_192;
const lengthBases = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBases = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const distanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** How many codes there are of each length, and the symbols in the order of their codes. */
type Huffman = { counts: Uint16Array; symbols: Uint16Array };

export type Inflated = {
  bytes: Uint8Array;
  /** False where the output stopped at its limit before the stream did. */
  isComplete: boolean;
  /** How many bytes of the input the stream took. */
  consumedBytes: number;
};

/** Decompresses at most `maxBytes`. Throws EndOfBytesError where the input ends first, FormatError where it is no DEFLATE. */
export function inflateRaw(input: Uint8Array, maxBytes: number): Inflated {
  return new Inflater(input, maxBytes).run();
}

class Inflater {
  readonly #input: Uint8Array;
  readonly #maxBytes: number;
  #output = new Uint8Array(4096);
  #length = 0;
  #position = 0;
  #bits = 0;
  #bitCount = 0;

  constructor(input: Uint8Array, maxBytes: number) {
    this.#input = input;
    this.#maxBytes = maxBytes;
  }

  run(): Inflated {
    let blocks = 0;
    for (let isLast = false; !isLast && this.#length < this.#maxBytes; ) {
      if (++blocks > MAX_BLOCKS) {
        throw this.#error(`it has more than ${MAX_BLOCKS} blocks`);
      }
      isLast = this.#take(1) === 1;
      const isFinished = this.#block(this.#take(2));
      if (isLast && isFinished) {
        return this.#result(true);
      }
    }
    return this.#result(false);
  }

  #result(isComplete: boolean): Inflated {
    const unused = this.#bitCount >> 3;
    return { bytes: this.#output.subarray(0, this.#length), isComplete, consumedBytes: this.#position - unused };
  }

  /** Whether the block came to its end before the output reached its limit. */
  #block(kind: number): boolean {
    switch (kind) {
      case 0:
        return this.#stored();
      case 1:
        return this.#codes(fixedLiterals, fixedDistances);
      case 2: {
        const { literals, distances } = this.#readTables();
        return this.#codes(literals, distances);
      }
      default:
        throw this.#error("a block is of a kind that does not exist");
    }
  }

  #stored(): boolean {
    // The lengths begin at the next whole byte; bits already taken from it are dropped.
    this.#position -= this.#bitCount >> 3;
    this.#bits = 0;
    this.#bitCount = 0;
    const length = this.#take(16);
    if (length !== (~this.#take(16) & 0xffff)) {
      throw this.#error("a stored block contradicts its own length");
    }
    const wanted = Math.min(length, this.#maxBytes - this.#length);
    if (this.#position + wanted > this.#input.length) {
      throw this.#ended();
    }
    this.#reserve(wanted);
    this.#output.set(this.#input.subarray(this.#position, this.#position + wanted), this.#length);
    this.#length += wanted;
    this.#position += wanted;
    return wanted === length;
  }

  #codes(literals: Huffman, distances: Huffman): boolean {
    while (this.#length < this.#maxBytes) {
      const symbol = this.#decode(literals);
      if (symbol === 256) {
        return true;
      }
      if (symbol < 256) {
        this.#reserve(1);
        this.#output[this.#length++] = symbol;
      } else {
        this.#copy(symbol - 257, distances);
      }
    }
    return false;
  }

  #copy(code: number, distances: Huffman): void {
    const base = lengthBases[code];
    if (base === undefined) {
      throw this.#error("a length is of a code that does not exist");
    }
    const length = base + this.#take(lengthBits[code] ?? 0);
    const distanceCode = this.#decode(distances);
    const distanceBase = distanceBases[distanceCode];
    if (distanceBase === undefined) {
      throw this.#error("a distance is of a code that does not exist");
    }
    const distance = distanceBase + this.#take(distanceBits[distanceCode] ?? 0);
    if (distance > this.#length) {
      throw this.#error("a distance leads before the beginning");
    }
    const wanted = Math.min(length, this.#maxBytes - this.#length);
    this.#reserve(wanted);
    // One by one, since source and target may overlap: that is how runs are written.
    for (let index = 0; index < wanted; index++) {
      this.#output[this.#length] = this.#output[this.#length - distance] ?? 0;
      this.#length++;
    }
  }

  #readTables(): { literals: Huffman; distances: Huffman } {
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const codeCount = this.#take(4) + 4;
    const codeLengths = new Uint8Array(19);
    for (const symbol of codeLengthOrder.slice(0, codeCount)) {
      codeLengths[symbol] = this.#take(3);
    }
    const lengths = this.#readLengths(this.#huffman(codeLengths), literalCount + distanceCount);
    return {
      literals: this.#huffman(lengths.subarray(0, literalCount)),
      distances: this.#huffman(lengths.subarray(literalCount)),
    };
  }

  #readLengths(codes: Huffman, count: number): Uint8Array {
    const lengths = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      const symbol = this.#decode(codes);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      const value = symbol === 16 ? lengths[at - 1] : 0;
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (value === undefined || at + times > count) {
        throw this.#error("a repeated code length does not fit");
      }
      lengths.fill(value, at, at + times);
      at += times;
    }
    return lengths;
  }

  #huffman(lengths: Uint8Array): Huffman {
    const table = buildHuffman(lengths);
    if (table === undefined) {
      throw this.#error("its codes contradict each other");
    }
    return table;
  }

  #decode({ counts, symbols }: Huffman): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      code |= this.#take(1);
      const count = counts[bits] ?? 0;
      if (code - count < first) {
        return symbols[index + code - first] ?? 0;
      }
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw this.#error("a code does not exist");
  }

  #take(count: number): number {
    while (this.#bitCount < count) {
      const byte = this.#input[this.#position];
      if (byte === undefined) {
        throw this.#ended();
      }
      this.#position++;
      this.#bits |= byte << this.#bitCount;
      this.#bitCount += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#output.length) {
      const larger = new Uint8Array(Math.max(this.#length + count, this.#output.length * 2));
      larger.set(this.#output);
      this.#output = larger;
    }
  }

  #error(reason: string): FormatError {
    return new FormatError(FORMAT, this.#position, reason);
  }

  #ended(): EndOfBytesError {
    return new EndOfBytesError(FORMAT, this.#input.length, "the compressed bytes end early");
  }
}

/** Canonical codes from their lengths; undefined where more codes are given than there are. */
function buildHuffman(lengths: Uint8Array): Huffman | undefined {
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  for (const length of lengths) {
    counts[length] = (counts[length] ?? 0) + 1;
  }
  let left = 1;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    left = left * 2 - (counts[bits] ?? 0);
    if (left < 0) {
      return undefined;
    }
  }
  counts[0] = 0;
  const offsets = new Uint16Array(MAX_CODE_BITS + 1);
  for (let bits = 1; bits < MAX_CODE_BITS; bits++) {
    offsets[bits + 1] = (offsets[bits] ?? 0) + (counts[bits] ?? 0);
  }
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) {
    if (length > 0) {
      symbols[offsets[length] ?? 0] = symbol;
      offsets[length] = (offsets[length] ?? 0) + 1;
    }
  }
  return { counts, symbols };
}

function fixedTable(lengths: readonly (readonly [count: number, bits: number])[]): Huffman {
  const all = Uint8Array.from(lengths.flatMap(([count, bits]) => Array.from({ length: count }, () => bits)));
  return buildHuffman(all) ?? { counts: new Uint16Array(), symbols: new Uint16Array() };
}

const fixedLiterals = fixedTable([
  [144, 8],
  [112, 9],
  [24, 7],
  [8, 8],
]);
const fixedDistances = fixedTable([[30, 5]]);
