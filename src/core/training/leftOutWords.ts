import { isStopWord, type Word } from "./argumentWords.ts";

/** What a request to train is made of besides its arguments: leaving these words out loses nothing. */
const ORDINARY_WORDS = new Set(
  "training retrain re-train fine-tune finetune rerun execute go begin kick off experiment job sweep grid search try over hyperparameter hyperparameters script file model network net data dataset pipeline flow workflow metaflow resume restart continue carry pick up where left off checkpoint last latest newest just here locally scratch first no also be will should can could would you we i i'd i'll want like need let let's some has have each every all values value combinations combination of what which".split(
    " ",
  ),
);

/** Where one wish ends and the next begins. */
const CONNECTIVES = new Set(["and", "with", "on", "for", "from", "but", "then", "using", "plus", "without"]);

/**
 * The parts of a sentence that nothing was made of, for telling the person: "smaller learning rate" of "train with a
 * smaller learning rate". `skipped` are the places of the words that were not understood, in ascending order.
 */
export function leftOutParts(words: readonly Word[], skipped: readonly number[]): string[] {
  const parts: string[][] = [];
  let current: string[] = [];
  skipped.forEach((place, index) => {
    const word = words[place];
    const isNew = skipped[index - 1] !== place - 1 || words[place - 1]?.endsClause === true;
    const isConnective = word !== undefined && CONNECTIVES.has(word.text.toLowerCase());
    if (isNew || isConnective) {
      parts.push(current);
      current = [];
    }
    if (word !== undefined && !isConnective) {
      current.push(word.text);
    }
  });
  return [...parts, current].map(withoutOrdinaryEnds).filter((part) => part !== "");
}

function withoutOrdinaryEnds(part: readonly string[]): string {
  const first = part.findIndex((word) => !isOrdinary(word));
  const last = part.findLastIndex((word) => !isOrdinary(word));
  return first < 0 ? "" : part.slice(first, last + 1).join(" ");
}

/** Signs alone ("=", "–") say nothing either. */
function isOrdinary(word: string): boolean {
  return isStopWord(word) || ORDINARY_WORDS.has(word.toLowerCase()) || !/[\p{L}\p{N}]/u.test(word);
}
