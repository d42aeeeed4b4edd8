import { isStopWord, type Word } from "./argumentWords.ts";

/** What a request to train is made of besides its arguments: leaving these words out loses nothing. */
const ORDINARY_WORDS = new Set(
  "training retrain re-train fine-tune finetune rerun execute go begin kick off experiment job sweep grid search try over hyperparameter hyperparameters script file model network net data dataset pipeline flow workflow metaflow resume restart continue carry pick up where left off checkpoint last latest newest just here locally scratch first no also be will should can could would you we i i'd i'll want like need let let's some has have each every all values value combinations combination of what which".split(
    " ",
  ),
);

/** Ask for nothing where they stand alone: "one more time", "thanks". Beside other words they are part of what these say. */
const CHATTER = new Set(
  "thanks thank thx cheers right away immediately once more time background python python3 these those following settings parameters arguments hyper-parameters there ok okay hey hi hello so do does show me one soon possible asap actually finally simply together take takes accept accepts".split(
    " ",
  ),
);

/**
 * Ask for nothing as they stand here: "on my machine", and "change the" before what was understood, "with the defaults". "Another machine" and
 * "change the model" ask for something.
 */
const CHATTER_PHRASES =
  /\b(?:(?:another|new) (?:time|run|training|job|experiment)|(?:my|this|the) (?:machine|computer|laptop)|same (?:settings?|arguments?|config\w*|command|again|run)|defaults?|(?:change(?: the| my)?|instead)$)(?![-\w])/gi;

/** Where one wish ends and the next begins. */
const CONNECTIVES = new Set(["and", "with", "on", "for", "from", "but", "then", "using", "plus", "without"]);

/** A part of a sentence that nothing was made of, and the place of its first word. */
export type LeftOut = { at: number; text: string };

/**
 * The parts of a sentence that nothing was made of, for telling the person: "smaller learning rate" of "train with a
 * smaller learning rate". `skipped` are the places of the words that were not understood, in ascending order.
 */
export function leftOutParts(words: readonly Word[], skipped: readonly number[]): LeftOut[] {
  const parts: number[][] = [];
  let current: number[] = [];
  skipped.forEach((place, index) => {
    const isNew = skipped[index - 1] !== place - 1 || words[place - 1]?.endsClause === true;
    const isConnective = CONNECTIVES.has(textAt(words, place).toLowerCase());
    if (isNew || isConnective) {
      parts.push(current);
      current = [];
    }
    if (!isConnective) {
      current.push(place);
    }
  });
  return [...parts, current].flatMap((part) => withoutOrdinaryEnds(part, words));
}

function withoutOrdinaryEnds(part: readonly number[], words: readonly Word[]): LeftOut[] {
  const said = part.map((place) => textAt(words, place));
  const first = said.findIndex((word) => !isOrdinary(word));
  const last = said.findLastIndex((word) => !isOrdinary(word));
  const at = part[first];
  const isEmpty = said
    .join(" ")
    .replaceAll(CHATTER_PHRASES, "")
    .split(" ")
    .every((word) => isOrdinary(word) || CHATTER.has(word.toLowerCase()));
  return at === undefined || isEmpty ? [] : [{ at, text: said.slice(first, last + 1).join(" ") }];
}

function textAt(words: readonly Word[], place: number): string {
  return words[place]?.text ?? "";
}

/** Signs alone ("=", "–") say nothing either. */
function isOrdinary(word: string): boolean {
  return isStopWord(word) || ORDINARY_WORDS.has(word.toLowerCase()) || !/[\p{L}\p{N}]/u.test(word);
}
