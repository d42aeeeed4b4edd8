import { isSecretName } from "./secretNames.ts";
import { maskSecrets } from "./secrets.ts";

/** What stands in the place of a secret. */
const MASK = "…";

/** The words of a command as they may be shown and passed on. */
export function maskSecretWords(words: readonly string[]): string[] {
  return replaceSecretWords(words, () => MASK).map(maskSecrets);
}

/** The value of a variable or an argument as it may be shown and passed on. */
export function maskSecretValue(name: string, value: string): string {
  return value !== "" && isSecretName(name) ? MASK : maskSecrets(value);
}

/** The words of a command, with something else in the place of the values of secret arguments. */
export function replaceSecretWords(words: readonly string[], replace: (name: string) => string): string[] {
  return words.map((word, at) => {
    const [, name, value = ""] = ASSIGNED.exec(word) ?? [];
    if (name !== undefined && value !== "" && isSecretName(name)) {
      return `${name}=${replace(name)}`;
    }
    return isSecretValue(words, at) ? replace(words[at - 1] ?? "") : word;
  });
}

/** The words of a command without its secret arguments. */
export function dropSecretWords(words: readonly string[]): string[] {
  return words.filter((word, at) => {
    const [, name, value = ""] = ASSIGNED.exec(word) ?? [];
    const isAssigned = name !== undefined && value !== "" && isSecretName(name);
    return !isAssigned && !isSecretValue(words, at) && !isSecretValue(words, at + 1);
  });
}

/** Masked words after somebody has edited them: a secret that is still masked is the one it was, in the order they had. */
export function unmaskSecretWords(edited: readonly string[], original: readonly string[]): string[] {
  const masked = maskSecretWords(original);
  const kept = new Map<string, string[]>();
  for (const [at, word] of original.entries()) {
    if (word !== masked[at]) {
      const place = placeOf(masked, at);
      const words = kept.get(place) ?? [];
      words.push(word);
      kept.set(place, words);
    }
  }
  return edited.map((word, at) => {
    const words = kept.get(placeOf(edited, at)) ?? [];
    // Who writes a masked word once more means the last one.
    return (words.length > 1 ? words.shift() : words[0]) ?? word;
  });
}

/** What tells a masked word from the others: a bare mask says nothing without the flag before it. */
function placeOf(words: readonly string[], at: number): string {
  return words[at] === MASK ? `${words[at - 1] ?? ""} ${MASK}` : (words[at] ?? "");
}

/** `--hub-token=…`, `+logger.api_key=…` as Hydra takes it, and a variable before a command. */
const ASSIGNED = /^((?:--?|\+{1,2})?[A-Za-z_][\w.@/[\]-]*)=(.*)$/s;

/** Whether a word is the value of the flag before it. */
function isSecretValue(words: readonly string[], at: number): boolean {
  const flag = words[at - 1] ?? "";
  const word = words[at] ?? "-";
  return /^--?[\w.@/[\]-]+$/.test(flag) && isSecretName(flag) && !word.startsWith("-");
}
