import type { ChangedFile, ChangeFinding } from "./changedFile.ts";
import { findGrowingComplexity, type PythonMeasure } from "./complexity.ts";
import { findDuplicatedCode } from "./duplicatedCode.ts";
import { findPlaceholderComments } from "./placeholderComments.ts";
import { findUnrelatedEdits } from "./unrelatedEdits.ts";

/** What a reviewer would ask to take back from a change, in the order of files and lines. */
export function checkChange(
  files: readonly ChangedFile[],
  scope: readonly string[],
  measure: PythonMeasure,
): ChangeFinding[] {
  const findings = [
    ...files.flatMap((file) => [
      ...findPlaceholderComments(file),
      ...findUnrelatedEdits(file, scope),
      ...findGrowingComplexity(file, measure),
    ]),
    ...findDuplicatedCode(files),
  ];
  return findings.toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}
