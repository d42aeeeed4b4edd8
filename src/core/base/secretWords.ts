import { groupBy } from "./groupBy.ts";
import { findNamedSecretSpans, isNamedSecret } from "./namedSecrets.ts";
import { isSecretName } from "./secretNames.ts";
import { findSecretSpans, joinSpans, maskSpans, type Span } from "./secrets.ts";

/** What stands in the place of a secret. */
const MASK = "…";

/** What is secret of one word of a command. */
type WordSecrets = {
  /** From left to right, apart from each other. */
  spans: readonly Span[];
  /** The flag before the word, or the name before its `=`; short flags, such as the `-c` of a shell, name nothing. */
  name?: string | undefined;
  /** Where the value of that name begins in the word. */
  from: number;
};

/** `--hub-token=…`, `+trainer/logger@x.api_key=…` as Hydra takes it, and a variable before a command. */
const ASSIGNED = /^((?:--?|\+{1,2})?[A-Za-z_][\w.@/[\]-]*)=(.*)$/s;
const FLAG = /^--?[A-Za-z_][\w.@/[\]-]*$/;
const SHORT_FLAG = /^-\w{1,3}$/;
/** A flag whose value is an assignment: `--env API_KEY=…`. Other flags before one are switches. */
const TAKES_ASSIGNMENT = /^(?:-[eD]|--?(?:env|set|var|define|param|override|opt|option)s?)$/;
/** A flag that takes several values: `--api-keys a b`. */
const SEVERAL = /(?:keys|tokens|secrets|passwords|passphrases)\W*$/i;
/** A value with a dash before it, and not a short flag such as `-lr`. */
const DASHED_VALUE = /^-[^-].{2}/s;

/** Whether what a variable or an argument holds is nobody else's business, by its name or by its looks. */
export function isSecret(name: string, value: string): boolean {
  return spansOfValue(name, value).length > 0;
}

/** The words of a command as they may be shown and passed on. */
export function maskSecretWords(words: readonly string[]): string[] {
  return secretsOf(words).map(({ spans }, at) => maskSpans(words[at] ?? "", spans));
}

/** The value of a variable or an argument as it may be shown and passed on. */
export function maskSecretValue(name: string, value: string): string {
  return maskSpans(value, spansOfValue(name, value));
}

/** The words of a command, with something else in the place of the values of secret arguments. */
export function replaceSecretWords(words: readonly string[], replace: (name: string) => string): string[] {
  return secretsOf(words).map(({ spans, name, from }, at) => {
    const word = words[at] ?? "";
    if (spans.length === 0) {
      return word;
    }
    return name === undefined ? maskSpans(word, spans) : word.slice(0, from) + replace(name);
  });
}

/** Places of the words with a secret that nothing names, so that nothing can be put in its place. */
export function namelessSecrets(words: readonly string[]): number[] {
  return secretsOf(words).flatMap(({ spans, name }, at) => (spans.length > 0 && name === undefined ? [at] : []));
}

/** The words of a command without its secret arguments. */
export function dropSecretWords(words: readonly string[]): string[] {
  const secrets = secretsOf(words);
  const isSecretAt = (at: number) => (secrets[at]?.spans.length ?? 0) > 0;
  const isFlagOfSecret = (at: number) =>
    FLAG.test(words[at] ?? "") &&
    isSecretAt(at + 1) &&
    (secrets[at + 1]?.from === 0 || TAKES_ASSIGNMENT.test(words[at] ?? ""));
  return words.filter((_, at) => !isSecretAt(at) && !isFlagOfSecret(at));
}

/** Masked words after somebody has edited them: a secret that is still masked is the one it was, if that can be told. */
export function unmaskSecretWords(edited: readonly string[], original: readonly string[]): string[] {
  const restored = restoreTexts(edited, original);
  return edited.map((word, at) => {
    const texts = restored[at]?.values();
    return word.replaceAll(MASK, () => texts?.next().value ?? MASK);
  });
}

/** Edited words that are still masked without telling which secret of the original they hide; a mask alone with the word before it. */
export function unresolvedMasks(edited: readonly string[], original: readonly string[]): string[] {
  const hidesNothing = hiddenTexts(original)
    .flat()
    .every((text) => text === MASK);
  if (hidesNothing) {
    return [];
  }
  const restored = restoreTexts(edited, original);
  return edited.flatMap((word, at) => {
    const shown = word === MASK ? edited.slice(Math.max(0, at - 1), at + 1).join(" ") : word;
    return restored[at]?.includes(undefined) ? [shown] : [];
  });
}

/** What stands under each mask of each edited word; undefined where that cannot be told. */
function restoreTexts(edited: readonly string[], original: readonly string[]): (readonly (string | undefined)[])[] {
  const hidden = hiddenTexts(original);
  const known = maskedWordsOf(maskSecretWords(original)).flatMap((masked, at) => {
    const texts = hidden[at] ?? [];
    return texts.length > 0 ? [{ ...masked, texts }] : [];
  });
  const asBefore = groupBy(known, (masked) => masked.besideFlag);
  const alike = groupBy(known, ({ word }) => word);
  const behind = groupBy(known.flatMap(placedTexts), ({ place }) => place);
  return maskedWordsOf(edited).map((masked) => {
    const same = asBefore.get(masked.besideFlag) ?? [];
    // Who writes a masked word once more means the last one.
    const found = (same.length > 1 ? same.shift() : same[0]) ?? findAlike(masked.word, alike.get(masked.word));
    return found?.texts ?? masked.places.map((place) => onlyOne(behind.get(place))?.text);
  });
}

/** The one original with the same masked word. A mask alone names no secret, so it is only ever what was written so. */
function findAlike(word: string, alike: readonly KnownWord[] | undefined): KnownWord | undefined {
  const found = onlyOne(alike);
  return word === MASK && found?.texts[0] !== MASK ? undefined : found;
}

function placedTexts({ places, texts }: KnownWord): { place: string; text: string | undefined }[] {
  return places.map((place, at) => ({ place, text: texts[at] }));
}

function onlyOne<T>(items: readonly T[] | undefined): T | undefined {
  return items?.length === 1 ? items[0] : undefined;
}

/** A word after masking, with what tells its masks from those of other words. */
type MaskedWord = {
  word: string;
  /** The last flag before the word, and the word. */
  besideFlag: string;
  /** What stands before each of its masks. */
  places: readonly string[];
};

/** What stands under the masks of a word, in their order. */
type KnownWord = MaskedWord & { texts: readonly string[] };

function maskedWordsOf(words: readonly string[]): MaskedWord[] {
  const places = placesOfMasks(words);
  let flag = "";
  let next = 0;
  return words.map((word) => {
    const besideFlag = `${flag}\n${word}`;
    flag = FLAG.test(word) ? word : flag;
    const first = next;
    next += word.split(MASK).length - 1;
    return { word, besideFlag, places: places.slice(first, next) };
  });
}

/** For each mask what stands before it, which tells it from the others: `--hub-token`, `wandb.api_key`, `postgres://`. */
function placesOfMasks(words: readonly string[]): string[] {
  let place = "";
  return words
    .join("\n")
    .split(MASK)
    .slice(0, -1)
    .map((before) => {
      // Of several values of a flag only the first stands beside it.
      const near = before.slice(-MAX_NAME).replace(/[\s"'\\=:]+$/, "");
      place = /\S*$/.exec(near)?.[0] || place;
      return place;
    });
}

/** Longer than names are. */
const MAX_NAME = 200;

/** What stands under each mask of each masked word; a mask that was there before is itself. */
function hiddenTexts(words: readonly string[]): string[][] {
  return secretsOf(words).map(({ spans }, at) => {
    const word = words[at] ?? "";
    const texts: string[] = [];
    let end = 0;
    for (const span of [...spans, { start: word.length, end: word.length }]) {
      texts.push(...(word.slice(end, span.start).match(MASKS) ?? []), word.slice(span.start, span.end));
      end = span.end;
    }
    return texts.slice(0, -1);
  });
}

const MASKS = new RegExp(MASK, "g");

/** What is secret of each word: the one place that judges words for all that is done with them. */
function secretsOf(words: readonly string[]): WordSecrets[] {
  let flag: string | undefined;
  return words.map((word) => {
    const [, name, value = ""] = ASSIGNED.exec(word) ?? [];
    const isWhole = name !== undefined && isNamedSecret(name, value);
    if (flag !== undefined && isValueOf(flag, word) && !(isWhole && isSwitchBefore(flag, value))) {
      const secrets = { spans: spansOfValue(flag, word), name: SHORT_FLAG.test(flag) ? undefined : flag, from: 0 };
      flag = isSecretName(flag) && SEVERAL.test(flag) ? flag : undefined;
      return secrets;
    }
    flag = FLAG.test(word) ? word : undefined;
    if (name === undefined) {
      return { spans: spansOfText(word), from: 0 };
    }
    const from = name.length + 1;
    return { spans: isWhole ? [{ start: from, end: word.length }] : spansOfText(word), name, from };
  });
}

/** Whether a flag before a secret assignment names none of it; with blanks behind its `=` it is the command of a shell. */
function isSwitchBefore(flag: string, value: string): boolean {
  return !isSecretName(flag) && !/\s/.test(value);
}

function isValueOf(flag: string, word: string): boolean {
  return !word.startsWith("-") || (isSecretName(flag) && DASHED_VALUE.test(word));
}

function spansOfValue(name: string, value: string): Span[] {
  return isNamedSecret(name, value) ? [{ start: 0, end: value.length }] : spansOfText(value);
}

function spansOfText(text: string): Span[] {
  return joinSpans([...findNamedSecretSpans(text), ...findSecretSpans(text)]);
}
