import { indexArgumentNames } from "./argumentNames.ts";
import {
  type ArgumentText,
  addValue,
  addValues,
  chooseArgument,
  dropRefusal,
  leaveOut,
  type Reader,
  refusalAt,
  reportUnknown,
  type Step,
  turnOff,
} from "./argumentReader.ts";
import { isPlausible, isWholeWish, wantsNumber } from "./argumentValues.ts";
import { findByFlag, isFlag, readArgumentVector, swapDashes } from "./argumentVector.ts";
import { isContentWord, isStopWord, numberOf, splitWords } from "./argumentWords.ts";
import { readChoice } from "./choiceWords.ts";
import { deviceRefusalBefore, findDeviceAt, keepsOff } from "./deviceWords.ts";
import { findFactorAt, multiply } from "./factorWords.ts";
import { leftOutParts } from "./leftOutWords.ts";
import { isFloat, type ScriptArgument, type ScriptArguments } from "./scriptArguments.ts";

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
    reported: [],
    isAfterItem: false,
    found: { arguments: [], problems: [] },
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
  const leftOut = [...reader.reported, ...leftOutParts(words, reader.skipped)].toSorted((a, b) => a.at - b.at);
  const { found } = reader;
  const problems = [...found.problems, ...repetitions(found.arguments, script)];
  return { ...found, problems, unknown: leftOut.map((part) => part.text) };
}

/** "lr 1e-3 and lr 1e-4": the script would take the last, and somebody who tries values wants each. */
function repetitions(words: readonly string[], script: ScriptArguments): string[] {
  const given = new Map<ScriptArgument, string[]>();
  for (const { declared, value } of readArgumentVector(words, script)) {
    if (declared && declared.kind !== "positional" && !declared.isList && value !== undefined) {
      given.set(declared, [...new Set([...(given.get(declared) ?? []), value])]);
    }
  }
  return [...given]
    .filter(([, values]) => values.length > 1)
    .map(([{ flag }, values]) => {
      const listed = values.map((value) => `\`${value}\``).join(" and ");
      return `\`${flag}\` is given as ${listed}, and one training takes one of them. \`/sweep\` tries each.`;
    });
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
      reportUnknown(reader, flag, { at, text: parts.join(" ") });
    } else {
      found.arguments.push(...parts);
    }
    return parts.length;
  }
  if (equals >= 0) {
    addValue(reader, declared, word.slice(equals + 1));
    return 1;
  }
  const refusedAt = refusalAt(reader, at);
  if (declared.kind === "switch") {
    return readSwitchFlag(reader, at, { declared, isNegative: flag === declared.negative, refusedAt });
  }
  if (refusedAt !== undefined) {
    return leaveOut(reader, at, hasValue ? 2 : 1);
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
    reportUnknown(reader, name, { at, text: word });
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
  // "on the gpu, 5 epochs" is not GPU 5.
  const clauseEnd = reader.words.findIndex((word, place) => place >= at && word.endsClause);
  const named = findDeviceAt(clauseEnd < 0 ? reader.bare : reader.bare.slice(0, clauseEnd + 1), at);
  if (named === undefined) {
    return 0;
  }
  const refusedAt = deviceRefusalBefore(reader.words, at);
  if (refusedAt === undefined || !reader.skipped.includes(refusedAt)) {
    // "gpu" alone may be part of anything.
    if (named.device === "auto" && !/^(?:on|the|a|using|use|my)$/i.test(reader.bare[at - 1] ?? "")) {
      return 0;
    }
    reader.found.device = named.device;
    return named.length;
  }
  const { device } = reader.found;
  if (device !== undefined && keepsOff(device, named.device)) {
    reader.skipped = reader.skipped.filter((place) => place < refusedAt);
    return named.length;
  }
  if (named.device !== "auto") {
    // Which of the others is meant is not said.
    return leaveOut(reader, at, named.length);
  }
  reader.found.device = "cpu";
  reader.skipped = reader.skipped.filter((place) => place < refusedAt);
  return named.length;
};

/** "epochs 5", "set the learning rate to 3e-4", "with amp", "optimizer adam". */
const readNamed: Step = (reader, at) => {
  const match = reader.names.findAt(reader.bare, at);
  if (!match) {
    return 0;
  }
  const spoken = reader.bare.slice(at, at + match.length).join(" ");
  const previous = (reader.bare[at - 1] ?? "").toLowerCase();
  const refusedAt = refusalAt(reader, at);
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
  if (refusalAt(reader, at) !== undefined) {
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

/** "half the learning rate": of which value is not said, so the default is named and the person writes the number. */
const readMultiple: Step = (reader, at) => {
  const multiple = findFactorAt(reader.bare, at);
  const match = multiple && reader.names.findAt(reader.bare, at + multiple.length);
  const [argument, other] = match?.candidates ?? [];
  if (!multiple || !match || !argument || other || !wantsNumber(argument)) {
    return 0;
  }
  const length = multiple.length + match.length;
  const isTorn = reader.words.slice(at, at + multiple.length).some((word) => word.endsClause);
  if (isTorn || hasNumberBehind(reader, at + length)) {
    return 0;
  }
  const said = reader.bare.slice(at, at + length).join(" ");
  const known = argument.default;
  const value = known === undefined ? undefined : multiply(known, multiple.factor, argument.type === "integer");
  reader.found.problems.push(
    value === undefined
      ? `\`${said}\` is not computed: write the number for \`${argument.flag}\`.`
      : `\`${said}\` is not computed. The default of \`${argument.flag}\` is \`${known}\`; if that is meant, write \`${argument.flag} ${value}\`.`,
  );
  return length;
};

/** "double the batch size to 64", "twice the epochs: 10"; the number in "half the lr, 5 epochs" is that of the epochs. */
function hasNumberBehind(reader: Reader, at: number): boolean {
  const isAssigned = FILLERS.has((reader.bare[at] ?? "").toLowerCase());
  const valueAt = isAssigned ? at + 1 : at;
  if (numberOf(reader.words[valueAt]?.text ?? "") === undefined) {
    return false;
  }
  const isOfNextClause = reader.words[at - 1]?.endsClause === true && isContentWord(reader.bare[valueAt + 1] ?? "");
  return isAssigned || !(isOfNextClause || isCounted(reader, valueAt));
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
  const previous = reader.words[at - 1]?.endsClause === true ? "" : (reader.bare[at - 1] ?? "");
  const following = reader.bare[at + 1] ?? "";
  if (isContentWord(previous)) {
    reader.skipped = reader.skipped.filter((place) => place !== at - 1);
    reportUnknown(reader, previous, { at: at - 1, text: `${previous} ${word}` });
    return 1;
  }
  const named = isContentWord(following) ? [word, following] : [word];
  reportUnknown(reader, following, { at, text: named.join(" ") });
  return named.length;
};

const STEPS: readonly Step[] = [
  readFlagWord,
  readAssignment,
  readScript,
  readMultiple,
  readNamed,
  readDevice,
  readCounted,
  readChoice,
  readPositional,
  reportNumber,
];

const FILLERS = new Set(["=", "to", "of", "is", ":", "at"]);
const INTRODUCTIONS = new Set(["with", "using", "use", "set", "and", "plus", "enable"]);

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

/** Nothing of a refused switch is left out, the words of the refusal neither. */
function refuseSwitch(reader: Reader, refusedAt: number, spoken: string, match: NameMatch): number {
  const declared = chooseArgument(reader, spoken, match.candidates);
  if (declared) {
    turnOff(reader, declared);
  }
  dropRefusal(reader, refusedAt);
  return match.length;
}

type SwitchFlag = { declared: ScriptArgument; isNegative: boolean; refusedAt: number | undefined };

/** `--amp`, "without --amp", and `--amp false` as parsers made from a dataclass take it. */
function readSwitchFlag(reader: Reader, at: number, { declared, isNegative, refusedAt }: SwitchFlag): number {
  if (refusedAt !== undefined) {
    if (isNegative) {
      return leaveOut(reader, at, 1);
    }
    turnOff(reader, declared);
    dropRefusal(reader, refusedAt);
    return 1;
  }
  const following = reader.bare[at + 1] ?? "";
  if (!isNegative && /^(?:true|false)$/i.test(following)) {
    addValue(reader, declared, following);
    return 2;
  }
  reader.found.arguments.push(isNegative ? (declared.negative ?? declared.flag) : declared.flag);
  return 1;
}
