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
  if (!word.includes("'")) {
    return `'${word}'`;
  }
  // Double quotes read better, and in them a shell still runs `$(…)` and what stands in backticks.
  return /[$`!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word.replaceAll(/(["\\])/g, "\\$1")}"`;
}
