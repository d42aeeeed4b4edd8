import { closestName } from "../base/closestName.ts";
import type { ArgumentNames } from "./argumentNames.ts";
import { refusalBefore } from "./argumentRefusal.ts";
import { wantsNumber } from "./argumentValues.ts";
import { nearestFlag } from "./argumentVector.ts";
import { numberOf, type Word } from "./argumentWords.ts";
import type { SpokenDevice } from "./deviceWords.ts";
import type { LeftOut } from "./leftOutWords.ts";
import { mismatchOf, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

/** What a sentence says about a launch. */
export type ArgumentText = {
  /** Ready for the command line, in the order they were said. */
  arguments: readonly string[];
  /** Parts that nothing was made of; words that only say to train are not listed. */
  unknown: readonly string[];
  /** Full sentences about values that the script would refuse. */
  problems: readonly string[];
  script?: string;
  device?: SpokenDevice;
};

/** A sentence, and how far it has been read. */
export type Reader = {
  words: readonly Word[];
  /** The words as they may name something; quoted ones are empty. */
  bare: readonly string[];
  names: ArgumentNames;
  script: ScriptArguments;
  /** The places of the words that nothing was made of so far. */
  skipped: number[];
  /** What looks like an argument and is none. */
  reported: LeftOut[];
  /** The words just before were understood: what follows may begin something new. */
  isAfterItem: boolean;
  found: {
    arguments: string[];
    problems: string[];
    script?: string;
    device?: SpokenDevice;
  };
};

/** Each takes as many words as it understands, none where it does not apply. */
export type Step = (reader: Reader, at: number) => number;

/** Words that are understood and not followed, so that they are said. */
export function leaveOut(reader: Reader, at: number, length: number): number {
  reader.skipped.push(...Array.from({ length }, (_, index) => at + index));
  return length;
}

/** Turns off what is on by default; a switch that is off needs no argument. */
export function turnOff(reader: Reader, declared: ScriptArgument): void {
  if (declared.negative !== undefined) {
    reader.found.arguments.push(declared.negative);
  } else if (declared.default === "True") {
    reader.found.problems.push(`\`${declared.flag}\` cannot be turned off from the command line.`);
  }
}

/** Where the name at a word is refused, by words that belong to nothing before it. */
export function refusalAt(reader: Reader, at: number): number | undefined {
  const place = refusalBefore(reader.words, at);
  return place !== undefined && reader.skipped.includes(place) ? place : undefined;
}

/** The refusal was followed, so nothing of it is left out. */
export function dropRefusal(reader: Reader, refusedAt: number): void {
  const from = reader.bare[refusedAt - 1]?.toLowerCase() === "do" ? refusedAt - 1 : refusedAt;
  reader.skipped = reader.skipped.filter((place) => place < from);
}

/** The one argument a name means; a name of several is a problem, since a guess would train with the wrong one. */
export function chooseArgument(
  reader: Reader,
  spoken: string,
  candidates: readonly ScriptArgument[],
): ScriptArgument | undefined {
  const [first, second] = candidates;
  if (first && second) {
    const flags = candidates.map((candidate) => `\`${candidate.flag}\``);
    const listed = `${flags.slice(0, -1).join(", ")} or ${flags.at(-1)}`;
    reader.found.problems.push(`\`${spoken}\` could mean ${listed}: write the one you mean.`);
    return undefined;
  }
  return first;
}

/** Adds the value at a word, and for an argument that takes several also the values after it. */
export function addValues(reader: Reader, declared: ScriptArgument, at: number): number {
  const first = reader.words[at]?.text ?? "";
  if (!declared.isList || declared.kind === "override") {
    addValue(reader, declared, first);
    return 1;
  }
  let end = at + 1;
  while (end < reader.words.length && numberOf(first) !== undefined && numberOf(reader.bare[end] ?? "") !== undefined) {
    end++;
  }
  const values = reader.words.slice(at, end).map((word) => word.text);
  reader.found.arguments.push(...(declared.kind === "positional" ? values : [declared.flag, ...values]));
  return end - at;
}

export function addValue(reader: Reader, declared: ScriptArgument, said: string): void {
  const value =
    declared.choices?.find((choice) => choice.toLowerCase() === said.toLowerCase()) ??
    (wantsNumber(declared) ? (numberOf(said) ?? said) : said);
  const mismatch = mismatchOf(declared, value);
  if (mismatch !== undefined) {
    reader.found.problems.push(`\`${declared.flag}\` ${mismatch}, not \`${value}\`.`);
    return;
  }
  switch (declared.kind) {
    case "option":
      reader.found.arguments.push(declared.flag, value);
      break;
    case "positional":
      reader.found.arguments.push(value);
      break;
    case "override":
      reader.found.arguments.push(`${declared.name}=${value}`);
      break;
    case "switch": {
      if (/^(?:true|yes|on|1)$/i.test(value)) {
        reader.found.arguments.push(declared.flag);
      } else if (/^(?:false|no|off|0)$/i.test(value)) {
        turnOff(reader, declared);
      } else {
        reader.found.problems.push(`\`${declared.flag}\` is turned on or off, so it takes no \`${value}\`.`);
      }
      break;
    }
  }
}

/** Something that looks like an argument and is none of the script's; a typing mistake is named with what it could mean. */
export function reportUnknown({ script, found, reported }: Reader, name: string, said: LeftOut): void {
  const flags = new Map(script.arguments.map((argument) => [argument.flag.replace(/^-+/, ""), argument.flag]));
  const nearest = nearestFlag(name, script) ?? flags.get(closestName(name.replace(/^-+/, ""), [...flags.keys()]) ?? "");
  if (nearest === undefined) {
    reported.push(said);
  } else {
    found.problems.push(`\`${name}\` is no argument of this script. Did you mean \`${nearest}\`?`);
  }
}
