import { stat } from "node:fs/promises";
import { resolve } from "node:path";

/** More words than the folders of a path are likely to have. */
const MAX_WORDS = 12;

/** Quotes the path of a script that holds blanks, where a person wrote it without: "train my code/fit model.py with lr 3". */
export async function quoteScriptPath(text: string, folder: string): Promise<string> {
  const end = /\.py(?=$|[\s,;:!?)])/.exec(text)?.index;
  if (end === undefined || /["'`]/.test(text.slice(0, end))) {
    return text;
  }
  const written = text.slice(0, end + ".py".length);
  const starts = [...written.matchAll(/(?<!\S)\S/g)].map(({ index }) => index).toReversed();
  for (const start of starts.slice(0, MAX_WORDS)) {
    const found = await stat(resolve(folder, written.slice(start))).catch(() => undefined);
    if (found?.isFile() === true) {
      return start === starts[0]
        ? text
        : `${text.slice(0, start)}"${written.slice(start)}"${text.slice(written.length)}`;
    }
  }
  return text;
}
