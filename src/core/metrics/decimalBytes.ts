/*
 * Decimal numbers read from bytes, to the same double as `Number` of their text, without a text. The digits make an integer in two parts,
 * `head` (six to nine digits) and `tail` (the others), whose sum two doubles hold exactly; it is divided by a power of ten that one double
 * holds exactly. What is written in another way, or is not certain to be rounded rightly, is left to whoever makes a text of it.
 */
const ZERO = 48;
const POINT = 46;
const PLUS = 43;
const MINUS = 45;
const CAPITAL_E = 69;
const SMALL_E = 101;

/** The last power of ten that a double holds exactly is the 22nd. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);
/** Four digits more fit into 31 bits. */
const FULL_HEAD = 1e5;
/** Up to here a head, times the power of ten that the tail needs, has at most 51 bits: nine digits, and nine factors of five. */
const MAX_INTEGER = 1e18;
const MAX_EXPONENT_DIGITS = 3;

/** A double times this falls into two halves of 26 bits, whose products are exact (T. J. Dekker, 1971). */
const SPLITTER = 2 ** 27 + 1;
/** More than the two roundings of a correction can be wrong by, as a part of it. */
const DOUBT = 2 ** -50;

/**
 * Reads the number that begins at `from` into `values[index]`. Gives the place behind it, or -1 where this cannot read one. The bytes
 * must end with one that is no part of a number.
 */
export function readDecimal(bytes: DataView, from: number, values: Float64Array, index: number): number {
  const sign = bytes.getUint8(from);
  const begin = sign === MINUS || sign === PLUS ? from + 1 : from;
  let head = 0;
  let tail = 0;
  let tailDigits = 0;
  let at = begin;
  let digit = bytes.getUint8(at) - ZERO;
  for (; digit >= 0 && digit <= 9; digit = bytes.getUint8(++at) - ZERO) {
    if (head < FULL_HEAD) {
      head = head * 10 + digit;
    } else {
      tail = tail * 10 + digit;
      tailDigits += 1;
    }
  }
  let count = at - begin;
  let power = 0;
  if (digit === POINT - ZERO) {
    const fraction = ++at;
    // Most digits stand here, so they are taken four at a time, and then the others.
    for (let four = fourDigits(bytes, at); four >= 0; four = fourDigits(bytes, at)) {
      if (head < FULL_HEAD) {
        head = head * 10_000 + four;
      } else {
        tail = tail * 10_000 + four;
        tailDigits += 4;
      }
      at += 4;
    }
    for (digit = bytes.getUint8(at) - ZERO; digit >= 0 && digit <= 9; digit = bytes.getUint8(++at) - ZERO) {
      if (head < FULL_HEAD) {
        head = head * 10 + digit;
      } else {
        tail = tail * 10 + digit;
        tailDigits += 1;
      }
    }
    power = at - fraction;
    count += power;
  }
  if (digit === SMALL_E - ZERO || digit === CAPITAL_E - ZERO) {
    const exponentSign = bytes.getUint8(at + 1);
    const digits = exponentSign === MINUS || exponentSign === PLUS ? at + 2 : at + 1;
    at = endOfDigits(bytes, digits);
    count = at === digits || at > digits + MAX_EXPONENT_DIGITS ? 0 : count;
    power += integerIn(bytes, digits, at) * (exponentSign === MINUS ? 1 : -1);
  }
  const large = head * (POWERS[tailDigits] ?? Infinity);
  if (count === 0 || power < 0 || power >= POWERS.length || large > MAX_INTEGER) {
    return -1;
  }
  const size = divide(large, tail, POWERS[power] ?? 1);
  values[index] = sign === MINUS ? -size : size;
  return Number.isNaN(size) ? -1 : at;
}

/** The number of which the next four bytes are the digits; -1 where they are others. */
function fourDigits(bytes: DataView, at: number): number {
  if (at + 4 > bytes.byteLength) {
    return -1;
  }
  // A digit to each byte, the first in the lowest one, where six more reach no upper half.
  const digits = bytes.getUint32(at, true) ^ 0x30303030;
  if (((digits | (digits + 0x06060606)) & 0xf0f0f0f0) !== 0) {
    return -1;
  }
  const pairs = digits * 10 + (digits >> 8);
  return (pairs & 0xff) * 100 + ((pairs >> 16) & 0xff);
}

function endOfDigits(bytes: DataView, from: number): number {
  let at = from;
  while (bytes.getUint8(at) >= ZERO && bytes.getUint8(at) < ZERO + 10) {
    at += 1;
  }
  return at;
}

function integerIn(bytes: DataView, from: number, until: number): number {
  let integer = 0;
  for (let at = from; at < until; at++) {
    integer = integer * 10 + bytes.getUint8(at) - ZERO;
  }
  return integer;
}

/** `(large + small) / divisor` for integers of which `large` is 0 or the larger; NaN where its rounding is not certain. */
function divide(large: number, small: number, divisor: number): number {
  const sum = large + small;
  const quotient = sum / divisor;
  if (sum <= Number.MAX_SAFE_INTEGER) {
    return quotient;
  }
  // What `quotient` leaves of the dividend, exactly: the part of it that `sum` lost, and that of the product that `product` lost.
  const product = quotient * divisor;
  const upper = upperHalf(quotient);
  const lower = quotient - upper;
  const divisorUpper = upperHalf(divisor);
  const divisorLower = divisor - divisorUpper;
  const lost = upper * divisorUpper - product + upper * divisorLower + lower * divisorUpper + lower * divisorLower;
  const correction = (sum - product - lost + (small - (sum - large))) / divisor;
  const least = quotient + correction * (1 - DOUBT);
  const greatest = quotient + correction * (1 + DOUBT);
  return least === greatest ? least : Number.NaN;
}

function upperHalf(value: number): number {
  const shifted = SPLITTER * value;
  return shifted - (shifted - value);
}
