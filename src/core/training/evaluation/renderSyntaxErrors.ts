import { inlineCode } from "../../base/markdown.ts";
import type { TrainingAudit } from "../audit/trainingAudit.ts";

/** What could be read of a file, and whether that is all of it. */
export type AuditedFile = Pick<TrainingAudit, "label" | "syntaxErrorLine">;

/** A sentence for each file that is no Python somewhere: an audit sees only what is. */
export function renderSyntaxErrors(files: readonly AuditedFile[]): string[] {
  return files.flatMap(({ label, syntaxErrorLine }) =>
    syntaxErrorLine === undefined
      ? []
      : [
          `${inlineCode(`${label}:${syntaxErrorLine + 1}`)} is not Python, so what follows may miss something. Mend this line first.`,
        ],
  );
}
