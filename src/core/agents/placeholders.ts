import type { TextRange } from "../base/problems.ts";
import { rangesIn } from "../base/textPosition.ts";

/** A name in single braces; not `${shell}`, not `{{jinja}}`, and not the braces of code, which hold more than a name. */
const PLACEHOLDER = /(?<![{$\\])\{([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\}(?!\})/g;

/** Instructions name a dozen facts; what a text with more of them says is not looked at name by name. */
const MAX_PLACED = 500;

/** The placeholders of a text behind `start`, the first ones of very many, each with the range of its name without braces. */
export function placePlaceholders(text: string, start: number): { name: string; range: TextRange }[] {
  const rangeOf = rangesIn(text);
  return [...text.slice(start).matchAll(PLACEHOLDER)].slice(0, MAX_PLACED).map(({ index, 1: name = "" }) => {
    const from = start + index + 1;
    return { name, range: rangeOf(from, from + name.length) };
  });
}

export function placeholderNames(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(({ 1: name = "" }) => name))];
}

/** Writes a value in place of each placeholder; one without a value stays as it is. */
export function replacePlaceholders(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(PLACEHOLDER, (written, name: string) => valueOf(name) ?? written);
}
