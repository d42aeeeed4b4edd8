import { closestName } from "../base/closestName.ts";
import { type ArgumentNames, indexArgumentNames } from "./argumentNames.ts";
import { refusalBefore } from "./argumentRefusal.ts";
import { isPlausible, isWholeWish, wantsNumber } from "./argumentValues.ts";
import { findByFlag, isFlag, nearestFlag, swapDashes } from "./argumentVector.ts";
import { isContentWord, isStopWord, numberOf, readIndices, splitWords, type Word } from "./argumentWords.ts";
import { leftOutParts } from "./leftOutWords.ts";
import { isFloat, mismatchOf, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

/** What a sentence says about a launch. */
export type ArgumentText = {
  /** Ready for the command line, in the order they were said. */
  arguments: readonly string[];
  /** Parts that nothing was made of; words that only say to train are not listed. */
  unknown: readonly string[];
  /** Full sentences about values that the script would refuse. */
  problems: readonly string[];
  script?: string;
  device?: "auto" | "cpu" | readonly number[];
};

/**
 * Understands "with lr 3e-4 and 5 epochs", "--lr 3e-4", "lr=3e-4" and "train.py --epochs 5 on cpu". The same text
 * always gives the same arguments, and what is not understood is said rather than guessed.
 */
export function parseArgumentText(text: string, script: ScriptArguments): ArgumentText {
  const words = splitWords(text);
  const reader: Reader = {
    words,
    bare: words.map((word) => (word.isQuoted ? "" : word.text)),
    names: indexArgumentNames(script.arguments),
    script,
    skipped: [],
    isAfterItem: false,
    found: { arguments: [], unknown: [], problems: [] },
  };
  let at = 0;
  while (at < words.length) {
    const used = takeWords(reader, at);
    if (used === 0) {
      reader.skipped.push(at);
    }
    reader.isAfterItem = used > 0;
    at += Math.max(used, 1);
  }
  reader.found.unknown.push(...leftOutParts(words, reader.skipped));
  return reader.found;
}

function takeWords(reader: Reader, at: number): number {
  for (const step of STEPS) {
    const used = step(reader, at);
    if (used > 0) {
      return used;
    }
  }
  return 0;
}

type Reader = {
  words: readonly Word[];
  /** The words as they may name something; quoted ones are empty. */
  bare: readonly string[];
  names: ArgumentNames;
  script: ScriptArguments;
  /** The places of the words that nothing was made of so far. */
  skipped: number[];
  /** The words just before were understood: what follows may begin something new. */
  isAfterItem: boolean;
  found: {
    -readonly [Key in keyof ArgumentText]: Key extends "arguments" | "unknown" | "problems"
      ? string[]
      : ArgumentText[Key];
  };
};

/** Each takes as many words as it understands, none where it does not apply. */
type Step = (reader: Reader, at: number) => number;

const readFlagWord: Step = (reader, at) => {
  const word = reader.bare[at] ?? "";
  if (!isFlag(word)) {
    return 0;
  }
  const { script, found } = reader;
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  const flag = equals < 0 ? word : word.slice(0, equals);
  const declared = findByFlag(flag, script) ?? findByFlag(swapDashes(flag), script);
  const following = reader.words[at + 1]?.text;
  const hasValue = equals < 0 && following !== undefined && !isFlag(following) && !isStopWord(following);
  if (!declared) {
    const parts = hasValue ? [word, following] : [word];
    if (script.isComplete) {
      reportUnknown(reader, flag, parts.join(" "));
    } else {
      found.arguments.push(...parts);
    }
    return parts.length;
  }
  if (declared.kind === "switch") {
    found.arguments.push(flag === declared.negative ? flag : declared.flag);
    return 1;
  }
  if (equals >= 0) {
    addValue(reader, declared, word.slice(equals + 1));
    return 1;
  }
  if (following === undefined || isFlag(following)) {
    found.problems.push(`\`${declared.flag}\` needs a value.`);
    return 1;
  }
  return 1 + addValues(reader, declared, at + 1);
};

const readAssignment: Step = (reader, at) => {
  const word = reader.bare[at] ?? "";
  const [, operator = "", name = "", value = ""] = /^([+~]{0,2})([A-Za-z_][\w./@-]*)=(.+)$/.exec(word) ?? [];
  if (name === "") {
    return 0;
  }
  const match = reader.names.findAt([name], 0);
  const declared = operator === "" && match ? chooseArgument(reader, name, match.candidates) : undefined;
  if (declared) {
    addValue(reader, declared, value);
  } else if (operator !== "" || (reader.script.dialect === "hydra" && !match)) {
    reader.found.arguments.push(word);
  } else if (!match) {
    reportUnknown(reader, name, word);
  }
  return 1;
};

const readScript: Step = (reader, at) => {
  const word = reader.words[at]?.text ?? "";
  if (!word.endsWith(".py") || reader.found.script !== undefined) {
    return 0;
  }
  reader.found.script = word;
  return 1;
};

const readDevice: Step = (reader, at) => {
  const word = (reader.bare[at] ?? "").toLowerCase();
  const previous = (reader.bare[at - 1] ?? "").toLowerCase();
  const attached = /^(?:cuda|gpu)s?:?(\d+(?:,\d+)*)$/.exec(word);
  if (attached) {
    reader.found.device = readIndices(attached[1] ?? "");
    return 1;
  }
  if (word === "cpu" && previous !== "no") {
    reader.found.device = "cpu";
    return 1;
  }
  if (!/^(?:gpus?|cuda)$/.test(word)) {
    return 0;
  }
  const rest = reader.bare.slice(at + 1, at + 6).join(" ");
  // "gpu 0 and 5 epochs" names one GPU, "gpu 0 and 1" two.
  const listed = /^\d+(?:,\d+)*(?: (?:and|&) \d+(?=$| (?:and|with|for|at|using|please)\b))?/.exec(rest)?.[0];
  if (listed !== undefined) {
    reader.found.device = readIndices(listed);
    return 1 + listed.split(" ").length;
  }
  if (!/^(?:on|the|a|using|use|my)$/.test(previous)) {
    return 0;
  }
  reader.found.device = "auto";
  return 1;
};

/** "epochs 5", "set the learning rate to 3e-4", "with amp", "optimizer adam". */
const readNamed: Step = (reader, at) => {
  const match = reader.names.findAt(reader.bare, at);
  if (!match) {
    return 0;
  }
  const spoken = reader.bare.slice(at, at + match.length).join(" ");
  const previous = (reader.bare[at - 1] ?? "").toLowerCase();
  const refusedAt = refusalBefore(reader.words, at);
  if (match.candidates.every((candidate) => candidate.kind === "switch")) {
    return refusedAt === undefined
      ? readSwitch(reader, previous, spoken, match)
      : refuseSwitch(reader, refusedAt, spoken, match);
  }
  const filler = (reader.bare[at + match.length] ?? "").toLowerCase();
  const valueAt = at + match.length + (FILLERS.has(filler) ? 1 : 0);
  const value = reader.words[valueAt];
  const isIntroduced =
    refusedAt === undefined &&
    (at === 0 ||
      INTRODUCTIONS.has(previous) ||
      reader.words[at - 1]?.endsClause === true ||
      (reader.isAfterItem && isWholeWish(reader.words, valueAt, match.candidates)));
  const trust = filler === "=" || filler === "to" ? "assigned" : isIntroduced ? "introduced" : "bare";
  if (!value || !match.candidates.some((candidate) => isPlausible(value, candidate, trust))) {
    return value && isIntroduced ? reportNoNumber(reader, match, valueAt - at, at) : 0;
  }
  if (refusedAt !== undefined) {
    return leaveOut(reader, at, valueAt + 1 - at);
  }
  const chosen = chooseArgument(reader, spoken, match.candidates);
  return valueAt - at + (chosen ? addValues(reader, chosen, valueAt) : 1);
};

/** "with lr banana": what was asked for would be left out without a word. */
function reportNoNumber(reader: Reader, { length, candidates }: NameMatch, valueAfter: number, at: number): number {
  const [argument] = candidates;
  const said = reader.bare[at + valueAfter] ?? "";
  const isMeant =
    isContentWord(said) &&
    reader.words[at + length - 1]?.endsClause !== true &&
    reader.names.findAt(reader.bare, at + valueAfter) === undefined;
  if (!argument || !candidates.every(wantsNumber) || !isMeant) {
    return 0;
  }
  reader.found.problems.push(`\`${said}\` is not a number for \`${argument.flag}\`.`);
  return valueAfter + 1;
}

/** "5 epochs", "64 batch size". */
const readCounted: Step = (reader, at) => {
  const value = numberOf(reader.bare[at] ?? "");
  if (value === undefined || reader.words[at]?.endsClause === true) {
    return 0;
  }
  const match = reader.names.findAt(reader.bare, at + 1);
  const following = reader.bare[at + 1 + (match?.length ?? 0)] ?? "";
  if (
    !match ||
    !match.candidates.some(wantsNumber) ||
    (numberOf(following) !== undefined && !isCounted(reader, at + 1 + match.length))
  ) {
    return 0;
  }
  if (refusalBefore(reader.words, at) !== undefined) {
    return leaveOut(reader, at, 1 + match.length);
  }
  const declared = chooseArgument(reader, reader.bare.slice(at + 1, at + 1 + match.length).join(" "), match.candidates);
  if (declared) {
    addValue(reader, declared, value);
  }
  return 1 + match.length;
};

/** Whether the number at a word belongs to the name after it: the second of "5 epochs 64 batch size". */
function isCounted(reader: Reader, at: number): boolean {
  const match = reader.names.findAt(reader.bare, at + 1);
  return match !== undefined && numberOf(reader.bare[at + 1 + match.length] ?? "") === undefined;
}

/** A path where the script takes one without a flag. */
const readPositional: Step = (reader, at) => {
  const word = reader.words[at]?.text ?? "";
  const open = reader.script.arguments.find(
    (argument) => argument.kind === "positional" && !reader.found.arguments.includes(word),
  );
  if (!open || !(open.choices ? open.choices.includes(word) : /[/\\]|^\.\.?$/.test(word))) {
    return 0;
  }
  reader.found.arguments.push(word);
  return 1;
};

/** A number that belongs to nothing the script declares. */
const reportNumber: Step = (reader, at) => {
  const word = reader.bare[at] ?? "";
  if (word === "" || !isFloat(word) || !/\d/.test(word)) {
    return 0;
  }
  const previous = reader.bare[at - 1] ?? "";
  const following = reader.bare[at + 1] ?? "";
  if (isContentWord(previous)) {
    reader.skipped = reader.skipped.filter((place) => place !== at - 1);
    reportUnknown(reader, previous, `${previous} ${word}`);
    return 1;
  }
  const named = isContentWord(following) ? [word, following] : [word];
  reportUnknown(reader, following, named.join(" "));
  return named.length;
};

/** Something that looks like an argument and is none of the script's; a typing mistake is named with what it could mean. */
function reportUnknown({ script, found }: Reader, name: string, said: string): void {
  const flags = new Map(script.arguments.map((argument) => [argument.flag.replace(/^-+/, ""), argument.flag]));
  const nearest = nearestFlag(name, script) ?? flags.get(closestName(name.replace(/^-+/, ""), [...flags.keys()]) ?? "");
  if (nearest === undefined) {
    found.unknown.push(said);
  } else {
    found.problems.push(`\`${name}\` is no argument of this script. Did you mean \`${nearest}\`?`);
  }
}

const STEPS: readonly Step[] = [
  readFlagWord,
  readAssignment,
  readScript,
  readNamed,
  readDevice,
  readCounted,
  readPositional,
  reportNumber,
];

const FILLERS = new Set(["=", "to", "of", "is", ":", "at"]);
const INTRODUCTIONS = new Set(["with", "using", "use", "set", "and", "plus", "enable"]);

/** Words that are understood and not followed, so that they are said. */
function leaveOut(reader: Reader, at: number, length: number): number {
  reader.skipped.push(...Array.from({ length }, (_, index) => at + index));
  return length;
}

type NameMatch = { length: number; candidates: readonly ScriptArgument[] };

function readSwitch(reader: Reader, previous: string, spoken: string, match: NameMatch): number {
  // "no cuda" asks for the switch `--no-cuda`, whose own name begins with the refusal.
  if (!INTRODUCTIONS.has(previous) && !spoken.toLowerCase().startsWith("no ")) {
    return 0;
  }
  const declared = chooseArgument(reader, spoken, match.candidates);
  if (declared) {
    reader.found.arguments.push(declared.flag);
  }
  return match.length;
}

/** Turns off what is on by default; a switch that is off needs no argument, and nothing of it is left out. */
function refuseSwitch(reader: Reader, refusedAt: number, spoken: string, match: NameMatch): number {
  const declared = chooseArgument(reader, spoken, match.candidates);
  if (declared?.negative !== undefined) {
    reader.found.arguments.push(declared.negative);
  } else if (declared && declared.default === "True") {
    reader.found.problems.push(`\`${declared.flag}\` cannot be turned off from the command line.`);
  }
  const from = reader.bare[refusedAt - 1]?.toLowerCase() === "do" ? refusedAt - 1 : refusedAt;
  reader.skipped = reader.skipped.filter((place) => place < from);
  return match.length;
}

/** The one argument a name means; a name of several is a problem, since a guess would train with the wrong one. */
function chooseArgument(
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
function addValues(reader: Reader, declared: ScriptArgument, at: number): number {
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

function addValue(reader: Reader, declared: ScriptArgument, said: string): void {
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
      const isOn = /^(?:true|yes|on|1)$/i.test(value);
      const flag = isOn ? declared.flag : declared.negative;
      reader.found.arguments.push(...(flag === undefined ? [] : [flag]));
      break;
    }
  }
}
