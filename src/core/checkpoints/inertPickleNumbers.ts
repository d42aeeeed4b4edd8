import type { PickleMachine } from "./inertPickleMachine.ts";

/** An integer as a number where a double holds it exactly, else as a BigInt. */
function integerValue(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

export function parseDecimalInteger(digits: string, machine: PickleMachine): number | bigint {
  if (digits.length > machine.limits.integerDigits) {
    throw machine.reader.error(`an integer has more than ${machine.limits.integerDigits} digits`);
  }
  if (!/^\s*[+-]?\d+\s*$/.test(digits)) {
    throw machine.reader.error("an integer is not written in digits");
  }
  const negative = digits.trim().startsWith("-");
  const magnitude = BigInt(digits.trim().replace(/^[+-]/, ""));
  return integerValue(negative ? -magnitude : magnitude);
}

/** LONG1 and LONG4: two's complement, least significant byte first, no bytes at all for zero. */
export function readLittleEndianInteger(machine: PickleMachine, length: number): number | bigint {
  if (length > machine.limits.integerBytes) {
    throw machine.reader.error(`an integer is longer than ${machine.limits.integerBytes} bytes`);
  }
  const bytes = machine.reader.bytes(length);
  if (length === 0) {
    return 0;
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
    .replace(/\\(x[0-9a-fA-F]{2}|.)/g, (whole, escape: string) =>
      escape.length > 1
        ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
        : (simpleEscapes.get(escape) ?? whole),
    );
}

const simpleEscapes = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
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
