/** The quote or bracket that a message of the YAML library misses; nothing for a message about something else. */
export function missingClosing(message: string): string | undefined {
  return /^Missing closing (["'])/.exec(message)?.[1] ?? /end with a ([\]}])$/.exec(message)?.[1];
}
