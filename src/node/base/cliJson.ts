/** The JSON that a verb prints: lines and columns count from 1, as in its text and as other programs take them. */
export function printedJson(value: unknown): string {
  return JSON.stringify(
    value,
    (key, each: unknown) => ((key === "line" || key === "column") && typeof each === "number" ? each + 1 : each),
    2,
  );
}
