import type { Hunk } from "./changedFile.ts";

/** The part of a unified diff about one file; a path is absent on the side where the file does not exist. */
export type FileDiff = { oldPath?: string; newPath?: string; hunks: readonly Hunk[] };

/*
 * A unified diff without context (`git diff --unified=0 --no-prefix`):
 *
 *   --- train.py            the old path, or /dev/null
 *   +++ train.py            the new path, or /dev/null
 *   @@ -10,2 +10,3 @@ …     first line and count on both sides; a count of one may be left out; lines count from one
 *   -removed                then exactly as many removed and added lines as the header says
 *   +added
 *   \ No newline at end of file
 */
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

type OpenHunk = { hunk: Hunk & { oldLines: string[]; newLines: string[] }; oldLeft: number; newLeft: number };

/** Reads what `git diff` printed; binary files and changes of mode alone have no hunks. */
export function parseDiff(text: string): FileDiff[] {
  const files: (FileDiff & { hunks: Hunk[] })[] = [];
  let oldPath: string | undefined;
  let open: OpenHunk | undefined;
  for (const line of text.split("\n")) {
    // A removed line can look like a header (`--- a comment`), so that the counts decide what belongs to a hunk.
    if (open !== undefined && (open.oldLeft > 0 || open.newLeft > 0)) {
      takeLine(open, line);
    } else if (line.startsWith("--- ")) {
      oldPath = readPath(line);
    } else if (line.startsWith("+++ ")) {
      const newPath = readPath(line);
      files.push({ ...(oldPath && { oldPath }), ...(newPath && { newPath }), hunks: [] });
    } else {
      open = openHunk(line);
      if (open !== undefined) {
        files.at(-1)?.hunks.push(open.hunk);
      }
    }
  }
  return files;
}

function openHunk(line: string): OpenHunk | undefined {
  const match = HUNK.exec(line);
  if (match === null) {
    return undefined;
  }
  const [oldFirst, oldCount, newFirst, newCount] = match.slice(1).map((part) => Number(part ?? 1));
  const oldLeft = oldCount ?? 1;
  const newLeft = newCount ?? 1;
  const hunk = {
    oldStart: fromZero(oldFirst ?? 1, oldLeft),
    oldLines: [],
    newStart: fromZero(newFirst ?? 1, newLeft),
    newLines: [],
  };
  return { hunk, oldLeft, newLeft };
}

/** With nothing on a side its number is the line before, so that it already counts from zero. */
function fromZero(first: number, count: number): number {
  return count === 0 ? first : first - 1;
}

function takeLine(open: OpenHunk, line: string): void {
  const text = line.slice(1).replace(/\r$/, "");
  if (line.startsWith("-")) {
    open.hunk.oldLines.push(text);
    open.oldLeft -= 1;
  } else if (line.startsWith("+")) {
    open.hunk.newLines.push(text);
    open.newLeft -= 1;
  }
}

function readPath(line: string): string | undefined {
  // git ends a path that contains a space with a tab.
  const path = line.slice(4).replace(/\t$/, "");
  return path === "/dev/null" ? undefined : path;
}
