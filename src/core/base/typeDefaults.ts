/*
 * Python 3.13 lets type parameters have defaults: `type Pair[T = int] = tuple[T, T]`, `def first[T = int](…)`. The grammar
 * does not know them yet, and would call the file no Python.
 */

/** Longer than any list of type parameters; a bracket that is not closed by then is a mistake of another kind. */
const MAX_PARAMETERS = 2_000;

/** Before the parameters of a type, a function or a class. */
const HEAD = /^[ \t]*(?:type|(?:async[ \t]+)?def|class)[ \t]+\w+[ \t]*\[/gm;

/** The text with blanks in the place of such defaults, so that everything else stays where it is. */
export function withoutTypeDefaults(source: string): string {
  let text = "";
  let from = 0;
  for (const { index, 0: head } of source.matchAll(HEAD)) {
    const start = index + head.length;
    const { end, blanked } = blankDefaults(source, start);
    text += source.slice(from, start) + blanked;
    from = end;
  }
  return text + source.slice(from);
}

/** From behind the opening bracket to the one that closes it. */
function blankDefaults(source: string, start: number): { end: number; blanked: string } {
  let depth = 1;
  let isDefault = false;
  let blanked = "";
  let at = start;
  for (; at < Math.min(source.length, start + MAX_PARAMETERS) && depth > 0; at++) {
    const letter = source.charAt(at);
    depth += "[({".includes(letter) ? 1 : "])}".includes(letter) ? -1 : 0;
    isDefault = depth > 0 && (depth > 1 ? isDefault : letter !== "," && (isDefault || letter === "="));
    blanked += isDefault && letter !== "\n" ? " " : letter;
  }
  return depth === 0 ? { end: at, blanked } : { end: start, blanked: "" };
}
