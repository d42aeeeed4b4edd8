/** Matches what training programs print for a number; source text for larger patterns. */
export const NUMBER_SOURCE = String.raw`[-+]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:[nN]a[nN]|[iI]nf(?:inity)?)\b`;

const SUFFIX_FACTORS: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** `1,234`, `1.2e-3`, `nan`, `-inf`, `.5`; undefined for anything else. */
export function parseConsoleNumber(text: string): number | undefined {
  const plain = text.trim().replaceAll(",", "");
  const word = /^([-+]?)(nan|inf(?:inity)?)$/i.exec(plain);
  if (word !== null) {
    const value = word[2]?.toLowerCase() === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
    return word[1] === "-" ? -value : value;
  }
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(plain) ? Number(plain) : undefined;
}

/** A count with tqdm's unit suffix: `450`, `1.20k`. */
export function parseConsoleCount(text: string): number | undefined {
  const factor = SUFFIX_FACTORS[text.slice(-1)];
  const value = parseConsoleNumber(factor === undefined ? text : text.slice(0, -1));
  return value === undefined ? undefined : Math.round(value * (factor ?? 1));
}

/** `12`, `01:12`, `1:02:03`, `1 day, 1:02:03` is not needed: tqdm prints hours without days. */
export function parseClock(text: string): number | undefined {
  if (!/^\d+(?::\d\d){0,2}$/.test(text)) {
    return undefined;
  }
  return text.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0);
}
