/** What reading the code of the project found, without running it. */
export type StaticFinding = {
  /** As its documentation and its settings name it. */
  rule: string;
  topic: "leakage" | "evaluation" | "reproducibility";
  severity: "error" | "warning" | "information";
  message: string;
  /** `src/train.py:12` */
  where: string;
};

/** More would crowd out the task itself. */
const MAX_IN_BRIEF = 40;

/** For an agent, which has to look at each before it repeats it. */
export function renderStaticFindings(findings: readonly StaticFinding[]): string {
  const lines = findings.slice(0, MAX_IN_BRIEF).map(({ where, rule, message }) => `- ${where}: ${rule}: ${message}`);
  const rest = findings.length - lines.length;
  return [
    "Reading the code without running it found this. Look at each place before you build on it; what was not found may still be there.",
    lines.length === 0 ? "- nothing" : lines.join("\n"),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join("\n");
}
