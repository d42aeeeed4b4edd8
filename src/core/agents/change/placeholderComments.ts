import { addedLines, type ChangedFile, type ChangeFinding } from "./changedFile.ts";

/** `comment`: what a comment says, without its mark. `isAlone`: it counts only where no code stands before it. */
const PLACEHOLDERS: readonly { comment: RegExp; isAlone?: true; message: string }[] = [
  {
    comment: /^(?:TODO|FIXME|XXX|HACK)\b/i,
    message: "A note about work not done. Do the work, or open an issue and say so.",
  },
  {
    comment:
      /^(?:optimi[sz]e|improve|refactor|handle|implement|add)\b[^.]*\b(?:later|in (?:the )?future|as needed|if needed)\b/i,
    message: "A promise for later. Do it now, or leave it out.",
  },
  {
    comment:
      /^(?:\.\.\.\s*)?(?:(?:the )?rest of|existing|remaining|other|previous)\b[\w\s]*\b(?:code|implementation|logic|methods?|steps?)(?:\s+(?:stays?|remains?|goes|is|are|as|here|unchanged|the same|before))*[\s.…]*$/i,
    isAlone: true,
    message: "A comment stands where code was. Write the code out.",
  },
  {
    comment:
      /^(?:your\b[\w\s]*|placeholder\b[\w\s]*|(?:dummy|sample)\s+|implement(?:ation)?\b[\w\s]*)\b(?:here|code|logic|values?|implementation)[\s.…]*$/i,
    isAlone: true,
    message: "A placeholder stands where code belongs. Write the code.",
  },
];

const UNWRITTEN = /^\s*raise NotImplementedError\b(?!.*(?:subclass|abstract|override))/;

/** Added lines that promise work instead of doing it. */
export function findPlaceholderComments(file: ChangedFile): ChangeFinding[] {
  const lines = file.after.split("\n");
  return addedLines(file).flatMap(({ line, text }) => {
    const written = text.slice(0, 500);
    const message =
      UNWRITTEN.test(written) && !isAbstract(lines, line)
        ? "A function without a body. Write it, or leave it out."
        : promiseIn(written, file.path);
    return message === undefined ? [] : [{ rule: "placeholder-comment" as const, path: file.path, line, message }];
  });
}

function promiseIn(text: string, path: string): string | undefined {
  // Two slashes divide in Python, where they do not begin a line.
  const marks = path.endsWith(".py") ? /#|^\s*\/\//g : /#|\/\/|<!--/g;
  for (const { 0: mark, index } of text.matchAll(marks)) {
    const comment = text.slice(index + mark.length).trim();
    const isAlone = text.slice(0, index).trim() === "";
    const found = PLACEHOLDERS.find((each) => (isAlone || !each.isAlone) && each.comment.test(comment));
    if (found !== undefined) {
      return found.message;
    }
  }
  return undefined;
}

/** Whether the function around a line is one that others have to write: `@abstractmethod`. */
function isAbstract(lines: readonly string[], line: number): boolean {
  let at = line;
  while (at >= 0 && !/^\s*(?:async\s+)?def\s/.test(lines[at] ?? "")) {
    at -= 1;
  }
  for (let above = at - 1; /^\s*@/.test(lines[above] ?? ""); above--) {
    if (/^\s*@(?:abc\.)?abstract\w+/.test(lines[above] ?? "")) {
      return true;
    }
  }
  return false;
}
