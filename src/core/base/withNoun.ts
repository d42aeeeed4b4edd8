/** A number with its noun: `1 tensor`, `12,345 parameters`. */
export function withNoun(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
