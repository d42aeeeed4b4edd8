/** One value of a file in the format of Python's `configparser`, with each of its lines. */
export type IniEntry = { section: string; key: string; values: readonly { text: string; line: number }[] };

/** Sections, keys and their values; a value goes on for as long as lines are indented. Comments stand on lines of their own. */
export function readIni(text: string): IniEntry[] {
  const entries: IniEntry[] = [];
  let section = "";
  let values: { text: string; line: number }[] | undefined;
  for (const [line, written] of text.split(/\r?\n/).entries()) {
    const content = written.trim();
    const header = /^\[(.+)\]\s*$/.exec(written)?.[1];
    const separator = written.search(/[=:]/);
    if (content === "" || content.startsWith("#") || content.startsWith(";")) {
      continue;
    }
    if (header !== undefined) {
      section = header;
      values = undefined;
    } else if (/^\s/.test(written)) {
      values?.push({ text: content, line });
    } else if (separator > 0) {
      values = [{ text: written.slice(separator + 1).trim(), line }];
      entries.push({ section, key: written.slice(0, separator).trim().toLowerCase(), values });
    }
  }
  return entries;
}
