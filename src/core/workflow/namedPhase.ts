import type { WorkflowState } from "./workflowState.ts";

/** What may stand around the name of a phase, and says nothing of which one it is. */
const AROUND = new Set("please go back return to the a phase step number no of and &".split(" "));
const START = new Set(["start", "beginning", "first"]);

/**
 * The index of the phase that a text names: by its number, by its title or words that only this title has, or as the start.
 * Undefined where the text says anything else: going back withdraws approvals, so nothing is guessed.
 */
export function namedPhase({ definition: { phases } }: WorkflowState, text: string): number | undefined {
  const named = wordsOf(text);
  const [only = "", ...more] = named;
  if (more.length === 0 && START.has(only)) {
    return 0;
  }
  const titles = named.filter((word) => !isNumber(word));
  const matching = phases.flatMap(({ title }, index) => {
    const own = wordsOf(title);
    const hasNumbers = named.every((word) => !isNumber(word) || Number(word) === index + 1);
    const hasTitle = titles.every((word) => own.includes(word));
    return named.length > 0 && hasNumbers && hasTitle ? [{ index, isWhole: own.length === titles.length }] : [];
  });
  const whole = matching.filter(({ isWhole }) => isWhole);
  const [found, another] = whole.length > 0 ? whole : matching;
  return another === undefined ? found?.index : undefined;
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replaceAll(/^[#"'“(]+|[.,!?:;"'”)]+$/g, ""))
    .filter((word) => word !== "" && !AROUND.has(word));
}
