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
  const isChoice = argument.choices?.some((choice) => choice.toLowerCase() === value.text.toLowerCase());
  return isChoice === true || trust === "introduced" || (!argument.choices && /[\d/\\._]/.test(value.text));
}

export function wantsNumber(argument: ScriptArgument): boolean {
  if (argument.type === "integer" || argument.type === "float") {
    return true;
  }
  return argument.type === "unknown" && !argument.choices && isFloat(argument.default ?? "");
}
