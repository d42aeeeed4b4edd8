import type { TextRange } from "../base/problems.ts";
import { rangeBetween } from "../base/textPosition.ts";

/** A name in single braces; not `${shell}`, not `{{jinja}}`, and not the braces of code, which hold more than a name. */
const PLACEHOLDER = /(?<![{$\\])\{([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\}(?!\})/g;

/** Every placeholder of a text behind `start`, with its place; the range is that of the name without braces. */
export function findPlaceholders(text: string, start: number): { name: string; range: TextRange }[] {
  return [...text.slice(start).matchAll(PLACEHOLDER)].map(({ index, 1: name = "" }) => {
    const from = start + index + 1;
    return { name, range: rangeBetween(text, from, from + name.length) };
  });
}

/** Writes a value in place of each placeholder; one without a value stays as it is. */
export function replacePlaceholders(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(PLACEHOLDER, (written, name: string) => valueOf(name) ?? written);
}
