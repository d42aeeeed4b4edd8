import { escapeMarkdown, mapOutsideFences } from "../base/markdown.ts";

/**
 * What can hold a place or hide one, in the order it is tried: code, a link or image, an autolink, and a place in
 * running text, where an underscore may be escaped. Any other escaped character is passed over.
 */
const PART =
  /(`+)(.+?)\1(?!`)|!?\[[^\]]{0,300}\]\([^)]{0,1000}\)|<[^>]{0,1000}>|(?<![\w./\\-])((?:[\w./-]|\\_)+\.\w+:\d+(?:[:–-]\d+)?)(?!\w|\.\d)|\\./g;

/** `train.py:181`, also with a column or a last line behind it. */
const PLACE = /^(?<path>.*?[^\s:]):(?<line>[1-9]\d*)(?:[:–-]\d+)?$/;

/** Four spaces begin a block of code, in which a link would be read as it is written. */
const INDENTED = /^(?: {4}|\t)/;

/** An answer with a link on each place in a file (`train.py:181`) that `addressOf` knows; code blocks stay as they are. */
export function linkPlaces(markdown: string, addressOf: (path: string, line: number) => string | undefined): string {
  return mapOutsideFences(markdown, (text) =>
    INDENTED.test(text)
      ? text
      : text.replaceAll(PART, (part: string, _ticks?: string, code?: string, plain?: string) => {
          const { path, line } = PLACE.exec(code?.trim() ?? plain?.replaceAll("\\_", "_") ?? "")?.groups ?? {};
          const address = path === undefined ? undefined : addressOf(path, Number(line));
          // Not as code, which high contrast themes draw alike with a link and without one.
          return address === undefined ? part : `[${code === undefined ? part : escapeMarkdown(code)}](${address})`;
        }),
  );
}

/** The paths of the files that an answer names places in. */
export function placedFiles(markdown: string): ReadonlySet<string> {
  const paths = new Set<string>();
  linkPlaces(markdown, (path) => {
    paths.add(path);
    return undefined;
  });
  return paths;
}
