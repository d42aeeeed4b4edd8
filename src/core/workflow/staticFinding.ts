/** What reading the code of the project found, without running it. */
export type StaticFinding = {
  /** As its documentation and its settings name it. */
  rule: string;
  topic: "leakage" | "evaluation" | "reproducibility";
  severity: "error" | "warning" | "information";
  message: string;
  /** `src/train.py:12` */
  where: string;
  /** By a comment in the file. */
  isSilenced: boolean;
};

/**
 * Findings as a workflow counts them: a comment silences nothing in a file that agents of the workflow wrote. `files` are
 * those, by path.
 */
export function judgeSilence(
  findings: readonly StaticFinding[],
  files: Readonly<Record<string, unknown>>,
): StaticFinding[] {
  return findings.map((finding) =>
    finding.isSilenced && finding.where.slice(0, finding.where.lastIndexOf(":")) in files
      ? {
          ...finding,
          isSilenced: false,
          message: `${finding.message} A comment in the file silences this, but an agent of this workflow wrote the file.`,
        }
      : finding,
  );
}

/** More would crowd out the task itself. */
const MAX_IN_BRIEF = 40;

/** For an agent, which has to look at each before it repeats it. */
export function renderStaticFindings(findings: readonly StaticFinding[]): string {
  const lines = findings
    .slice(0, MAX_IN_BRIEF)
    .map(
      ({ where, rule, message, isSilenced }) =>
        `- ${where}: ${rule}${isSilenced ? " (silenced by a comment in the file)" : ""}: ${message}`,
    );
  const rest = findings.length - lines.length;
  return [
    "Reading the code without running it found this. Look at each place before you build on it; what was not found may still be there.",
    lines.length === 0 ? "- nothing" : lines.join("\n"),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join("\n");
}
