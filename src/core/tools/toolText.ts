import * as z from "zod";

/**
 * Line breaks, escape codes, and marks that change the direction of writing: a confirmation would show something
 * else than what runs.
 */
const INVISIBLE = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** A text of a tool's input that is shown to a person before they agree: printable, on one line. */
export function printableText(maxCharacters: number) {
  return z
    .string()
    .max(maxCharacters)
    .refine((text) => !INVISIBLE.test(text), {
      error: "holds a control character or a line break, which cannot be shown before it is used. Leave it out.",
    });
}
