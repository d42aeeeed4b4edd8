/*
 * Decimal numbers read from bytes, to the same double as `Number` of their text, without a text. The digits make an integer in two parts,
 * `head` (the first nine digits) and `tail` (up to nine others), whose sum two doubles hold exactly; it is divided by a power of ten that one
 * double holds exactly. What is written in another way, or is not certain to be rounded rightly, is left to whoever makes a text of it.
 */
const ZERO = 48;
const PLUS = 43;
const MINUS = 45;
/** As what `digitAt` takes the other bytes that a number may have. */
const POINT = (46 - ZERO) >>> 0;
const CAPITAL_E = 69 - ZERO;
const SMALL_E = 101 - ZERO;

/** The last power of ten that a double holds exactly is the 22nd. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);
/** From here on a head has nine digits: one more would not fit into 31 bits. A head times 10^9 has at most 51 bits and nine factors of two. */
const FULL_HEAD = 1e8;
const MAX_TAIL_DIGITS = 9;
const MAX_EXPONENT_DIGITS = 3;

/** A double times this falls into two halves of 26 bits, whose products are exact (T. J. Dekker, 1971). */
const SPLITTER = 2 ** 27 + 1;
/** More than the two roundings of a correction can be wrong by, as a part of it. */
const DOUBT = 2 ** -50;

/**
 * Reads the number that begins at `from` into `values[index]`. Gives the place behind it, or -1 where this cannot read one. The bytes
 * must end with one that is no part of a number.
 */
export function readDecimal(bytes: Uint8Array, from: number, values: Float64Array, index: number): number {
  const sign = bytes[from];
  const begin = from + (sign === MINUS || sign === PLUS ? 1 : 0);
  let head = 0;
  let tail = 0;
  let tailDigits = 0;
  let at = begin;
  let digit = digitAt(bytes, at);
  for (; digit < 10; digit = digitAt(bytes, ++at)) {
    if (head < FULL_HEAD) {
      head = (head * 10 + digit) | 0;
    } else {
      tail = (tail * 10 + digit) | 0;
      tailDigits += 1;
    }
  }
  let count = at - begin;
  let power = 0;
  if (digit === POINT) {
    const fraction = ++at;
    digit = digitAt(bytes, at);
    // Most digits stand here: a loop for each part is a third faster than one that asks for each digit which part it belongs to.
    for (; digit < 10 && head < FULL_HEAD; digit = digitAt(bytes, ++at)) {
      head = (head * 10 + digit) | 0;
    }
    for (; digit < 10; digit = digitAt(bytes, ++at)) {
      tail = (tail * 10 + digit) | 0;
      tailDigits += 1;
    }
    power = at - fraction;
    count += power;
  }
  if (digit === SMALL_E || digit === CAPITAL_E) {
    const exponentSign = bytes[at + 1];
    const digits = exponentSign === MINUS || exponentSign === PLUS ? at + 2 : at + 1;
    at = endOfDigits(bytes, digits);
    count = at === digits || at > digits + MAX_EXPONENT_DIGITS ? 0 : count;
    power += integerIn(bytes, digits, at) * (exponentSign === MINUS ? 1 : -1);
  }
  if (count === 0 || power < 0 || power >= POWERS.length || tailDigits > MAX_TAIL_DIGITS) {
    return -1;
  }
  const size = divide(head * (POWERS[tailDigits] ?? 1), tail, POWERS[power] ?? 1);
  values[index] = sign === MINUS ? -size : size;
  return Number.isNaN(size) ? -1 : at;
}

/** The digit that stands at a place; more than 9 where none does. */
function digitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) - ZERO) >>> 0;
}

function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (digitAt(bytes, at) < 10) {
    at += 1;
  }
  return at;
}

function integerIn(bytes: Uint8Array, from: number, until: number): number {
  let integer = 0;
  for (let at = from; at < until; at++) {
    integer = integer * 10 + digitAt(bytes, at);
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
