import * as z from "zod";
import type { ChangeFinding } from "../agents/change/changedFile.ts";
import { describeChange } from "../agents/change/describeChange.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const checkChangeSchema = z.strictObject({
  scope: z
    .array(printableText(1000))
    .max(50)
    .optional()
    .describe(
      "Files or folders that the request is about, relative to the repository. Changed files outside of them are listed.",
    ),
});

export type CheckChangeInput = z.infer<typeof checkChangeSchema>;

export type CheckedChange = {
  fileCount: number;
  findings: readonly ChangeFinding[];
  /** Changed files that were not looked at. */
  leftOut: readonly string[];
};

export type ChangePorts = {
  /** Contract: reads only. Throws UserError where there is nothing to compare with. */
  checkChange(scope: readonly string[], signal: AbortSignal): Promise<CheckedChange>;
};

/** What a reviewer would ask to take back from the uncommitted changes. */
export function checkChangeTool(ports: ChangePorts) {
  return defineTool<CheckChangeInput>({
    name: "trainyard_check_change",
    referenceName: "trainyardCheckChange",
    displayName: "Check Change",
    userDescription: "What in the uncommitted changes is placeholder, unrelated, duplicated or too complex",
    modelDescription:
      "Looks at everything that differs from the last commit and lists, with file and line: credentials, new dependencies, swallowed exceptions, placeholder comments, edits that change " +
      "no behaviour or lie outside of the request, blocks of code that stand twice, and functions that grew to ten or more paths. " +
      "Reads only. Call it once after you have edited files, before you say that you are done, and take back or mend what it lists.",
    icon: "$(checklist)",
    input: checkChangeSchema,
    progress: () => "Looking at the uncommitted changes",
    async run({ scope }, signal) {
      const checked = await ports.checkChange(scope ?? [], signal);
      return { text: describeChange(checked), data: checked };
    },
  });
}
