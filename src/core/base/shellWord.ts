/** `C:\w\train.py`: there is no shell beside it that would take its backslashes away. */
const DRIVE_PATH = /^[A-Za-z]:(?:\\[\w.~@+-]+)+$/;

/**
 * A word as a person could paste it into a shell: quoted where a shell would read something else into it. Only for reading
 * and pasting: what Trainyard starts is a vector of words, which no shell sees.
 */
export function quoteWord(word: string): string {
  if ((/^[\w@%+=:,./~-]+$/.test(word) && !/^[~=]|[=:]~/.test(word)) || DRIVE_PATH.test(word)) {
    return word;
  }
  if (/\p{Cc}/u.test(word)) {
    return quoteControls(word);
  }
  if (!word.includes("'")) {
    return `'${word}'`;
  }
  // Double quotes read better, and in them a shell still runs `$(…)` and what stands in backticks.
  return /[$`!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word.replaceAll(/(["\\])/g, "\\$1")}"`;
}

/**
 * A word as it is, unless control characters are in it: a terminal would obey them. Those are written as bash and zsh read them in
 * `$'…'`.
 */
export function quoteControls(word: string): string {
  if (!/\p{Cc}/u.test(word)) {
    return word;
  }
  const escaped = word.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(/\p{Cc}/gu, (control) => {
    const code = control.charCodeAt(0);
    const digits = code.toString(16);
    return code < 0x80 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`;
  });
  return `$'${escaped}'`;
}
