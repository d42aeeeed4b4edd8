import { maskSecretWords, unmaskSecretWords, unresolvedMasks } from "../base/secretWords.ts";
import { quoteWord } from "../base/shellWord.ts";

/** The words of a command line as a person types it, or a sentence about what is wrong with it. */
export type SplitCommandLine = { words: readonly string[]; problem?: string };

/**
 * Splits at spaces and understands quotes, and expands nothing: `$HOME`, `*` and `;` stay as they are, since no
 * shell will see them. A backslash keeps the next character only before a space, a quote or a backslash, so
 * that Windows paths survive.
 */
export function splitCommandLine(text: string): SplitCommandLine {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const next = text[at + 1] ?? "";
    if (character === "\\" && quote !== "'" && /[\s"'\\]/.test(next)) {
      word = (word ?? "") + next;
      at++;
    } else if (quote !== undefined) {
      if (character === quote) {
        quote = undefined;
      } else {
        word = (word ?? "") + character;
      }
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) {
        words.push(word);
      }
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) {
    words.push(word);
  }
  return quote === undefined ? { words } : { words, problem: `The quote ${quote} is never closed.` };
}

/** A command as a person could paste it into a shell. Only for reading: what runs is the vector itself. */
export function renderCommandLine(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** The same as it may be shown, written down and passed on: without the values of secrets. */
export function renderShownCommand(words: readonly string[]): string {
  return renderCommandLine(maskSecretWords(words));
}

/** Reads a shown command after somebody has edited it, with the secrets of the original under what is still masked. */
export function splitShownCommand(text: string, original: readonly string[]): SplitCommandLine {
  const { words, problem } = splitCommandLine(text);
  if (problem !== undefined) {
    return { words, problem };
  }
  const [unresolved] = unresolvedMasks(words, original);
  return unresolved === undefined
    ? { words: unmaskSecretWords(words, original) }
    : { words, problem: `The hidden value of ${unresolved} must be typed again.` };
}

/** Of a folder in a plan, whose platform is that of its run: `C:\\work`, `\\\\server\\share`. */
export function isWindowsPath(path: string): boolean {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(path);
}

/** The same command with variables set for it alone, as a POSIX shell or, on Windows, PowerShell takes it. */
export function renderCommandWith(
  variables: Readonly<Record<string, string>>,
  { command, isWindows }: { command: string; isWindows: boolean },
): string {
  const entries = Object.entries(variables);
  const assigned = entries.map(([name, value]) =>
    isWindows ? `$env:${name} = '${value.replaceAll("'", "''")}';` : `${name}=${quoteWord(value)}`,
  );
  return [...assigned, command].join(" ");
}
