import type { Word } from "./argumentWords.ts";

/** The words that refuse, one or two together, and those that may stand between one of them and what it refuses. */
export type Refusal = { refusals: ReadonlySet<string>; between: ReadonlySet<string> };

/** "without amp", "don't use the amp". */
const OF_ARGUMENT: Refusal = {
  refusals: new Set(["no", "not", "don't", "dont", "never", "without", "disable"]),
  between: new Set(["use", "using", "enable", "set", "the", "any"]),
};

/** "not from ckpts", "instead of ckpts/epoch_1.pt", "don't run exp3". */
export const OF_FILE: Refusal = {
  refusals: new Set("no,not,don't,dont,never,without,except,instead of,rather than".split(",")),
  between: new Set("use using load run start train from in with on the any".split(" ")),
};

/** The place of the word that refuses the name at a word: "not" of "do not set epochs to 5". */
export function refusalBefore(words: readonly Word[], at: number, kind = OF_ARGUMENT): number | undefined {
  let place = at - 1;
  while (kind.between.has(spokenAt(words, place))) {
    place--;
  }
  const spoken = spokenAt(words, place);
  if (kind.refusals.has(spoken)) {
    return place;
  }
  return kind.refusals.has(`${spokenAt(words, place - 1)} ${spoken}`) ? place - 1 : undefined;
}

/** A word in lower case; empty where it is quoted or ends a clause, so that it belongs to nothing behind it. */
export function spokenAt(words: readonly Word[], place: number): string {
  const word = words[place];
  return word === undefined || word.isQuoted || word.endsClause ? "" : word.text.toLowerCase().replaceAll("’", "'");
}
