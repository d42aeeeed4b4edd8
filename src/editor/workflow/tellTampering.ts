import * as vscode from "vscode";
import { nameWorkflow } from "../../core/workflow/phaseNames.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";

/**
 * Says at once that a journal was changed from outside, whatever the person is doing. In one line and without buttons, which
 * would lie over the input of the chat; the chat, the status and the view say the rest until the person has gone on.
 */
export function tellTampering(state: WorkflowState): void {
  const what =
    state.rewound === undefined
      ? "something other than Trainyard wrote into its journal, which does not count. /status says what."
      : "its journal was changed outside of Trainyard, so it waits for your confirmation. /status says how.";
  void vscode.window.showWarningMessage(`${nameWorkflow(state)}: ${what}`);
}
