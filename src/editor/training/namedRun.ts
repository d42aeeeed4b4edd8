import type { Run } from "../../core/training/runRecord.ts";

/** The run that a text names by its id, by the beginning of it, by its title or script, or as `latest`. */
export function namedRun(runs: readonly Run[], text: string): Run | undefined {
  const words = text.trim().split(/\s+/).map(bareWord);
  const exact = runs.find(({ record }) => words.includes(record.id));
  const similar = runs.filter(({ record }) =>
    words.some((word) => (word.length > 3 && record.id.startsWith(word)) || isTitle(word, record.plan.title)),
  );
  return exact ?? (similar.length === 1 ? similar[0] : undefined) ?? (words.includes("latest") ? runs[0] : undefined);
}

/** Whether a text holds something that looks like the id of a run; then no other run may be meant. */
export function namesRun(text: string): boolean {
  return /\b\d{4,}/.test(text);
}

/** What people call any run: "stop the run" is not said of the run of `run.py`. */
const GENERAL =
  /^(?:a|all|and|any|current|end|everything|experiment|flow|it|job|kill|last|latest|my|newest|now|of|please|runs?|running|status|stop|that|the|this|trainings?)$/;

function isTitle(word: string, title: string): boolean {
  const name = word.toLowerCase();
  return (name === title.toLowerCase() && !GENERAL.test(name)) || name === `${title.toLowerCase()}.py`;
}

/** Without what a sentence puts around a name: “is `mnist` done?”, "mnist's loss". */
function bareWord(word: string): string {
  return word.replace(/^["'“”‘’`(]+|(?:['’]s)?["'“”‘’`),;:!?.]*$/g, "");
}
