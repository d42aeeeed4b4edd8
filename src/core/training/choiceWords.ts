import { addValue, type Step } from "./argumentReader.ts";
import { isFloat, type ScriptArgument } from "./scriptArguments.ts";

const REFUSALS = new Set(["not", "don't", "dont", "never", "without", "no"]);
const CHOICE_INTRODUCTIONS = new Set(["with", "using", "use", "try", "to"]);

/** "With adamw", "use the adam optimizer instead of sgd": a value that only one argument takes says which one is meant. */
export const readChoice: Step = (reader, at) => {
  const lower = (place: number) => (reader.bare[place] ?? "").toLowerCase();
  const word = lower(at);
  const introduction = lower(at - 1) === "the" ? lower(at - 2) : lower(at - 1);
  const isRefused = reader.skipped.some((place) => REFUSALS.has(lower(place)));
  const [declared, other] = reader.script.arguments.filter(
    (argument) => argument.kind !== "positional" && offers(argument, word),
  );
  if (!declared || other || isFloat(word) || isRefused || !CHOICE_INTRODUCTIONS.has(introduction)) {
    return 0;
  }
  addValue(reader, declared, word);
  const end = lower(at + 1) === declared.name ? at + 2 : at + 1;
  const isContrasted = lower(end) === "instead" && lower(end + 1) === "of" && offers(declared, lower(end + 2));
  return (isContrasted ? end + 3 : end) - at;
};

function offers({ choices = [] }: ScriptArgument, word: string): boolean {
  return word !== "" && choices.some((choice) => choice.toLowerCase() === word);
}
