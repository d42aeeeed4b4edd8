import { addedLines, type ChangedFile, type ChangeFinding } from "./changedFile.ts";

const PLACEHOLDERS: readonly { pattern: RegExp; message: string }[] = [
  {
    pattern: /(?:#|\/\/|<!--)\s*(?:TODO|FIXME|XXX|HACK)\b/i,
    message: "A note about work not done. Do the work, or open an issue and say so.",
  },
  {
    pattern:
      /(?:#|\/\/)\s*(?:optimi[sz]e|improve|refactor|handle|implement|add)\b[^.]*\b(?:later|in (?:the )?future|as needed|if needed)\b/i,
    message: "A promise for later. Do it now, or leave it out.",
  },
  {
    pattern:
      /(?:#|\/\/)\s*(?:\.\.\.\s*)?(?:(?:the )?rest of|existing|remaining|other|previous)\b.*\b(?:code|implementation|logic|methods?|steps?)\b/i,
    message: "A comment stands where code was. Write the code out.",
  },
  {
    pattern:
      /(?:#|\/\/)\s*(?:your|placeholder|dummy|sample|implement(?:ation)?)\b.*\b(?:here|code|logic|value|goes)\b/i,
    message: "A placeholder stands where code belongs. Write the code.",
  },
  {
    pattern: /^\s*raise NotImplementedError\b(?!.*(?:subclass|abstract|override))/,
    message: "A function without a body. Write it, or leave it out.",
  },
];

/** Added lines that promise work instead of doing it. */
export function findPlaceholderComments(file: ChangedFile): ChangeFinding[] {
  return addedLines(file).flatMap(({ line, text }) => {
    const found = PLACEHOLDERS.find(({ pattern }) => pattern.test(text.slice(0, 500)));
    return found === undefined
      ? []
      : [{ rule: "placeholder-comment" as const, path: file.path, line, message: found.message }];
  });
}
