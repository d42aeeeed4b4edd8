import { inlineCode } from "../../base/markdown.ts";
import type { ChangeFinding } from "./changedFile.ts";

/** A list that is longer is a change to start anew. */
const MAX_SHOWN = 30;

/** The findings as a Markdown list with file and line, counting from one. */
export function describeChange(checked: {
  fileCount: number;
  findings: readonly ChangeFinding[];
  leftOut: readonly string[];
}): string {
  const { fileCount, findings, leftOut } = checked;
  const files = fileCount === 1 ? "one changed file" : `${fileCount} changed files`;
  const rest =
    leftOut.length === 0
      ? []
      : [
          `Not looked at (too large, too many, or no text): ${leftOut
            .slice(0, 5)
            .map((path) => inlineCode(path))
            .join(", ")}${leftOut.length > 5 ? ` and ${leftOut.length - 5} more` : ""}.`,
        ];
  if (fileCount === 0) {
    return ["Nothing differs from the last commit.", ...rest].join("\n\n");
  }
  if (findings.length === 0) {
    return [`Nothing to take back in ${files}.`, ...rest].join("\n\n");
  }
  const shown = findings
    .slice(0, MAX_SHOWN)
    .map(({ path, line, message }) => `- ${inlineCode(`${path}:${line + 1}`)} ${message}`);
  const more = findings.length > MAX_SHOWN ? [`and ${findings.length - MAX_SHOWN} more.`] : [];
  return [`To take back or mend in ${files}:`, shown.join("\n"), ...more, ...rest].join("\n\n");
}
