/** For JSON.stringify: a number that JSON does not have becomes its text, where `null` would be another value. */
export function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
