let count = 0;

/**
 * A word that no other writer uses at this time, in this process, in another or on another host: for a part of a file's name
 * or the content of a lock. Not secret. A UUID would load OpenSSL, which the process beside every training does without.
 */
export function temporaryName(): string {
  count += 1;
  return `${process.pid}-${count}-${Math.random().toString(36).slice(2)}`;
}
