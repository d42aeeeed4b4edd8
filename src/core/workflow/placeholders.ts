/** `{phase2.ml-engineer.output}`: what an agent of an earlier phase left. Phases count from 1. */
export type Placeholder = { whole: string; phase: number; agent: string };

const PLACEHOLDER = /\{phase(\d{1,2})\.([a-z][a-z\d-]*)\.output\}/g;

export function findPlaceholders(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].map(([whole, phase = "", agent = ""]) => ({
    whole,
    phase: Number(phase),
    agent,
  }));
}

/** What was meant as a placeholder and is none: `{look.data.output}` names its phase, where a number has to stand. */
export function findMisspelt(text: string): string[] {
  const known = new Set(findPlaceholders(text).map(({ whole }) => whole));
  return [...text.matchAll(/\{[\w-]+\.[\w-]+\.outputs?\}/g)]
    .map(([whole]) => whole)
    .filter((whole) => !known.has(whole));
}

/** Puts what the person asked for and what earlier agents left into a brief. `outputOf` gives the text of a placeholder. */
export function fillPlaceholders(
  text: string,
  request: string,
  outputOf: (placeholder: Placeholder) => string,
): string {
  // One pass: what is put in may itself look like a placeholder and stays as it is.
  return text.replaceAll(/\$ARGUMENTS|\{phase\d{1,2}\.[a-z][a-z\d-]*\.output\}/g, (found) => {
    const [placeholder] = findPlaceholders(found);
    return placeholder === undefined ? request : outputOf(placeholder);
  });
}
