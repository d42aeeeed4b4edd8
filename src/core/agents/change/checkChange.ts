import type { PythonParser } from "../../base/pythonSyntax.ts";
import { findAddedSecrets } from "./addedSecrets.ts";
import type { ChangedFile, ChangeFinding } from "./changedFile.ts";
import { findGrowingComplexity } from "./complexity.ts";
import { findDuplicatedCode } from "./duplicatedCode.ts";
import { findNewDependencies, type ReadDeclaredPackages } from "./newDependencies.ts";
import { findPlaceholderComments } from "./placeholderComments.ts";
import { findPythonHabits } from "./pythonHabits.ts";
import { findUnrelatedEdits } from "./unrelatedEdits.ts";

/** What a reviewer would ask to take back from a change, in the order of files and lines. */
export function checkChange(
  files: readonly ChangedFile[],
  scope: readonly string[],
  parser: PythonParser,
  readPackages: ReadDeclaredPackages,
): ChangeFinding[] {
  const findings = [
    ...files.flatMap((file) => [
      ...findAddedSecrets(file),
      ...findPlaceholderComments(file),
      ...findUnrelatedEdits(file, scope),
      ...findPythonHabits(file, parser),
      ...findGrowingComplexity(file, parser),
    ]),
    ...findNewDependencies(files, parser, readPackages),
    ...findDuplicatedCode(files),
  ];
  return findings.toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}
