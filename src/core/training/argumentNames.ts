import type { ScriptArgument } from "./scriptArguments.ts";

/** The arguments of a script by the words people use for them. */
export type ArgumentNames = {
  /** The longest name that starts at a word, with all the arguments it could mean. */
  findAt(words: readonly string[], at: number): { length: number; candidates: readonly ScriptArgument[] } | undefined;
};

const LONGEST_NAME = 5;

/** Spellings that mean the same; the right side is the one that is compared. Longer ones first. */
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/\blearning rate\b/g, "lr"],
  [/\bweight decay\b/g, "wd"],
  [/\b(?:batch size|batchsize|bs)\b/g, "batch"],
  [/\b(?:random seed|seed everything)\b/g, "seed"],
  [/\boptim\b/g, "optimizer"],
  [/\bckpt\b/g, "checkpoint"],
  [/\b(?:directory|folder)\b/g, "dir"],
  [/\bworker processe?\b/g, "worker"],
  [/\barchitecture\b/g, "arch"],
];

/** Words that a declaration carries and a person leaves out: "epochs" for `max_epochs` or `num_train_epochs`. */
const QUALIFIERS = /^(?:(?:per device|per gpu|max|maximum|num|number of|n|nb|total|train) )+/;

export function indexArgumentNames(declared: readonly ScriptArgument[]): ArgumentNames {
  const exact = new Map<string, ScriptArgument[]>();
  const short = new Map<string, ScriptArgument[]>();
  for (const argument of declared) {
    const last = argument.name.slice(argument.name.lastIndexOf(".") + 1);
    add(exact, canonical(argument.name), argument);
    add(exact, canonical(argument.flag), argument);
    add(short, canonical(last), argument);
    add(short, canonical(argument.name).replace(QUALIFIERS, ""), argument);
    add(short, canonical(last).replace(QUALIFIERS, ""), argument);
  }
  return {
    findAt(words, at) {
      // A quoted word is a value, and its place among the names is empty.
      const quoted = words.indexOf("", at);
      const end = quoted < 0 ? words.length : quoted;
      for (let length = Math.min(LONGEST_NAME, end - at); length > 0; length--) {
        const phrase = canonical(words.slice(at, at + length).join(" "));
        const candidates = exact.get(phrase) ?? short.get(phrase) ?? short.get(phrase.replace(QUALIFIERS, ""));
        if (candidates) {
          return { length, candidates };
        }
      }
      return undefined;
    },
  };
}

function add(index: Map<string, ScriptArgument[]>, phrase: string, argument: ScriptArgument): void {
  const listed = index.get(phrase) ?? [];
  if (phrase !== "" && !listed.includes(argument)) {
    index.set(phrase, [...listed, argument]);
  }
}

function canonical(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[_.\-\s]+/g, " ")
    .trim()
    .replace(/\b([a-z]{3,})s\b/g, (word, stem: string) => (/(?:ss|us|ias)$/.test(word) ? word : stem));
  return SYNONYMS.reduce((phrase, [pattern, replacement]) => phrase.replace(pattern, replacement), words);
}
