import type { PickleMachine } from "./inertPickleMachine.ts";

/** An integer as a number where a double holds it exactly, else as a BigInt. */
function integerValue(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/**
 * An integer as protocols 0 and 1 write it, and as CPython reads it: decimal unless a prefix says otherwise, with spaces before it
 * and underscores in it.
 */
export function parseWrittenInteger(text: string, machine: PickleMachine): number | bigint {
  const digits = text.trim().replace(/(?<=\w)_(?=\w)/g, "");
  if (digits.length > machine.limits.integerDigits) {
    throw machine.reader.error(`an integer has more than ${machine.limits.integerDigits} digits`);
  }
  const [, sign, magnitude = ""] = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/.exec(digits) ?? [];
  if (magnitude === "") {
    throw machine.reader.error("an integer is not written in digits");
  }
  const value = BigInt(magnitude);
  return integerValue(sign === "-" ? -value : value);
}

/** LONG1 and LONG4: two's complement, least significant byte first, no bytes at all for zero; the bytes of one that is too long. */
export function readLittleEndianInteger(machine: PickleMachine, length: number): number | bigint | Uint8Array {
  const bytes = machine.reader.bytes(length);
  if (length === 0) {
    return 0;
  }
  if (length > machine.limits.integerBytes) {
    return bytes;
  }
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .toReversed()
    .join("");
  return integerValue(BigInt.asIntN(length * 8, BigInt(`0x${hex}`)));
}

/** A Python 2 string literal as protocol 0 writes it: quoted, with backslash escapes, one character per byte. */
export function parseQuotedText(literal: string, machine: PickleMachine): string {
  const quoted = literal.trimEnd();
  const quote = quoted[0];
  if (quoted.length < 2 || (quote !== "'" && quote !== '"') || !quoted.endsWith(quote)) {
    throw machine.reader.error("a text is not quoted");
  }
  return quoted
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/g, (whole, hex?: string, octal?: string, other?: string) => {
      const code = hex === undefined ? Number.parseInt(octal ?? "", 8) & 0xff : Number.parseInt(hex, 16);
      return other === undefined ? String.fromCharCode(code) : (simpleEscapes.get(other) ?? whole);
    });
}

const simpleEscapes = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["v", "\v"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
]);

/** The text of protocol 0's raw-unicode-escape: only \uXXXX and \UXXXXXXXX mean something. */
export function parseRawUnicode(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const codePoint = Number.parseInt(short ?? long ?? "", 16);
    return codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint) : whole;
  });
}
