import type { Word } from "./argumentWords.ts";

const REFUSALS = new Set(["no", "not", "don't", "dont", "never", "without", "disable"]);
/** May stand between a refusal and the name it refuses: "don't use the amp". */
const REFUSAL_FILLERS = new Set(["use", "using", "enable", "set", "the", "any"]);

/** The place of the word that refuses the name at a word: "not" of "do not set epochs to 5". */
export function refusalBefore(words: readonly Word[], at: number): number | undefined {
  const wordAt = (place: number): string => {
    const word = words[place];
    return word === undefined || word.isQuoted || word.endsClause ? "" : word.text.toLowerCase().replaceAll("’", "'");
  };
  let place = at - 1;
  while (REFUSAL_FILLERS.has(wordAt(place))) {
    place--;
  }
  return REFUSALS.has(wordAt(place)) ? place : undefined;
}
