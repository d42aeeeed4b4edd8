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
/** A flag that takes several values: `--api-keys a b`. */
const SEVERAL = /s\W*$/i;
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
    FLAG.test(words[at] ?? "") && isSecretAt(at + 1) && secrets[at + 1]?.from === 0;
  return words.filter((_, at) => !isSecretAt(at) && !isFlagOfSecret(at));
}

/** Masked words after somebody has edited them: a secret that is still masked is the one it was, in the order they had. */
export function unmaskSecretWords(edited: readonly string[], original: readonly string[]): string[] {
  const masked = maskSecretWords(original);
  const hidden = hiddenTexts(original);
  const kept = new Map<string, string[]>();
  for (const [at, place] of placesOfMasks(masked).entries()) {
    const texts = kept.get(place) ?? [];
    texts.push(hidden[at] ?? MASK);
    kept.set(place, texts);
  }
  const restored = placesOfMasks(edited).map((place) => {
    const texts = kept.get(place) ?? [];
    // Who writes a masked word once more means the last one.
    return (texts.length > 1 ? texts.shift() : texts[0]) ?? MASK;
  });
  let next = 0;
  return edited.map((word) => word.replaceAll(MASK, () => restored[next++] ?? MASK));
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

/** What stands under each mask of the masked words; a mask that was there before is itself. */
function hiddenTexts(words: readonly string[]): string[] {
  return secretsOf(words).flatMap(({ spans }, at) => {
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
    if (flag !== undefined && isValueOf(flag, word)) {
      const secrets = { spans: spansOfValue(flag, word), name: SHORT_FLAG.test(flag) ? undefined : flag, from: 0 };
      flag = isSecretName(flag) && SEVERAL.test(flag) ? flag : undefined;
      return secrets;
    }
    flag = FLAG.test(word) ? word : undefined;
    const [, name, value = ""] = ASSIGNED.exec(word) ?? [];
    if (name === undefined) {
      return { spans: spansOfText(word), from: 0 };
    }
    const from = name.length + 1;
    const isWhole = isNamedSecret(name, value);
    return { spans: isWhole ? [{ start: from, end: word.length }] : spansOfText(word), name, from };
  });
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
