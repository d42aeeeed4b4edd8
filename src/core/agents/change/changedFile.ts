/** Lines that were replaced by others; line numbers count from zero. Either side may be empty. */
export type Hunk = { oldStart: number; oldLines: readonly string[]; newStart: number; newLines: readonly string[] };

/** A file that was changed, added or removed, with its text on both sides. */
export type ChangedFile = {
  /** Relative to the repository, with `/`. */
  path: string;
  /** Empty for a new file. */
  before: string;
  /** Empty for one that is gone. */
  after: string;
  hunks: readonly Hunk[];
};

export type ChangeFinding = {
  rule:
    | "added-secret"
    | "duplicated-code"
    | "growing-complexity"
    | "new-dependency"
    | "placeholder-comment"
    | "step-docstring"
    | "swallowed-exception"
    | "unrelated-edit"
    | "untyped-parameter";
  path: string;
  /** Line in the file as it is now, from zero. */
  line: number;
  message: string;
};

/** Every line that the change added, with its number in the file as it is now. */
export function addedLines(file: ChangedFile): { line: number; text: string }[] {
  return file.hunks.flatMap(({ newStart, newLines }) =>
    newLines.map((text, index) => ({ line: newStart + index, text })),
  );
}

/** A file that did not exist before, as one hunk. */
export function newFile(path: string, after: string): ChangedFile {
  return { path, before: "", after, hunks: [{ oldStart: 0, oldLines: [], newStart: 0, newLines: after.split("\n") }] };
}
