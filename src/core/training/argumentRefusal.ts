import type { Word } from "./argumentWords.ts";

/** The words that refuse, and those that may stand between one of them and what it refuses. */
export type Refusal = { refusals: ReadonlySet<string>; between: ReadonlySet<string> };

/** "without amp", "don't use the amp". */
const OF_ARGUMENT: Refusal = {
  refusals: new Set(["no", "not", "don't", "dont", "never", "without", "disable"]),
  between: new Set(["use", "using", "enable", "set", "the", "any"]),
};

/** The place of the word that refuses the name at a word: "not" of "do not set epochs to 5". */
export function refusalBefore(words: readonly Word[], at: number, kind = OF_ARGUMENT): number | undefined {
  let place = at - 1;
  while (kind.between.has(spokenAt(words, place))) {
    place--;
  }
  return kind.refusals.has(spokenAt(words, place)) ? place : undefined;
}

/** A word in lower case; empty where it is quoted or ends a clause, so that it belongs to nothing behind it. */
export function spokenAt(words: readonly Word[], place: number): string {
  const word = words[place];
  return word === undefined || word.isQuoted || word.endsClause ? "" : word.text.toLowerCase().replaceAll("’", "'");
}
