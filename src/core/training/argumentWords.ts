import { isFloat } from "./scriptArguments.ts";

/** One word of a sentence, without the punctuation around it. */
export type Word = {
  text: string;
  isQuoted: boolean;
  /** A comma followed. */
  endsClause: boolean;
};

/**
 * Splits a sentence; quotes and dashes may be those that a word processor or a phone made of them. An apostrophe inside a word is no quote, and quoted words stay together. */
export function splitWords(text: string): Word[] {
  const typed = text.replace(/[“”„]/g, '"').replace(/(?<!\S)[–—](?=[A-Za-z]{2})/g, "--");
  const spaced = typed.replace(/,(?=[A-Za-z_][\w.-]*=)/g, ", ").replaceAll("`", "");
  return [...spaced.matchAll(/([^\s"'=]*=)?(?:"([^"]*)"|'([^']*)')|\S+/g)].flatMap((match): Word[] => {
    const quoted = match[2] ?? match[3];
    if (quoted !== undefined) {
      return [{ text: (match[1] ?? "") + quoted, isQuoted: match[1] === undefined, endsClause: false }];
    }
    const word = match[0]
      .replace(/[,;:!?)]+$/, "")
      .replace(/^\(/, "")
      .replace(/(?<=\w)\.+$/, "");
    return word === "" ? [] : [{ text: word, isQuoted: false, endsClause: /[,;:]$/.test(match[0]) }];
  });
}

const STOP_WORDS = new Set(
  "a an the on in at to of for with without and or but then by as is it its this that from into using use set please train run start launch my me again now only more less than".split(
    " ",
  ),
);
const NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** The number a word writes or spells: `5`, `3e-4`, `five`. */
export function numberOf(word: string): string | undefined {
  const spelled = NUMBER_WORDS.indexOf(word.toLowerCase());
  if (spelled >= 0) {
    return String(spelled);
  }
  return /\d/.test(word) && isFloat(word) ? word : undefined;
}

/** Words that hold a sentence together and are never a value. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word.toLowerCase());
}

export function isContentWord(word: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(word) && !isStopWord(word);
}

export function readIndices(text: string): readonly number[] {
  return [...text.matchAll(/\d+/g)].map((match) => Number(match[0]));
}
