const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const SPECIAL = /^([-+]?)(nan|inf(?:inity)?)$/i;

/** A number as logs write it: `nan`, `inf` included; undefined for what is none, like an empty cell. */
export function readNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (DECIMAL.test(trimmed)) {
    return Number(trimmed);
  }
  const special = SPECIAL.exec(trimmed);
  if (special === null) {
    return undefined;
  }
  return special[2]?.toLowerCase() === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
}
