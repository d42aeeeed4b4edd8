import { isFlag } from "./argumentVector.ts";
import { isStopWord, numberOf, type Word } from "./argumentWords.ts";
import { isFloat, type ScriptArgument } from "./scriptArguments.ts";

/** How surely the word after a name is meant as its value. */
type Trust = "assigned" | "introduced" | "bare";

/** Whether a word after a name is meant as its value: "model resnet50" is, "model on" is not. */
export function isPlausible(value: Word, argument: ScriptArgument, trust: Trust): boolean {
  if (value.isQuoted || trust === "assigned") {
    return true;
  }
  if (isFlag(value.text) || isStopWord(value.text)) {
    return false;
  }
  if (wantsNumber(argument)) {
    return numberOf(value.text) !== undefined || (trust === "introduced" && /\d/.test(value.text));
  }
  return isChoiceOf(value, argument) || trust === "introduced" || (!argument.choices && looksWritten(value));
}

/**
 * Whether a name right behind something understood and the word at `at` are a wish of their own: "data ab" of "5 epochs
 * data ab" is, "data should" of "5 epochs data should be shuffled" and "data augmentation" are words about the training.
 */
export function isWholeWish(words: readonly Word[], at: number, candidates: readonly ScriptArgument[]): boolean {
  const value = words[at];
  if (value === undefined) {
    return false;
  }
  const isSure = value.isQuoted || numberOf(value.text) !== undefined || looksWritten(value);
  return (
    isSure ||
    candidates.some((candidate) => isChoiceOf(value, candidate)) ||
    (endsWish(words, at) && !ACTIVITY.test(value.text))
  );
}

/** "augmentation", "clipping": behind a name it is a compound rather than a value. */
const ACTIVITY = /[a-z]{3}(?:tion|ing)s?$/i;

const NEXT_WISH =
  /^(?:and|with|but|then|using|plus|without|for|please|on (?:(?:the|my|a) )?(?:cpu|gpus?|cuda(?::\d+)?))(?= |$)/i;

function endsWish(words: readonly Word[], at: number): boolean {
  const rest = words.slice(at + 1, at + 4).map((word) => word.text);
  return rest.length === 0 || words[at]?.endsClause === true || NEXT_WISH.test(rest.join(" "));
}

function isChoiceOf(value: Word, argument: ScriptArgument): boolean {
  return argument.choices?.some((choice) => choice.toLowerCase() === value.text.toLowerCase()) === true;
}

/** Paths, file names and versions are no words of a sentence. */
function looksWritten(value: Word): boolean {
  return /[\d/\\._]/.test(value.text);
}

export function wantsNumber(argument: ScriptArgument): boolean {
  if (argument.type === "integer" || argument.type === "float") {
    return true;
  }
  return argument.type === "unknown" && !argument.choices && isFloat(argument.default ?? "");
}
