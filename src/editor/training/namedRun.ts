import type { Run } from "../../core/training/runRecord.ts";

/** The run that a text names by its id, by the beginning of it, by its title, or as `latest`. */
export function namedRun(runs: readonly Run[], text: string): Run | undefined {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word.length > 3);
  const exact = runs.find(({ record }) => words.includes(record.id));
  const similar = runs.filter(({ record }) =>
    words.some((word) => record.id.startsWith(word) || record.plan.title === word),
  );
  return exact ?? (similar.length === 1 ? similar[0] : undefined) ?? (words.includes("latest") ? runs[0] : undefined);
}

/** Whether a text holds something that looks like the id of a run; then no other run may be meant. */
export function namesRun(text: string): boolean {
  return /\b\d{4,}/.test(text);
}
