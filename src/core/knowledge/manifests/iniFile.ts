import type { ReadingBuilder } from "./reading.ts";

/** One value of a file in the format of Python's `configparser`, with each of its lines. */
export type IniEntry = { section: string; key: string; values: readonly { text: string; line: number }[] };

/**
 * Sections, keys and their values; a value goes on for as long as lines are indented. Comments stand on lines of their own.
 * What `configparser` refuses the whole file for is a problem, and the rest of the file still counts.
 */
export function readIni(text: string, reading: ReadingBuilder): IniEntry[] {
  const entries: IniEntry[] = [];
  const seen = new Set<string>();
  let section = "";
  let values: { text: string; line: number }[] | undefined;
  const refuse = (line: number, reason: string) =>
    reading.report("invalid-ini", line, `Python cannot read this file: ${reason}.`, "error");
  for (const [line, written] of text.split(/\r?\n/).entries()) {
    const content = written.trim();
    const header = /^\[(.+)\]/.exec(written)?.[1];
    const key = /^([^\s=:][^=:]*)[=:]/.exec(written)?.[1]?.trim().toLowerCase();
    if (content === "" || content.startsWith("#") || content.startsWith(";")) {
      continue;
    }
    if (header === undefined && /^\s/.test(written) && values !== undefined) {
      values.push({ text: content, line });
      continue;
    }
    const id = header === undefined ? `${section}\0${key}` : header;
    if (header === undefined && key === undefined) {
      refuse(line, `\`${content.slice(0, 60)}\` is neither a section nor a key with a value`);
    } else if (header === undefined && section === "") {
      refuse(line, `\`${content.slice(0, 60)}\` stands before the first section`);
    } else if (seen.has(id)) {
      const what = header === undefined ? `the key \`${key}\` of \`[${section}]\`` : `the section \`[${header}]\``;
      refuse(line, `${what} is there twice`);
    }
    seen.add(id);
    section = header ?? section;
    values = undefined;
    if (key !== undefined && header === undefined) {
      values = [{ text: written.slice(written.search(/[=:]/) + 1).trim(), line }];
      entries.push({ section, key, values });
    }
  }
  return entries;
}
