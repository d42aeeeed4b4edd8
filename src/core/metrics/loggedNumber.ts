const ZERO = 48;
const NINE = 57;
const POINT = 46;
const PLUS = 43;
const MINUS = 45;
const SMALL_E = 101;
const CAPITAL_E = 69;

/** Up to here a double holds every power of ten and every integer exactly, so that one division rounds as it should. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power);
const MAX_EXACT_INTEGER = Number.MAX_SAFE_INTEGER;

/** A number as logs write it: `nan`, `inf` included; undefined for what is none, like an empty cell. */
export function readNumber(text: string): number | undefined {
  return readNumberAt(text, 0, text.length);
}

/** The same of a part of a text. A log of a million rows has millions of them, so no part is cut out where it is plain. */
export function readNumberAt(text: string, start: number, end: number): number | undefined {
  let [from, to] = [start, end];
  while (from < to && text.charCodeAt(from) <= 32) {
    from += 1;
  }
  while (to > from && text.charCodeAt(to - 1) <= 32) {
    to -= 1;
  }
  if (from === to) {
    return undefined;
  }
  const first = text.charCodeAt(from);
  let at = first === MINUS || first === PLUS ? from + 1 : from;
  let digits = 0;
  let integer = 0;
  let fraction = 0;
  let isFraction = false;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      integer = integer * 10 + (code - ZERO);
      digits += 1;
      fraction += isFraction ? 1 : 0;
    } else if (code === POINT && !isFraction) {
      isFraction = true;
    } else {
      break;
    }
  }
  if (digits === 0) {
    return readSpecial(text.slice(from, to));
  }
  if (at === to && integer <= MAX_EXACT_INTEGER && fraction < EXACT_POWERS.length) {
    const size = integer / (EXACT_POWERS[fraction] ?? 1);
    return first === MINUS ? -size : size;
  }
  return at === to || isExponent(text, at, to) ? Number(text.slice(from, to)) : undefined;
}

/** `e-05`, up to the end. */
function isExponent(text: string, start: number, end: number): boolean {
  const letter = text.charCodeAt(start);
  if (letter !== SMALL_E && letter !== CAPITAL_E) {
    return false;
  }
  const sign = text.charCodeAt(start + 1);
  const from = sign === MINUS || sign === PLUS ? start + 2 : start + 1;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) {
      return false;
    }
  }
  return from < end;
}

function readSpecial(text: string): number | undefined {
  const special = /^([-+]?)(nan|inf(?:inity)?)$/i.exec(text);
  if (special === null) {
    return undefined;
  }
  return special[2]?.toLowerCase() === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
}
