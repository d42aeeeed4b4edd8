import { findSecret } from "../../base/secrets.ts";
import { addedLines, type ChangedFile, type ChangeFinding } from "./changedFile.ts";

/** Added lines that look like a credential; the message does not repeat it. */
export function findAddedSecrets(file: ChangedFile): ChangeFinding[] {
  return addedLines(file).flatMap(({ line, text }) => {
    const secret = findSecret(text);
    return secret === undefined
      ? []
      : [
          {
            rule: "added-secret" as const,
            path: file.path,
            line,
            message: `This looks like ${secret.kind}. Read it from the environment or a secret store, and renew it if it was ever pushed.`,
          },
        ];
  });
}
